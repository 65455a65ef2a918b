package io.vipscope.core.finding;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.HostDirectory;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.ownership.OwnershipTimeline;
import io.vipscope.core.verdict.Severity;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@code address-conflict}: a MAC that is no audited host's, no virtual router's and no speaker's
 * of that VIP is the sender in two ARP or ND messages for a VIP that a known host holds (RFC 5227
 * section 2.4). The MAC is the one within the message, not that of the Ethernet frame. Copies of
 * one frame count once.
 *
 * <p>Where a mirror tags one direction only, the holder speaks without a tag and the others with
 * one, or the reverse. It shows where a MAC is spoken to in the one segment and speaks in the other
 * alone; then the two are one here.
 */
final class ConflictWatch {

  /** Two copies of a frame on a mirror are some microseconds apart; two claims are not. */
  private static final long COPY_NS = 20_000;

  /** A claim is looked at so much later: by then an advert has told of a new speaker. */
  private static final long PATIENCE_NS = 900_000_000L;

  private static final long QUIET_NS = 60_000_000_000L;
  private static final long GROUP_BIT = 1L << 40;
  private static final int MAX_CLAIMANTS = 10_000;
  private static final int MAX_MACS = 10_000;
  private static final int NO_VLAN = -1;

  private record Claimant(int segment, IpAddress vip, long mac) {}

  private record Claim(Claimant claimant, long frame, long tsNs) {}

  private final HostDirectory hosts;
  private final OwnershipTimeline timeline;
  private final FindingLog log;
  private final Map<IpAddress, Set<Long>> speakers = new HashMap<>();
  private final Map<Claimant, Claim> first = new HashMap<>();
  private final Deque<Claim> waiting = new ArrayDeque<>();

  /** In which segments a MAC is the destination of flows' frames, and in which it is the source. */
  private final Map<Long, Set<Integer>> spokenTo = new HashMap<>();

  private final Map<Long, Set<Integer>> speaks = new HashMap<>();

  ConflictWatch(HostDirectory hosts, OwnershipTimeline timeline, FindingLog log) {
    this.hosts = hosts;
    this.timeline = timeline;
    this.log = log;
  }

  /** The first frame of a flow. */
  void seen(int segment, long srcMac, long dstMac) {
    note(speaks, srcMac, segment);
    note(spokenTo, dstMac, segment);
  }

  private static void note(Map<Long, Set<Integer>> where, long mac, int segment) {
    if (mac > 0 && (mac & GROUP_BIT) == 0 && (where.size() < MAX_MACS || where.containsKey(mac))) {
      where.computeIfAbsent(mac, _ -> new HashSet<>()).add(segment);
    }
  }

  void heard(ControlEvent event) {
    note(speaks, event.frameMac(), event.segment());
    switch (event) {
      case ControlEvent.Advert a -> {
        for (IpAddress vip : a.addresses()) {
          speakers.computeIfAbsent(vip, _ -> new HashSet<>()).add(a.frameMac());
        }
      }
      case ControlEvent.Claim c -> claim(c.segment(), c.address(), c.mac(), c.frame(), c.tsNs());
      case ControlEvent.Binding b -> claim(b.segment(), b.address(), b.mac(), b.frame(), b.tsNs());
    }
  }

  private void claim(int segment, IpAddress vip, long mac, long frame, long tsNs) {
    if (hosts.isVip(segment, vip) && isStrange(segment, vip, mac)) {
      waiting.add(new Claim(new Claimant(segment, vip, mac), frame, tsNs));
    }
  }

  private boolean isStrange(int segment, IpAddress vip, long mac) {
    return mac > 0
        && (mac & GROUP_BIT) == 0
        && hosts.hostOfMac(segment, mac) == null
        && !MacAddress.isVirtualRouter(mac)
        && !speakers.getOrDefault(vip, Set.of()).contains(mac);
  }

  void advance(long nowNs) {
    while (!waiting.isEmpty() && nowNs - waiting.getFirst().tsNs() >= PATIENCE_NS) {
      look(waiting.removeFirst(), nowNs);
    }
    log.quiet(FindingKind.ADDRESS_CONFLICT, QUIET_NS, nowNs);
  }

  /** Who holds the VIP in the claim's segment; null: nothing was heard of it there. */
  private @Nullable Ownership holder(Claimant who, long tsNs) {
    Ownership here = timeline.at(who.segment(), who.vip(), tsNs);
    if (here != null && here.heard()) {
      return here;
    }
    for (int other : others(who.segment())) {
      Ownership there = timeline.at(other, who.vip(), tsNs);
      if (there != null && there.host() != null) {
        return there;
      }
    }
    return here;
  }

  /** The segments that are one with this, but for a tag in one direction. */
  private Set<Integer> others(int segment) {
    Set<Integer> found = new TreeSet<>();
    spokenTo.forEach((mac, to) -> {
      Set<Integer> from = speaks.getOrDefault(mac, Set.of());
      for (int there : to) {
        for (int here : from) {
          boolean oneTag = (there == NO_VLAN) != (here == NO_VLAN);
          if (oneTag && !from.contains(there)) {
            if (there == segment) {
              found.add(here);
            } else if (here == segment) {
              found.add(there);
            }
          }
        }
      }
    });
    return found;
  }

  private void look(Claim claim, long nowNs) {
    Claimant who = claim.claimant();
    if (!isStrange(who.segment(), who.vip(), who.mac())) {
      return;
    }
    Ownership holder = holder(who, claim.tsNs());
    if (holder == null
        || holder.host() == null
        || !holder.heard()
        || first.size() >= MAX_CLAIMANTS && !first.containsKey(who)) {
      return;
    }
    Claim before = first.putIfAbsent(who, claim);
    if (before == null || claim.tsNs() - before.tsNs() < COPY_NS) {
      return;
    }
    String mac = new MacAddress(who.mac()).toString();
    log.see(
        new Sighting(
                FindingKind.ADDRESS_CONFLICT,
                who.vip() + " " + mac + (who.segment() < 0 ? "" : " vlan-" + who.segment()),
                Severity.CRITICAL,
                holder.host(),
                who.vip(),
                before.tsNs(),
                claim.tsNs(),
                claim.frame(),
                Sighting.NO_FLOW,
                mac
                    + ", which is no audited host's, says that it has the VIP "
                    + who.vip()
                    + ", which "
                    + holder.host()
                    + " holds",
                List.of(
                    Commands.neighbours(who.vip()),
                    Commands.whoElseHas(holder.host(), who.vip()),
                    "on the switch: bridge fdb show | grep " + mac))
            .in(who.segment()),
        nowNs);
  }
}
