package io.vipscope.core.finding;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.flow.VipFrame;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who uses a VIP while another host holds it, by the MACs of the frames.
 *
 * <p>{@code stale-owner}: a host opens a flow from a VIP, or answers for it (in a flow that was
 * opened towards the VIP, or to ARP and ND), while another host has been known to hold it for a
 * second and goes on doing so for half a second. {@code stale-neighbour}: frames for a VIP go to
 * the MAC of a former holder two seconds after the change or later. {@code
 * vip-flow-outlives-ownership}: payload of a flow that began in a host's own time as holder, sent
 * by it later than a second after another host took over. {@code vip-flow-moved}: such a TCP flow
 * is continued with payload by the new holder, within a window (2^30 bytes) of where the old one
 * was.
 *
 * <p>A host that advertises the VIP itself at that time is left out: that is a split brain, or not
 * over yet. Ownership that rests on traffic alone shows nothing.
 */
final class HolderWatch {

  private static final long LOST_NS = 1_000_000_000L;
  private static final long GOES_ON_NS = 500_000_000L;

  /** Where nothing was heard of the VIP before, a holder counts when it was known for so long. */
  private static final long KNOWN_NS = 600_000_000L;

  private static final long NEIGHBOUR_NS = 2_000_000_000L;
  private static final long QUIET_NS = 10_000_000_000L;
  private static final int WINDOW = 1 << 30;
  private static final int MAX_FLOWS = 100_000;

  private record Use(
      int segment,
      IpAddress vip,
      String host,
      long flowId,
      long frame,
      long tsNs,
      long flowStartNs,
      String how) {}

  private record Tail(String host, int seq) {}

  private final HostDirectory hosts;
  private final Predicate<IpAddress> isVip;
  private final OwnershipTimeline timeline;
  private final AdvertWatch adverts;
  private final FindingLog log;
  private final Deque<Use> waiting = new ArrayDeque<>();

  /** Where the holder of its time was in a TCP flow from a VIP. */
  private final Map<Long, Tail> tails =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Tail> eldest) {
          return size() > MAX_FLOWS;
        }
      };

  HolderWatch(
      HostDirectory hosts,
      Predicate<IpAddress> isVip,
      OwnershipTimeline timeline,
      AdvertWatch adverts,
      FindingLog log) {
    this.hosts = hosts;
    this.isVip = isVip;
    this.timeline = timeline;
    this.adverts = adverts;
    this.log = log;
  }

  void opened(FlowRecord f) {
    boolean opens =
        f.openerSeen()
            && !f.icmpMessage()
            && !f.firstFrameReset()
            && !f.orphanFragment()
            && f.opener() != Opener.UNKNOWN
            && f.opener() != Opener.LISTENER;
    if (opens && isVip.test(f.src())) {
      uses(
          f.vlan(),
          f.src(),
          f.srcMac(),
          f.flowId(),
          f.flowId(),
          f.startNs(),
          f.startNs(),
          "opens flows from it");
    }
    if (f.openerSeen() && isVip.test(f.dst())) {
      reached(f.vlan(), f.dst(), f.dstMac(), f.flowId(), f.flowId(), f.startNs());
    }
  }

  void used(VipFrame f) {
    if (isVip.test(f.dst())) {
      reached(f.vlan(), f.dst(), f.dstMac(), f.flowId(), f.frame(), f.tsNs());
    }
    if (!isVip.test(f.src()) || f.reset() || MacAddress.isVirtualRouter(f.srcMac())) {
      return;
    }
    if (!f.forward()) {
      uses(
          f.vlan(),
          f.src(),
          f.srcMac(),
          f.flowId(),
          f.frame(),
          f.tsNs(),
          f.flowStartNs(),
          "answers for it");
    }
    String host = hosts.hostOfMac(f.srcMac());
    if (f.payload() && host != null) {
      payload(f, host);
    }
  }

  void heard(ControlEvent event) {
    switch (event) {
      case ControlEvent.Claim c ->
          uses(
              c.segment(),
              c.address(),
              c.mac(),
              Sighting.NO_FLOW,
              c.frame(),
              c.tsNs(),
              c.tsNs(),
              "claims it");
      case ControlEvent.Binding b -> {
        if (b.reply()) {
          uses(
              b.segment(),
              b.address(),
              b.mac(),
              Sighting.NO_FLOW,
              b.frame(),
              b.tsNs(),
              b.tsNs(),
              "answers for it");
        }
      }
      case ControlEvent.Advert _ -> {}
    }
  }

  private void uses(
      int segment,
      IpAddress vip,
      long mac,
      long flowId,
      long frame,
      long tsNs,
      long flowStartNs,
      String how) {
    String host = isVip.test(vip) ? hosts.hostOfMac(mac) : null;
    if (host != null) {
      waiting.add(new Use(segment, vip, host, flowId, frame, tsNs, flowStartNs, how));
    }
  }

  void advance(long nowNs) {
    while (!waiting.isEmpty() && nowNs - waiting.getFirst().tsNs() > GOES_ON_NS) {
      stale(waiting.removeFirst(), nowNs);
    }
    log.quiet(FindingKind.STALE_OWNER, QUIET_NS, nowNs);
    log.quiet(FindingKind.STALE_NEIGHBOUR, QUIET_NS, nowNs);
    log.quiet(FindingKind.VIP_FLOW_OUTLIVES_OWNERSHIP, QUIET_NS, nowNs);
    log.quiet(FindingKind.VIP_FLOW_MOVED, QUIET_NS, nowNs);
  }

  /**
   * The one host that is known to hold a VIP from one time to another, or from the first word about
   * it on; null if none is.
   */
  private @Nullable Ownership sole(int segment, IpAddress vip, long fromNs, long toNs) {
    Ownership holder = null;
    for (Ownership o : timeline.history(segment, vip).reversed()) {
      if (o.sinceNs() > toNs) {
        continue;
      }
      if (o.host() == null
          || o.evidence() == Evidence.TRAFFIC
          || holder != null && !o.host().equals(holder.host())) {
        return null;
      }
      holder = o;
      if (o.sinceNs() <= fromNs) {
        return holder;
      }
    }
    return holder != null && toNs - holder.sinceNs() >= KNOWN_NS ? holder : null;
  }

  private void stale(Use u, long nowNs) {
    Ownership holder = sole(u.segment(), u.vip(), u.tsNs() - LOST_NS, u.tsNs() + GOES_ON_NS);
    if (holder == null
        || u.host().equals(holder.host())
        || began(u.segment(), u.vip(), u.flowStartNs(), u.host())
        || advertises(u.segment(), u.vip(), u.host(), holder, nowNs)) {
      return;
    }
    log.see(
        new Sighting(
            FindingKind.STALE_OWNER,
            subject(u.segment(), u.vip(), u.host()),
            Severity.CRITICAL,
            u.host(),
            u.vip(),
            u.tsNs(),
            u.tsNs(),
            u.frame(),
            u.flowId(),
            u.host()
                + " does not hold "
                + u.vip()
                + ", "
                + holder.host()
                + " does, but "
                + u.host()
                + " "
                + u.how(),
            List.of(
                Commands.showAddress(u.host(), u.vip()),
                "ssh " + u.host() + " ip route show table all src " + u.vip(),
                "ssh " + u.host() + " nft list ruleset",
                Commands.keepalivedLog(u.host()))),
        nowNs);
  }

  /** Whether the flow began while the host held the VIP, or within a second after. */
  private boolean began(int segment, IpAddress vip, long flowStartNs, String host) {
    for (Ownership o : timeline.history(segment, vip).reversed()) {
      if (o.sinceNs() <= flowStartNs) {
        return host.equals(o.host());
      }
    }
    return false;
  }

  private boolean advertises(int segment, IpAddress vip, String host, Ownership holder, long tsNs) {
    return adverts.advertises(segment, vip, host, holder.sinceNs(), tsNs);
  }

  private void payload(VipFrame f, String host) {
    boolean tcp = f.protocol() == Protocols.TCP;
    Ownership holder = sole(f.vlan(), f.src(), f.tsNs() - LOST_NS, f.tsNs());
    boolean own = began(f.vlan(), f.src(), f.flowStartNs(), host);
    if (holder == null || own && host.equals(holder.host())) {
      if (tcp && own) {
        tails.put(f.flowId(), new Tail(host, f.tcpSeq()));
      }
      return;
    }
    if (own && !advertises(f.vlan(), f.src(), host, holder, f.tsNs())) {
      log.see(
          sighting(
              FindingKind.VIP_FLOW_OUTLIVES_OWNERSHIP,
              Severity.WARNING,
              f,
              host,
              host
                  + " still sends payload from "
                  + f.src()
                  + " to "
                  + f.dst()
                  + ", in a flow that began while it held the VIP; "
                  + holder.host()
                  + " holds it now",
              List.of(
                  Commands.showAddress(host, f.src()), "ssh " + host + " ss -tan src " + f.src())),
          f.tsNs());
    } else if (tcp && !own && host.equals(holder.host())) {
      Tail tail = tails.get(f.flowId());
      if (tail != null
          && !tail.host().equals(host)
          && Math.abs((long) (f.tcpSeq() - tail.seq())) <= WINDOW) {
        log.see(
            sighting(
                FindingKind.VIP_FLOW_MOVED,
                Severity.INFO,
                f,
                host,
                host
                    + " continues a flow of "
                    + f.src()
                    + " with "
                    + f.dst()
                    + " that began at "
                    + tail.host(),
                List.of("ssh " + host + " conntrack -L -d " + f.src())),
            f.tsNs());
      }
    }
  }

  private static Sighting sighting(
      FindingKind kind,
      Severity severity,
      VipFrame f,
      String host,
      String text,
      List<String> next) {
    return new Sighting(
        kind,
        subject(f.vlan(), f.src(), host),
        severity,
        host,
        f.src(),
        f.tsNs(),
        f.tsNs(),
        f.frame(),
        f.flowId(),
        text,
        next);
  }

  /** A frame for a VIP went to a MAC. */
  private void reached(int segment, IpAddress vip, long mac, long flowId, long frame, long tsNs) {
    String reached = mac < 0 || MacAddress.isVirtualRouter(mac) ? null : hosts.hostOfMac(mac);
    Ownership holder = reached == null ? null : sole(segment, vip, tsNs - NEIGHBOUR_NS, tsNs);
    if (reached == null
        || holder == null
        || reached.equals(holder.host())
        || MacAddress.isVirtualRouter(holder.mac())
        || !formerHolder(segment, vip, reached, tsNs)
        || advertises(segment, vip, reached, holder, tsNs)) {
      return;
    }
    log.see(
        new Sighting(
            FindingKind.STALE_NEIGHBOUR,
            subject(segment, vip, reached),
            Severity.CRITICAL,
            reached,
            vip,
            tsNs,
            tsNs,
            frame,
            flowId,
            "frames for "
                + vip
                + " still go to "
                + new MacAddress(mac)
                + " of "
                + reached
                + ", which does not hold it any more; "
                + holder.host()
                + " does",
            List.of(Commands.neighbours(vip), Commands.announce(holder.host(), vip, null))),
        tsNs);
  }

  private boolean formerHolder(int segment, IpAddress vip, String host, long tsNs) {
    return timeline.history(segment, vip).stream()
            .anyMatch(o -> o.sinceNs() < tsNs && host.equals(o.host()))
        || adverts.lostSplit(segment, vip, host, tsNs - NEIGHBOUR_NS);
  }

  private static String subject(int segment, IpAddress vip, String host) {
    return host + " " + vip + (segment < 0 ? "" : " vlan-" + segment);
  }
}
