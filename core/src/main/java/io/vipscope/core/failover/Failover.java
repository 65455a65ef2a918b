package io.vipscope.core.failover;

import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of holder of one VRRP instance. Times are those of the capture, {@link #NO_TIME} where
 * the capture shows no such frame.
 *
 * @param instance its name in keepalived.conf; null without one
 * @param segment VLAN id or -1
 * @param vrid or -1 if no advert named these VIPs
 * @param from the audited host that held them; null if it is none of the audited ones
 * @param to the audited host that took over; null: nobody did, or none of the audited ones
 * @param fromMac MAC of the one that held them where {@code from} is null; -1 if not known
 * @param toMac the same of the one that took over; -1 also if nobody did
 * @param atNs the new holder's first evidence; without one, when the old one was known to be gone
 * @param lastAdvertOldNs the old holder's last advert, also one of priority 0
 * @param firstAdvertNewNs the new holder's first advert
 * @param firstGarpNs its first gratuitous ARP or unsolicited NA for one of the VIPs
 * @param firstTrafficNewNs its first frame of a flow from one of the VIPs
 * @param darkNs for how long nobody served: from the old holder's resignation, or the last that was
 *     seen of it (advert, frame from a VIP) if that is later, to the first claim or frame of the
 *     new one, or else its first advert; 0 if the new one came first; -1 if nobody took over
 * @param darkAtMost the old holder did not resign: it may have served after the last that was seen
 *     of it, and {@code darkNs} is an upper bound
 * @param overlapNs for how long both held the VIPs: from the new holder's first evidence to the
 *     last that was seen of the old one
 * @param flows flows from or to the VIPs that had a frame within the second before
 * @param sourceChanges destinations (host, address, protocol, port) for which another source was
 *     predicted after the change than before it, one of the two being one of these VIPs
 * @param group the {@code vrrp_sync_group} of the instance in keepalived.conf; null without one
 * @param together other instances of that group that went from the same host to the same host
 *     within {@link FailoverLog#TOGETHER_NS}
 */
public record Failover(
    @Nullable String instance,
    int segment,
    int vrid,
    List<IpAddress> vips,
    @Nullable String from,
    @Nullable String to,
    long fromMac,
    long toMac,
    Trigger trigger,
    long atNs,
    long lastAdvertOldNs,
    long firstAdvertNewNs,
    long firstGarpNs,
    long firstTrafficNewNs,
    long darkNs,
    boolean darkAtMost,
    long overlapNs,
    int flows,
    int sourceChanges,
    @Nullable String group,
    List<String> together) {

  /** The capture shows no such frame. */
  public static final long NO_TIME = Long.MIN_VALUE;

  public Failover {
    vips = List.copyOf(vips);
    together = List.copyOf(together);
  }
}
