package io.vipscope.core.finding;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.flow.VipFrame;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who uses a VIP while another host holds it, by the MACs of the frames.
 *
 * <p>{@code stale-owner}: a host opens a flow from a VIP, or answers for it (in a flow that was
 * opened towards the VIP, or to ARP and ND), while another host has been known to hold it for a
 * second. {@code stale-neighbour}: frames for a VIP go to the MAC of a former holder two seconds
 * after the change or later. {@code vip-flow-outlives-ownership}: payload of a flow that began in a
 * host's own time as holder, sent by it later than a second after another host took over. {@code
 * vip-flow-moved}: such a TCP flow is continued with payload by the new holder, within a window
 * (2^30 bytes) of where the old one was.
 *
 * <p>The sensor may have missed the advert with which the VIP has just changed hands. So the other
 * one must prove that it holds the VIP still: by an advert after the frame; a holder that adverts
 * do not name, by no claim of anybody else for half a second. A host that advertises the VIP itself
 * is left out, and one that claims it has the time for an advert first: that is a split brain, or
 * not over yet. Ownership that rests on traffic alone shows nothing.
 */
final class HolderWatch {

  private static final long LOST_NS = 1_000_000_000L;
  private static final long GOES_ON_NS = 500_000_000L;

  /** An advert of the loser may cross that of the winner. */
  private static final long CROSSING_NS = 50_000_000L;

  /** The longest interval that VRRPv3 knows is 41 s. */
  private static final long PATIENCE_NS = 60_000_000_000L;

  /** Where nothing was heard of the VIP before, a holder counts when it was known for so long. */
  private static final long KNOWN_NS = 100_000_000L;

  private static final long NEIGHBOUR_NS = 2_000_000_000L;
  private static final long QUIET_NS = 10_000_000_000L;

  /** keepalived claims twice: at once, and again after garp_master_delay, by default 5 s. */
  private static final long CLAIMING_NS = 10_000_000_000L;

  private static final int WINDOW = 1 << 30;
  private static final int MAX_FLOWS = 100_000;
  private static final int MAX_WAITING = 10_000;

  /**
   * A frame that shows something if the holder of its time is the holder still.
   *
   * @param host the host that used the VIP, or that the frame was sent to
   * @param what completes the sentence of the finding
   */
  private record Use(
      FindingKind kind,
      int segment,
      IpAddress vip,
      String host,
      long flowId,
      long frame,
      long tsNs,
      long flowStartNs,
      String what) {}

  private record Place(int segment, IpAddress vip, String host) {}

  private record Tail(String host, int seq) {}

  private final HostDirectory hosts;
  private final OwnershipTimeline timeline;
  private final AdvertWatch adverts;
  private final FindingLog log;
  private final boolean segments;
  private final Deque<Use> waiting = new ArrayDeque<>();

  /** The last advert of a host that names a VIP. */
  private final Map<Place, ControlEvent.Advert> advertised = new HashMap<>();

  /** When a host last began to claim a VIP, as a new master does after its first advert. */
  private final Map<Place, Long> claimed = new HashMap<>();

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
      OwnershipTimeline timeline,
      AdvertWatch adverts,
      FindingLog log,
      boolean segments) {
    this.hosts = hosts;
    this.timeline = timeline;
    this.adverts = adverts;
    this.log = log;
    this.segments = segments;
  }

  void opened(FlowRecord f) {
    boolean opens =
        f.openerSeen()
            && !f.icmpMessage()
            && !f.firstFrameReset()
            && !f.orphanFragment()
            && f.opener() != Opener.UNKNOWN
            && f.opener() != Opener.LISTENER;
    if (opens) {
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
    if (f.openerSeen()) {
      reached(f.vlan(), f.dst(), f.dstMac(), f.flowId(), f.flowId(), f.startNs());
    }
  }

  void used(VipFrame f) {
    reached(f.vlan(), f.dst(), f.dstMac(), f.flowId(), f.frame(), f.tsNs());
    if (!hosts.isVip(f.vlan(), f.src()) || f.reset() || MacAddress.isVirtualRouter(f.srcMac())) {
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
    String host = hosts.hostOfMac(f.vlan(), f.srcMac());
    if (f.payload() && host != null) {
      payload(f, host);
    }
  }

  void heard(ControlEvent event) {
    switch (event) {
      case ControlEvent.Claim c -> {
        claims(c);
        uses(
            c.segment(),
            c.address(),
            c.mac(),
            Sighting.NO_FLOW,
            c.frame(),
            c.tsNs(),
            c.tsNs(),
            "claims it");
      }
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
      case ControlEvent.Advert a -> {
        String byAddress = hosts.hostOfAddress(a.segment(), a.source());
        String host = byAddress != null ? byAddress : hosts.hostOfMac(a.segment(), a.frameMac());
        if (host != null && a.priority() > 0) {
          a.addresses().forEach(vip -> advertised.put(place(a.segment(), vip, host), a));
        }
      }
    }
  }

  /** A host that holds the VIP again uses what is its own. */
  void changed(Ownership o) {
    String host = o.host();
    if (host != null && o.heard()) {
      String subject = subject(o.segment(), o.vip(), host);
      log.resolve(FindingKind.STALE_OWNER, subject, o.sinceNs());
      log.resolve(FindingKind.STALE_NEIGHBOUR, subject, o.sinceNs());
      log.resolve(FindingKind.VIP_FLOW_OUTLIVES_OWNERSHIP, subject, o.sinceNs());
    }
  }

  private void claims(ControlEvent.Claim c) {
    String host =
        hosts.isVip(c.segment(), c.address()) ? hosts.hostOfMac(c.segment(), c.mac()) : null;
    if (host != null) {
      Place place = place(c.segment(), c.address(), host);
      Long before = claimed.get(place);
      if (before == null || c.tsNs() - before > CLAIMING_NS) {
        claimed.put(place, c.tsNs());
      }
    }
  }

  private Place place(int segment, IpAddress vip, String host) {
    return new Place(segments ? segment : -1, vip, host);
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
    String host = hosts.isVip(segment, vip) ? hosts.hostOfMac(segment, mac) : null;
    if (host != null && heldByAnother(segment, vip, host, tsNs)) {
      await(
          new Use(
              FindingKind.STALE_OWNER, segment, vip, host, flowId, frame, tsNs, flowStartNs, how));
    }
  }

  /** A frame for a VIP, if it is for one, went to a MAC. */
  private void reached(int segment, IpAddress vip, long mac, long flowId, long frame, long tsNs) {
    boolean names = hosts.isVip(segment, vip) && mac >= 0 && !MacAddress.isVirtualRouter(mac);
    String host = names ? hosts.hostOfMac(segment, mac) : null;
    if (host != null && heldByAnother(segment, vip, host, tsNs)) {
      await(
          new Use(
              FindingKind.STALE_NEIGHBOUR,
              segment,
              vip,
              host,
              flowId,
              frame,
              tsNs,
              tsNs,
              new MacAddress(mac).toString()));
    }
  }

  private void payload(VipFrame f, String host) {
    boolean tcp = f.protocol() == Protocols.TCP;
    boolean own = began(f.vlan(), f.src(), f.flowStartNs(), host);
    Ownership holder = sole(f.vlan(), f.src(), f.tsNs() - LOST_NS, f.tsNs());
    if (own) {
      if (tcp && (holder == null || host.equals(holder.host()))) {
        tails.put(f.flowId(), new Tail(host, f.tcpSeq()));
      }
      if (heldByAnother(f.vlan(), f.src(), host, f.tsNs())) {
        await(
            new Use(
                FindingKind.VIP_FLOW_OUTLIVES_OWNERSHIP,
                f.vlan(),
                f.src(),
                host,
                f.flowId(),
                f.frame(),
                f.tsNs(),
                f.flowStartNs(),
                f.dst().toString()));
      }
    } else if (tcp && holder != null && host.equals(holder.host())) {
      moved(f, host);
    }
  }

  private void moved(VipFrame f, String host) {
    Tail tail = tails.get(f.flowId());
    if (tail == null
        || tail.host().equals(host)
        || Math.abs((long) (f.tcpSeq() - tail.seq())) > WINDOW) {
      return;
    }
    log.see(
        new Sighting(
                FindingKind.VIP_FLOW_MOVED,
                subject(f.vlan(), f.src(), host),
                Severity.INFO,
                host,
                f.src(),
                f.tsNs(),
                f.tsNs(),
                f.frame(),
                f.flowId(),
                host
                    + " continues a flow of "
                    + f.src()
                    + " with "
                    + f.dst()
                    + " that began at "
                    + tail.host(),
                List.of("ssh " + host + " conntrack -L -d " + f.src()))
            .in(segments ? f.vlan() : -1),
        f.tsNs());
  }

  /** What the holder of its time does is in order, and what happens without one shows nothing. */
  private boolean heldByAnother(int segment, IpAddress vip, String host, long tsNs) {
    Ownership holder = timeline.at(segment, vip, tsNs);
    return holder != null && holder.host() != null && holder.heard() && !holder.host().equals(host);
  }

  private void await(Use u) {
    if (waiting.size() < MAX_WAITING) {
      waiting.add(u);
    }
  }

  void advance(long nowNs) {
    waiting.removeIf(u -> isDone(u, nowNs));
    log.quiet(FindingKind.STALE_OWNER, QUIET_NS, nowNs);
    log.quiet(FindingKind.STALE_NEIGHBOUR, QUIET_NS, nowNs);
    log.quiet(FindingKind.VIP_FLOW_OUTLIVES_OWNERSHIP, QUIET_NS, nowNs);
    log.quiet(FindingKind.VIP_FLOW_MOVED, QUIET_NS, nowNs);
  }

  /** Whether nothing more is to be waited for; then the use was looked at, or shows nothing. */
  private boolean isDone(Use u, long nowNs) {
    Ownership then = timeline.at(u.segment(), u.vip(), u.tsNs());
    Ownership now = timeline.at(u.segment(), u.vip(), nowNs);
    String holder = then == null ? null : then.host();
    if (then == null
        || holder == null
        || now == null
        || !holder.equals(now.host())
        || nowNs - u.tsNs() > PATIENCE_NS) {
      return true;
    }
    long provenNs = u.tsNs() + GOES_ON_NS;
    if (now.vrid() >= 0) {
      ControlEvent.Advert proof = advertised.get(place(u.segment(), u.vip(), holder));
      if (proof == null
          || proof.tsNs() < u.tsNs() + CROSSING_NS
          || mayBeMaster(u, proof.intervalNs(), nowNs)) {
        return false;
      }
      provenNs = proof.tsNs();
    } else if (nowNs <= provenNs) {
      return false;
    }
    look(u, provenNs, nowNs);
    return true;
  }

  /**
   * Whether a host that has claimed the VIP has not had the time for a second advert since: the
   * sensor may have missed the first one of a split brain.
   */
  private boolean mayBeMaster(Use u, long intervalNs, long nowNs) {
    Long claimedNs = claimed.get(place(u.segment(), u.vip(), u.host()));
    return claimedNs != null && nowNs - claimedNs < intervalNs + intervalNs / 2;
  }

  private void look(Use u, long provenNs, long nowNs) {
    long beforeNs = u.kind() == FindingKind.STALE_NEIGHBOUR ? NEIGHBOUR_NS : LOST_NS;
    Ownership holder = sole(u.segment(), u.vip(), u.tsNs() - beforeNs, u.tsNs());
    if (holder == null
        || sole(u.segment(), u.vip(), u.tsNs(), provenNs) == null
        || adverts.advertises(u.segment(), u.vip(), u.host(), holder.sinceNs(), nowNs)) {
      return;
    }
    String other = String.valueOf(holder.host());
    switch (u.kind()) {
      case STALE_OWNER -> {
        if (!began(u.segment(), u.vip(), u.flowStartNs(), u.host())) {
          see(u, Severity.CRITICAL, staleOwner(u, other), staleOwnerNext(u), nowNs);
        }
      }
      case STALE_NEIGHBOUR -> {
        if (!MacAddress.isVirtualRouter(holder.mac())
            && formerHolder(u.segment(), u.vip(), u.host(), u.tsNs())) {
          see(
              u,
              Severity.CRITICAL,
              "frames for "
                  + u.vip()
                  + " still go to "
                  + u.what()
                  + " of "
                  + u.host()
                  + ", which does not hold it any more; "
                  + other
                  + " does",
              List.of(Commands.neighbours(u.vip()), Commands.announce(other, u.vip(), null)),
              nowNs);
        }
      }
      default ->
          see(
              u,
              Severity.WARNING,
              u.host()
                  + " still sends payload from "
                  + u.vip()
                  + " to "
                  + u.what()
                  + ", in a flow that began while it held the VIP; "
                  + other
                  + " holds it now",
              List.of(
                  Commands.showAddress(u.host(), u.vip()),
                  "ssh " + u.host() + " ss -tan src " + u.vip()),
              nowNs);
    }
  }

  private static String staleOwner(Use u, String other) {
    return u.host()
        + " does not hold "
        + u.vip()
        + ", "
        + other
        + " does, but "
        + u.host()
        + " "
        + u.what();
  }

  private static List<String> staleOwnerNext(Use u) {
    return List.of(
        Commands.showAddress(u.host(), u.vip()),
        "ssh " + u.host() + " ip route show table all src " + u.vip(),
        "ssh " + u.host() + " nft list ruleset",
        Commands.keepalivedLog(u.host()));
  }

  private void see(Use u, Severity severity, String text, List<String> next, long nowNs) {
    log.see(
        new Sighting(
                u.kind(),
                subject(u.segment(), u.vip(), u.host()),
                severity,
                u.host(),
                u.vip(),
                u.tsNs(),
                u.tsNs(),
                u.frame(),
                u.flowId(),
                text,
                next)
            .in(segments ? u.segment() : -1),
        nowNs);
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
      if (o.host() == null || !o.heard() || holder != null && !o.host().equals(holder.host())) {
        return null;
      }
      holder = o;
      if (o.sinceNs() <= fromNs) {
        return holder;
      }
    }
    return holder != null && toNs - holder.sinceNs() >= KNOWN_NS ? holder : null;
  }

  /** Whether a flow began while the host held the VIP. */
  private boolean began(int segment, IpAddress vip, long flowStartNs, String host) {
    for (Ownership o : timeline.history(segment, vip).reversed()) {
      if (o.sinceNs() <= flowStartNs) {
        return host.equals(o.host());
      }
    }
    return false;
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
