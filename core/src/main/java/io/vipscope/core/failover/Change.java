package io.vipscope.core.failover;

import static io.vipscope.core.failover.Failover.NO_TIME;

import io.vipscope.core.net.IpAddress;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A change of holder while it is going on. */
final class Change {

  /** Who held the VIPs: a host's name, or {@code mac} and a MAC. */
  final String from;

  /** When the old holder was known to be gone, or the new one first heard. */
  final long startNs;

  /** The old holder's advert of priority 0. */
  final long resignedNs;

  final Set<IpAddress> vips = new LinkedHashSet<>();
  final Set<Object> sourceChanges = new HashSet<>();
  final int flows;

  @Nullable String to;
  Trigger trigger = Trigger.UNKNOWN;
  long gainedNs = NO_TIME;
  long lastAdvertOldNs = NO_TIME;
  long firstAdvertNewNs = NO_TIME;
  long firstGarpNs = NO_TIME;
  long firstTrafficNewNs = NO_TIME;

  /** The last frame from a VIP, or advert, of the old holder before the new one's first word. */
  long lastSignOldNs;

  /** The same after it. */
  long overlapEndNs = NO_TIME;

  Change(String from, long startNs, long resignedNs, long lastSignOldNs, int flows) {
    this.from = from;
    this.startNs = startNs;
    this.resignedNs = resignedNs;
    this.lastSignOldNs = lastSignOldNs;
    this.flows = flows;
  }

  /** When the change happened, as far as is known yet. */
  long atNs() {
    return gainedNs == NO_TIME ? startNs : gainedNs;
  }

  /** The old holder was seen using a VIP, or advertising it. */
  void oldSeen(long tsNs) {
    if (gainedNs == NO_TIME || tsNs < gainedNs) {
      lastSignOldNs = Math.max(lastSignOldNs, tsNs);
    } else {
      overlapEndNs = tsNs;
    }
  }

  long darkNs() {
    if (gainedNs == NO_TIME) {
      return -1;
    }
    long serves = Math.min(orNever(firstGarpNs), orNever(firstTrafficNewNs));
    if (serves == Long.MAX_VALUE) {
      serves = gainedNs;
    }
    // It may answer for some milliseconds after it has resigned.
    long served = Math.max(resignedNs, lastSignOldNs);
    if (served == NO_TIME || trigger == Trigger.PREEMPT || trigger == Trigger.PRIORITY_DROP) {
      // The old holder defends the VIPs until it hears the new one's first advert.
      served = gainedNs;
    }
    return Math.max(0, serves - served);
  }

  /** Nobody said when the old holder stopped serving: it was not seen any more. */
  boolean darkAtMost() {
    boolean defended = trigger == Trigger.PREEMPT || trigger == Trigger.PRIORITY_DROP;
    return darkNs() > 0 && !defended && resignedNs == NO_TIME && lastSignOldNs != NO_TIME;
  }

  private static long orNever(long ns) {
    return ns == NO_TIME ? Long.MAX_VALUE : ns;
  }

  long overlapNs() {
    return overlapEndNs == NO_TIME || gainedNs == NO_TIME ? 0 : overlapEndNs - gainedNs;
  }
}
