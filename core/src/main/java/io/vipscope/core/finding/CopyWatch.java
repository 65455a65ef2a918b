package io.vipscope.core.finding;

import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.verdict.Severity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code sensor-blind} as a notice: the mirror shows frames twice, as a SPAN port does that copies
 * what its ports receive and what they send. Adverts and ordinary ARP and ND messages tell: nobody
 * sends the same one again within {@value #COPY_NS} ns. Gratuitous ARP is left out, of which
 * keepalived sends bursts.
 */
final class CopyWatch {

  /** As long as {@code --dedup} waits for a copy if nothing else is asked for. */
  private static final long COPY_NS = 100_000;

  private static final long WINDOW_NS = 60_000_000_000L;
  private static final int MIN_COPIES = 8;

  /** A quarter of all messages: half of those that were sent came twice, or more. */
  private static final int SHARE = 4;

  private static final int MAX_MESSAGES = 10_000;
  private static final String SUBJECT = "copies";

  private final FindingLog log;

  /** When a message, but for its place and time, came last. */
  private final Map<ControlEvent, Long> lastNs =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ControlEvent, Long> eldest) {
          return size() > MAX_MESSAGES;
        }
      };

  private long windowNs = Long.MIN_VALUE;
  private long messages;
  private long copies;

  CopyWatch(FindingLog log) {
    this.log = log;
  }

  void heard(ControlEvent event) {
    long tsNs = event.tsNs();
    ControlEvent message =
        switch (event) {
          case ControlEvent.Advert a ->
              new ControlEvent.Advert(
                  0,
                  0,
                  a.segment(),
                  a.frameMac(),
                  a.source(),
                  a.version(),
                  a.vrid(),
                  a.priority(),
                  a.intervalNs(),
                  a.addresses(),
                  a.complete());
          case ControlEvent.Binding b ->
              new ControlEvent.Binding(
                  0, 0, b.segment(), b.frameMac(), b.address(), b.mac(), b.reply());
          case ControlEvent.Claim _ -> null;
        };
    if (message == null) {
      return;
    }
    window(tsNs);
    messages++;
    Long before = lastNs.put(message, tsNs);
    if (before != null && Math.abs(tsNs - before) < COPY_NS) {
      copies++;
      lastNs.remove(message); // a third one is a copy of nothing
      if (isMany()) {
        see(event);
      }
    }
  }

  private boolean isMany() {
    return copies >= MIN_COPIES && copies * SHARE >= messages;
  }

  private void window(long tsNs) {
    if (windowNs == Long.MIN_VALUE || tsNs - windowNs >= WINDOW_NS) {
      if (!isMany()) {
        log.resolve(FindingKind.SENSOR_BLIND, SUBJECT, tsNs);
      }
      windowNs = tsNs;
      messages = 0;
      copies = 0;
    }
  }

  private void see(ControlEvent event) {
    log.see(
        new Sighting(
            FindingKind.SENSOR_BLIND,
            SUBJECT,
            Severity.NOTICE,
            null,
            null,
            windowNs,
            event.tsNs(),
            event.frame(),
            Sighting.NO_FLOW,
            copies
                + " of "
                + messages
                + " VRRP, ARP and ND messages are copies of the one before: the mirror shows frames"
                + " twice, and flows count each of them; --dedup leaves out the second",
            List.of("vipscope audit " + Commands.RUN + " --dedup")),
        event.tsNs());
  }
}
