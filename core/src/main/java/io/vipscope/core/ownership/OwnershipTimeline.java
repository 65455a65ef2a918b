package io.vipscope.core.ownership;

import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who held which VIP since when, built from control events in capture order.
 *
 * <p>Adverts decide by VRRP's election. A gratuitous ARP or unsolicited NA decides where no live
 * master of another host contradicts it. Ownership ends {@link VirtualRouter#UNKNOWN_INTERVALS}
 * advertised intervals after the master's last advert, unless another pair with its VRID keeps it
 * from advertising. One thread uses an instance.
 */
public final class OwnershipTimeline {

  /** A host that loses a VIP may use it so long: its last frames are still under way. */
  private static final long SETTLED_NS = 1_000_000_000L;

  private record Router(int segment, boolean v6, int vrid) {}

  private record Place(int segment, IpAddress vip) {
    // Written out as in IpAddress: every flow asks.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Place p && segment == p.segment && vip.equals(p.vip);
    }

    @Override
    public int hashCode() {
      return segment * 31 + vip.hashCode();
    }
  }

  /**
   * The wire shows a host gaining or losing a VIP.
   *
   * @param initial the first thing ever heard of this VIP: it may have been so before
   */
  public record Change(long tsNs, String host, IpAddress vip, boolean gained, boolean initial) {}

  private final HostDirectory hosts;
  private final boolean segments;
  private final Map<Router, List<VirtualRouter>> routers = new HashMap<>();
  private final Map<Place, VirtualRouter> routerOf = new HashMap<>();
  private final List<VirtualRouter> all = new ArrayList<>();
  private final Map<Place, List<Ownership>> history = new HashMap<>();
  private final Map<String, ChangeLog> changes = new HashMap<>();
  private final Set<IpAddress> advertised = new HashSet<>();
  private final List<Ownership> fresh = new ArrayList<>();

  /**
   * @param hosts also tells the named VIPs; claims for other addresses count only once an advert
   *     named them
   * @param segments whether VLANs are segments of their own, else all are one
   */
  public OwnershipTimeline(HostDirectory hosts, boolean segments) {
    this.hosts = hosts;
    this.segments = segments;
  }

  private int segment(int vlan) {
    return segments ? vlan : FrameHeader.NO_VLAN;
  }

  private Place place(int vlan, IpAddress vip) {
    return new Place(segment(vlan), vip);
  }

  /** Takes one event; returns what changed by it. */
  public List<Ownership> apply(ControlEvent event) {
    fresh.clear();
    expire(event.tsNs());
    switch (event) {
      case ControlEvent.Advert advert -> advert(advert);
      case ControlEvent.Claim claim -> claim(claim);
      case ControlEvent.Binding _ -> {}
    }
    return fresh.isEmpty() ? List.of() : List.copyOf(fresh);
  }

  /** Lets time pass without an event; returns what changed by it. */
  public List<Ownership> advance(long nowNs) {
    fresh.clear();
    expire(nowNs);
    return fresh.isEmpty() ? List.of() : List.copyOf(fresh);
  }

  /**
   * Masters that were silent too long are no longer known to hold anything. What another host has
   * claimed since then stays.
   */
  private void expire(long nowNs) {
    for (VirtualRouter router : all) {
      router.goneRivals(nowNs).forEach(this::gone);
      ControlEvent.Advert last = router.masterAdvert();
      if (last == null || nowNs <= router.unknownAtNs()) {
        continue;
      }
      long endNs = router.unknownAtNs();
      router.expire();
      String silent = sender(last);
      for (IpAddress vip : last.addresses()) {
        Place place = place(last.segment(), vip);
        Ownership current = current(place);
        if (current != null && silent != null && silent.equals(current.host())) {
          set(place, null, -1, last.vrid(), -1, endNs, 0, Evidence.VRRP);
        }
      }
    }
  }

  /**
   * The virtual router of an advert. Two pairs with one VRID, but without a VIP in common, are two:
   * keepalived drops the other pair's adverts.
   */
  private VirtualRouter router(ControlEvent.Advert advert) {
    Router key = new Router(segment(advert.segment()), advert.source().v6(), advert.vrid());
    List<VirtualRouter> known = routers.computeIfAbsent(key, _ -> new ArrayList<>());
    for (VirtualRouter router : known) {
      if (router.shares(advert)) {
        return router;
      }
    }
    VirtualRouter router = new VirtualRouter(advert.vrid());
    known.add(router);
    all.add(router);
    return router;
  }

  private void advert(ControlEvent.Advert advert) {
    VirtualRouter router = router(advert);
    disturbOthers(router, advert);
    ControlEvent.Advert before = router.masterAdvert();
    boolean wasMaster = before != null && before.source().equals(advert.source());
    boolean rivals = router.rivals(advert);
    boolean isMaster = router.hear(advert);
    String sender = sender(advert);
    if (rivals && sender != null) {
      rivals(advert, sender);
    }
    for (IpAddress vip : advert.addresses()) {
      advertised.add(vip);
      Place place = place(advert.segment(), vip);
      routerOf.put(place, router);
      Ownership current = current(place);
      if (isMaster) {
        if (!isHeard(current) || !holds(current, sender, advert.frameMac())) {
          set(
              place,
              sender,
              advert.frameMac(),
              advert.vrid(),
              advert.priority(),
              advert.tsNs(),
              advert.frame(),
              Evidence.VRRP);
        }
      } else if (advert.priority() == 0
          && (wasMaster || current == null || holds(current, sender, advert.frameMac()))) {
        set(place, null, -1, advert.vrid(), 0, advert.tsNs(), advert.frame(), Evidence.VRRP);
        if (!isHeard(current) && sender != null) {
          change(new Change(advert.tsNs(), sender, vip, false, true));
        }
      }
    }
  }

  /** A host goes on advertising beside the master: it holds the VIPs, too. */
  private void rivals(ControlEvent.Advert advert, String sender) {
    for (IpAddress vip : advert.addresses()) {
      Place place = place(advert.segment(), vip);
      Ownership current = current(place);
      if (current != null && current.host() != null && !current.holders().contains(sender)) {
        replace(place, current.with(sender, advert.tsNs()));
      }
    }
  }

  /** It has resigned or fallen silent. */
  private void gone(ControlEvent.Advert last) {
    long atNs = last.priority() == 0 ? last.tsNs() : VirtualRouter.downAfter(last);
    String sender = sender(last);
    for (IpAddress vip : last.addresses()) {
      Place place = place(last.segment(), vip);
      Ownership current = current(place);
      if (sender != null
          && current != null
          && !sender.equals(current.host())
          && current.holders().contains(sender)) {
        replace(place, current.without(sender, atNs));
      }
    }
  }

  /** Tells more of who uses the VIP in the time of one holder. */
  private void replace(Place place, Ownership now) {
    List<Ownership> list = history.get(place);
    if (list != null) {
      list.set(list.size() - 1, now);
      fresh.add(now);
    }
  }

  private void disturbOthers(VirtualRouter router, ControlEvent.Advert advert) {
    Router key = new Router(segment(advert.segment()), advert.source().v6(), advert.vrid());
    for (VirtualRouter other : routers.getOrDefault(key, List.of())) {
      if (other != router) {
        other.disturb(advert);
      }
    }
  }

  /** The audited host that sent an advert: by its IP source, also through a router; else by MAC. */
  public @Nullable String sender(ControlEvent.Advert advert) {
    String byAddress = hosts.hostOfAddress(advert.segment(), advert.source());
    return byAddress != null ? byAddress : hosts.hostOfMac(advert.segment(), advert.frameMac());
  }

  private static boolean isHeard(@Nullable Ownership current) {
    return current != null && current.heard();
  }

  private static boolean holds(@Nullable Ownership current, @Nullable String host, long mac) {
    if (current == null) {
      return false;
    }
    return host != null
        ? host.equals(current.host())
        : current.host() == null && current.mac() == mac;
  }

  private void claim(ControlEvent.Claim claim) {
    if (!hosts.isVip(claim.segment(), claim.address()) && !advertised.contains(claim.address())) {
      return;
    }
    String claimant = hosts.hostOfMac(claim.segment(), claim.mac());
    if (claimant == null) {
      return; // a VRRP MAC does not tell the host; an unknown MAC owns nothing we audit
    }
    Place place = place(claim.segment(), claim.address());
    Ownership current = current(place);
    if (current != null && isHeard(current) && claimant.equals(current.host())) {
      return;
    }
    VirtualRouter router = routerOf.get(place);
    if (router != null && router.masterIsAlive(claim.tsNs())) {
      return; // a live master contradicts it
    }
    Evidence evidence = claim.address().v6() ? Evidence.NA : Evidence.GARP;
    set(
        place,
        claimant,
        claim.mac(),
        router == null ? -1 : router.vrid(),
        -1,
        claim.tsNs(),
        claim.frame(),
        evidence);
  }

  /**
   * A host sends from a VIP, or answers for it. That never moves an ownership which adverts or
   * claims have established; where nothing at all was heard of the VIP, it is all there is.
   *
   * @param host the audited host whose own MAC the frame carries
   * @return what changed by it
   */
  public List<Ownership> use(
      int vlan, IpAddress vip, String host, long mac, long tsNs, long frame) {
    if (!hosts.isVip(vlan, vip)) {
      return List.of();
    }
    Place place = place(vlan, vip);
    Ownership current = current(place);
    if (current == null) {
      Ownership now =
          new Ownership(
              place.segment(),
              vip,
              host,
              mac,
              -1,
              -1,
              tsNs,
              frame,
              Evidence.TRAFFIC,
              1,
              List.of(host),
              tsNs);
      history.computeIfAbsent(place, _ -> new ArrayList<>()).add(now);
      return List.of(now);
    }
    if (current.holders().contains(host) || tsNs - current.sinceNs() < SETTLED_NS) {
      return List.of();
    }
    Ownership now = current.with(host, tsNs);
    List<Ownership> list = history.get(place);
    if (list != null) {
      list.set(list.size() - 1, now);
    }
    return List.of(now);
  }

  private @Nullable Ownership current(Place place) {
    List<Ownership> list = history.get(place);
    return list == null ? null : list.getLast();
  }

  private void set(
      Place place,
      @Nullable String host,
      long mac,
      int vrid,
      int priority,
      long sinceNs,
      long frame,
      Evidence evidence) {
    List<Ownership> list = history.computeIfAbsent(place, _ -> new ArrayList<>());
    Ownership before = list.isEmpty() ? null : list.getLast();
    Ownership now =
        new Ownership(
            place.segment(),
            place.vip(),
            host,
            mac,
            vrid,
            priority,
            sinceNs,
            frame,
            evidence,
            epochAfter(before, host),
            host == null ? List.of() : List.of(host),
            sinceNs);
    list.add(now);
    fresh.add(now);
    String loser = before != null && isHeard(before) ? before.host() : null;
    if (loser != null && !loser.equals(host)) {
      change(new Change(sinceNs, loser, place.vip(), false, false));
    }
    if (host != null) {
      change(new Change(sinceNs, host, place.vip(), true, !isHeard(before)));
    }
  }

  private static int epochAfter(@Nullable Ownership before, @Nullable String host) {
    if (before == null) {
      return 1;
    }
    boolean confirmed = !isHeard(before) && host != null && host.equals(before.host());
    return confirmed ? before.epoch() : before.epoch() + 1;
  }

  private void change(Change change) {
    changes.computeIfAbsent(change.host(), _ -> new ChangeLog()).add(change);
  }

  /** Changes of a host's VIPs so far. */
  public ChangeLog changesOf(String host) {
    return changes.getOrDefault(host, ChangeLog.EMPTY);
  }

  /** The ownership of a VIP in force at a time; null before anything was heard of it. */
  public @Nullable Ownership at(int segment, IpAddress vip, long tsNs) {
    List<Ownership> list = history.get(place(segment, vip));
    if (list == null) {
      return null;
    }
    for (int i = list.size() - 1; i >= 0; i--) {
      if (list.get(i).sinceNs() <= tsNs) {
        return list.get(i);
      }
    }
    return null;
  }

  /** Everything known of a VIP so far, in order of time; empty before anything was heard of it. */
  public List<Ownership> history(int segment, IpAddress vip) {
    return history.getOrDefault(place(segment, vip), List.of());
  }

  /** Addresses that adverts named and nobody else. */
  public boolean isAdvertised(IpAddress address) {
    return advertised.contains(address);
  }

  /** Everything so far: by VIP and segment, each in order of time. */
  public List<Ownership> all() {
    Map<String, List<Ownership>> sorted = new TreeMap<>();
    history.forEach((place, list) -> sorted.put(place.vip() + " " + place.segment(), list));
    List<Ownership> told = new ArrayList<>();
    sorted.values().forEach(told::addAll);
    told.sort(Comparator.comparing(Ownership::vip).thenComparingLong(Ownership::sinceNs));
    return told;
  }
}
