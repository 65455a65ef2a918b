package io.vipscope.core.ownership;

import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who holds a VIP from a moment on.
 *
 * @param segment VLAN id or -1
 * @param host the audited host, or null: nobody, or nobody known
 * @param mac MAC of the holder, or -1
 * @param vrid virtual router id, or -1 if no advert named this address
 * @param priority of the holder's advert, or -1
 * @param sinceNs capture time of the evidence
 * @param frame number of the frame that shows it; 0 where the absence of frames does
 * @param epoch counts the changes of this VIP, from 1
 * @param holders audited hosts that hold it, answer for it or send from it: the holder first
 * @param atNs capture time at which this became known; later than {@code sinceNs} where a further
 *     host was seen using it, or had stopped to advertise it beside the holder
 */
public record Ownership(
    int segment,
    IpAddress vip,
    @Nullable String host,
    long mac,
    int vrid,
    int priority,
    long sinceNs,
    long frame,
    Evidence evidence,
    int epoch,
    List<String> holders,
    long atNs) {

  public Ownership {
    holders = List.copyOf(holders);
  }

  /** Whether adverts or claims have said so: traffic alone is no word of VRRP. */
  public boolean heard() {
    return evidence != Evidence.TRAFFIC;
  }

  /** The same, and this host uses the VIP too. */
  Ownership with(String further, long tsNs) {
    List<String> all = new ArrayList<>(holders);
    all.add(further);
    return withHolders(all, tsNs);
  }

  /** The same, and this host does not use the VIP any more. */
  Ownership without(String former, long tsNs) {
    return withHolders(holders.stream().filter(h -> !h.equals(former)).toList(), tsNs);
  }

  private Ownership withHolders(List<String> all, long tsNs) {
    return new Ownership(
        segment, vip, host, mac, vrid, priority, sinceNs, frame, evidence, epoch, all, tsNs);
  }
}
