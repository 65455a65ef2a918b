package io.vipscope.core.finding;

import io.vipscope.core.ownership.ControlEvent;
import org.jspecify.annotations.Nullable;

/** One speaker of a virtual router: the time it has been advertising for without a break. */
final class Voice {

  /** A speaker that was not heard for so many of its intervals has stopped. */
  static final int DOWN_INTERVALS = 3;

  private ControlEvent.@Nullable Advert last;
  private long firstNs;

  /** Its last advert of a priority that is not 0; null if there is none or it has resigned. */
  ControlEvent.@Nullable Advert last() {
    return last;
  }

  /** Its first advert since it last stopped. */
  long firstNs() {
    return firstNs;
  }

  boolean isAlive(long tsNs) {
    ControlEvent.Advert advert = last;
    return advert != null && tsNs - advert.tsNs() <= DOWN_INTERVALS * advert.intervalNs();
  }

  void hear(ControlEvent.Advert advert) {
    if (!isAlive(advert.tsNs())) {
      firstNs = advert.tsNs();
    }
    last = advert.priority() == 0 ? null : advert;
  }
}
