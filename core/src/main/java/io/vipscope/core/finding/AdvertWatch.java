package io.vipscope.core.finding;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.HostDirectory;
import io.vipscope.core.verdict.Severity;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What adverts alone show. {@code vrid-collision}: two live speakers of one segment, family and
 * VRID have no VIP in common. {@code advert-from-vip}: an advert's source is one of its VIPs and it
 * is not the address owner's (priority 255, RFC 9568 section 7.1). {@code split-brain} and {@code
 * no-garp-after-heal}: see {@link Split}.
 */
final class AdvertWatch {

  private static final long QUIET_NS = 10_000_000_000L;

  private record Router(int segment, boolean v6, int vrid) {
    @Override
    public String toString() {
      return "vrid-" + vrid + (v6 ? " ipv6" : " ipv4") + (segment < 0 ? "" : " vlan-" + segment);
    }
  }

  private final HostDirectory hosts;
  private final FindingLog log;
  private final boolean segments;
  private final Map<Router, Map<IpAddress, Voice>> routers = new HashMap<>();
  private final Map<Router, Split> splits = new HashMap<>();

  AdvertWatch(HostDirectory hosts, FindingLog log, boolean segments) {
    this.hosts = hosts;
    this.log = log;
    this.segments = segments;
  }

  void heard(ControlEvent event) {
    switch (event) {
      case ControlEvent.Advert advert -> advert(advert);
      case ControlEvent.Claim claim -> splits.values().forEach(s -> s.claim(claim));
      case ControlEvent.Binding _ -> {}
    }
  }

  private void advert(ControlEvent.Advert a) {
    Router router = new Router(segments ? a.segment() : -1, a.source().v6(), a.vrid());
    Map<IpAddress, Voice> voices = routers.computeIfAbsent(router, _ -> new HashMap<>());
    Voice self = voices.computeIfAbsent(a.source(), _ -> new Voice());
    String host = host(a);
    if (a.priority() != 0 && a.priority() != 255 && a.addresses().contains(a.source())) {
      fromVip(router, a, host);
    }
    for (Voice other : voices.values()) {
      ControlEvent.Advert last = other.last();
      if (last == null || last.source().equals(a.source()) || !other.isAlive(a.tsNs())) {
        continue;
      }
      if (a.priority() == 0) {
        continue;
      }
      if (!Collections.disjoint(a.addresses(), last.addresses())) {
        overlap(router, self, a, other, last);
      } else if (a.complete()
          && last.complete()
          && !a.addresses().isEmpty()
          && !last.addresses().isEmpty()) {
        collision(router, a, last);
      }
    }
    self.hear(a);
    Split split = splits.get(router);
    if (split != null) {
      split.advert(a);
    }
  }

  private @Nullable String host(ControlEvent.Advert a) {
    String byAddress = hosts.hostOfAddress(a.segment(), a.source());
    return byAddress != null ? byAddress : hosts.hostOfMac(a.segment(), a.frameMac());
  }

  private String named(ControlEvent.Advert a) {
    String host = host(a);
    return host == null ? a.source().toString() : host + " (" + a.source() + ")";
  }

  /** Two speakers with a common VIP: the loser's second advert in the winner's time is a split. */
  private void overlap(
      Router router, Voice self, ControlEvent.Advert a, Voice other, ControlEvent.Advert winner) {
    ControlEvent.Advert before = self.last();
    long intervalNs = Math.max(a.intervalNs(), winner.intervalNs());
    boolean again = before != null && self.isAlive(a.tsNs()) && winner.tsNs() > before.tsNs();
    if (!again || !beats(winner, a) || a.tsNs() - other.firstNs() < intervalNs) {
      return;
    }
    Split split = splits.get(router);
    if (split == null) {
      long startNs = Math.max(other.firstNs(), self.firstNs());
      split = new Split(winner, a, startNs, intervalNs);
      splits.put(router, split);
    }
    split.last(winner, a);
    boolean long3 = a.tsNs() - split.startNs() > 3 * intervalNs;
    IpAddress vip = split.vip();
    log.see(
        new Sighting(
                FindingKind.SPLIT_BRAIN,
                router.toString(),
                long3 ? Severity.CRITICAL : Severity.WARNING,
                host(a),
                vip,
                split.startNs(),
                a.tsNs(),
                a.frame(),
                Sighting.NO_FLOW,
                named(winner)
                    + " with priority "
                    + winner.priority()
                    + " and "
                    + named(a)
                    + " with priority "
                    + a.priority()
                    + " both advertise VRID "
                    + a.vrid()
                    + " with "
                    + vip
                    + ": the two do not hear each other, and both hold the address",
                List.of(
                    Commands.watchVrrp(router.segment(), router.v6(), router.vrid()),
                    Commands.showAddress(host(a), vip),
                    Commands.keepalivedLog(host(a)),
                    Commands.neighbours(vip)))
            .in(router.segment()),
        a.tsNs());
  }

  static boolean beats(ControlEvent.Advert one, ControlEvent.Advert other) {
    return one.priority() != other.priority()
        ? one.priority() > other.priority()
        : one.source().compareTo(other.source()) > 0;
  }

  private void collision(Router router, ControlEvent.Advert a, ControlEvent.Advert b) {
    boolean ordered = a.source().compareTo(b.source()) < 0;
    ControlEvent.Advert first = ordered ? a : b;
    ControlEvent.Advert second = ordered ? b : a;
    log.see(
        new Sighting(
                FindingKind.VRID_COLLISION,
                router + " " + first.source() + " " + second.source(),
                Severity.WARNING,
                host(first),
                first.addresses().getFirst(),
                Math.max(a.tsNs(), b.tsNs()),
                a.tsNs(),
                a.frame(),
                Sighting.NO_FLOW,
                named(first)
                    + " advertises "
                    + list(first)
                    + " and "
                    + named(second)
                    + " advertises "
                    + list(second)
                    + ", both with VRID "
                    + a.vrid()
                    + " in one segment: two pairs disturb each other",
                List.of(
                    Commands.watchVrrp(router.segment(), router.v6(), router.vrid()),
                    Commands.keepalivedConf(host(first), first.source(), "virtual_router_id"),
                    Commands.keepalivedConf(host(second), second.source(), "virtual_router_id")))
            .in(router.segment()),
        a.tsNs());
  }

  private static String list(ControlEvent.Advert a) {
    return String.join(", ", a.addresses().stream().map(IpAddress::toString).toList());
  }

  private void fromVip(Router router, ControlEvent.Advert a, @Nullable String host) {
    log.see(
        new Sighting(
                FindingKind.ADVERT_FROM_VIP,
                router + " " + a.source(),
                Severity.WARNING,
                host,
                a.source(),
                a.tsNs(),
                a.tsNs(),
                a.frame(),
                Sighting.NO_FLOW,
                (host == null ? new MacAddress(Math.max(0, a.frameMac())).toString() : host)
                    + " sends its adverts of VRID "
                    + a.vrid()
                    + " from the VIP "
                    + a.source()
                    + " with priority "
                    + a.priority()
                    + ": the VIP is the first address of the interface",
                List.of(
                    Commands.showAddress(host, a.source()),
                    Commands.keepalivedConf(host, a.source(), "mcast_src_ip")))
            .in(router.segment()),
        a.tsNs());
  }

  /**
   * Whether a host advertises a VIP itself while another one holds it: then it takes itself for the
   * master, which is a matter of the election and not of a forgotten address.
   *
   * @param sinceNs since when the other one holds it
   */
  boolean advertises(int segment, IpAddress vip, String host, long sinceNs, long tsNs) {
    for (Map.Entry<Router, Map<IpAddress, Voice>> entry : routers.entrySet()) {
      if (segments && entry.getKey().segment() != segment) {
        continue;
      }
      for (Voice voice : entry.getValue().values()) {
        ControlEvent.Advert last = voice.last();
        if (last != null
            && last.tsNs() >= sinceNs
            && voice.isAlive(tsNs)
            && last.addresses().contains(vip)
            && host.equals(host(last))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a host was the loser of a split of this VIP that was over by then. */
  boolean lostSplit(int segment, IpAddress vip, String host, long tsNs) {
    Split split = healed.get(new Lost(segments ? segment : -1, vip, host));
    return split != null && split.lastNs() <= tsNs;
  }

  private record Lost(int segment, IpAddress vip, String host) {}

  private final Map<Lost, Split> healed = new HashMap<>();

  void advance(long nowNs) {
    log.quiet(FindingKind.VRID_COLLISION, QUIET_NS, nowNs);
    log.quiet(FindingKind.ADVERT_FROM_VIP, QUIET_NS, nowNs);
    splits
        .entrySet()
        .removeIf(e -> {
          Router router = e.getKey();
          Split split = e.getValue();
          if (!split.isOver(nowNs)) {
            return false;
          }
          log.resolve(FindingKind.SPLIT_BRAIN, router.toString(), nowNs);
          String loser = host(split.loser());
          if (loser != null) {
            split.vips().forEach(v -> healed.put(new Lost(router.segment(), v, loser), split));
          }
          if (split.healedSilently()) {
            silent(router, split, nowNs);
          }
          return true;
        });
  }

  private void silent(Router router, Split split, long nowNs) {
    IpAddress vip = split.vip();
    String winner = host(split.winner());
    log.see(
        new Sighting(
                FindingKind.NO_GARP_AFTER_HEAL,
                router.toString(),
                Severity.WARNING,
                winner,
                vip,
                split.lastNs(),
                split.lastNs(),
                split.loser().frame(),
                Sighting.NO_FLOW,
                "the split brain of VRID "
                    + router.vrid()
                    + " is over, but "
                    + named(split.winner())
                    + " has sent no "
                    + (router.v6() ? "neighbour advertisement" : "gratuitous ARP")
                    + " for "
                    + vip
                    + " since: caches may still point to "
                    + named(split.loser()),
                List.of(Commands.neighbours(vip), Commands.announce(winner, vip, null)))
            .in(router.segment()),
        nowNs);
  }
}
