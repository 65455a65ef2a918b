package io.vipscope.core.failover;

import io.vipscope.core.ownership.ControlEvent;

/**
 * What was last seen of one host in one VRRP instance. Times are {@link Failover#NO_TIME} first.
 */
final class Speaker {

  long lastAdvertNs = Failover.NO_TIME;
  int lastPriority = -1;

  /** Its highest priority since it last fell silent or resigned. */
  int highestPriority = -1;

  long intervalNs;

  /** Its last frame from one of the VIPs. */
  long lastUseNs = Failover.NO_TIME;

  void hear(ControlEvent.Advert advert) {
    if (lastPriority <= 0 || advert.tsNs() - lastAdvertNs > 4 * advert.intervalNs()) {
      highestPriority = advert.priority();
    }
    lastAdvertNs = advert.tsNs();
    lastPriority = advert.priority();
    highestPriority = Math.max(highestPriority, advert.priority());
    intervalNs = advert.intervalNs();
  }
}
