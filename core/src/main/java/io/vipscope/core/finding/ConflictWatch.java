package io.vipscope.core.finding;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.Evidence;
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

/**
 * {@code address-conflict}: a MAC that is no audited host's, no virtual router's and no speaker's
 * of that VIP is the sender in two ARP or ND messages for a VIP that a known host holds (RFC 5227
 * section 2.4). The MAC is the one within the message, not that of the Ethernet frame. Copies of
 * one frame count once.
 */
final class ConflictWatch {

  /** Two copies of a frame on a mirror are some microseconds apart; two claims are not. */
  private static final long COPY_NS = 20_000;

  /** A claim is looked at so much later: by then an advert has told of a new speaker. */
  private static final long PATIENCE_NS = 900_000_000L;

  private static final long QUIET_NS = 60_000_000_000L;
  private static final long GROUP_BIT = 1L << 40;
  private static final int MAX_CLAIMANTS = 10_000;

  private record Claimant(int segment, IpAddress vip, long mac) {}

  private record Claim(Claimant claimant, long frame, long tsNs) {}

  private final HostDirectory hosts;
  private final OwnershipTimeline timeline;
  private final FindingLog log;
  private final Map<IpAddress, Set<Long>> speakers = new HashMap<>();
  private final Map<Claimant, Claim> first = new HashMap<>();
  private final Deque<Claim> waiting = new ArrayDeque<>();

  ConflictWatch(HostDirectory hosts, OwnershipTimeline timeline, FindingLog log) {
    this.hosts = hosts;
    this.timeline = timeline;
    this.log = log;
  }

  void heard(ControlEvent event) {
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

  private void look(Claim claim, long nowNs) {
    Claimant who = claim.claimant();
    if (!isStrange(who.segment(), who.vip(), who.mac())) {
      return;
    }
    Ownership holder = timeline.at(who.segment(), who.vip(), claim.tsNs());
    if (holder == null
        || holder.host() == null
        || holder.evidence() == Evidence.TRAFFIC
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
                "on the switch: bridge fdb show | grep " + mac)),
        nowNs);
  }
}
