package io.vipscope.core.failover;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.Evidence;
import io.vipscope.core.ownership.HostDirectory;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.Direction;
import io.vipscope.core.verdict.FlowVerdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@link Failover} records of what the ownership timeline, the adverts and the flows show, in
 * capture order. One thread uses an instance.
 *
 * <p>A record is told {@link #SETTLED_NS} after the change, when flows that began around it have
 * been judged; one that is not over by then, when it is, or at the end.
 */
public final class FailoverLog {

  /** Twice the time after which a flow is judged. */
  static final long SETTLED_NS = 6_000_000_000L;

  /** Members of a sync group change hands one after the other, within an advert or two. */
  static final long TOGETHER_NS = 3_000_000_000L;

  /** A change that nobody completes is told as it is. */
  private static final long ABANDONED_NS = 60_000_000_000L;

  /** Begins the name of somebody who is no audited host. */
  private static final String MAC = "mac ";

  private static final int MAX_DESTINATIONS = 50_000;

  private record Destination(String host, IpAddress dst, int protocol, int port) {}

  private record Sources(long startNs, List<IpAddress> predicted) {}

  private final HostDirectory hosts;
  private final InstanceNames names;
  private final boolean segments;
  private final Consumer<Failover> sink;
  private final Map<String, Instance> instances = new LinkedHashMap<>();
  private final Map<IpAddress, List<Instance>> byVip = new LinkedHashMap<>();

  /** Those with a change that is not settled. */
  private final Set<Instance> changing = new LinkedHashSet<>();

  private final RecentFlows recent = new RecentFlows();
  private final Map<Destination, Sources> sources =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Destination, Sources> eldest) {
          return size() > MAX_DESTINATIONS;
        }
      };

  /**
   * @param segments whether VLANs are segments of their own, else all are one
   */
  public FailoverLog(
      HostDirectory hosts, InstanceNames names, boolean segments, Consumer<Failover> sink) {
    this.hosts = hosts;
    this.names = names;
    this.segments = segments;
    this.sink = sink;
  }

  private int segment(int vlan) {
    return segments ? vlan : -1;
  }

  /** Takes what an event, or silence, changed in the timeline, before the event itself. */
  public void changed(List<Ownership> changes) {
    for (Ownership o : changes) {
      if (o.evidence() != Evidence.TRAFFIC && o.atNs() == o.sinceNs()) {
        Instance instance = instance(o);
        tell(instance, instance.changed(o, recent));
        if (instance.change != null) {
          changing.add(instance);
        }
      }
    }
  }

  /** The instance of a VIP: its name and VRID in its segment; else its family and VRID. */
  private Instance instance(Ownership o) {
    for (Instance known : byVip.getOrDefault(o.vip(), List.of())) {
      if (known.segment == o.segment()) {
        return known;
      }
    }
    String name = names.instanceOf(o.vip(), o.host());
    String group = names.groupOf(o.vip(), o.host());
    String key =
        o.segment()
            + " "
            + (o.vrid() >= 0 ? o.vip().family() + " " + o.vrid() : name == null ? o.vip() : name)
            + " "
            + name;
    Instance instance =
        instances.computeIfAbsent(key, _ -> new Instance(name, group, o.segment(), o.vrid()));
    for (int n = 2; instance.vips().stream().anyMatch(v -> names.areApart(v, o.vip())); n++) {
      instance =
          instances.computeIfAbsent(
              key + " " + n, _ -> new Instance(name, group, o.segment(), o.vrid()));
    }
    byVip.computeIfAbsent(o.vip(), _ -> new ArrayList<>()).add(instance);
    return instance;
  }

  /** Takes a control event, after what it changed. */
  public void heard(ControlEvent event) {
    switch (event) {
      case ControlEvent.Advert a -> {
        String who = who(sender(a), a.frameMac());
        for (Instance instance : instancesOf(a.addresses(), a.segment())) {
          instance.advert(a, who);
        }
      }
      case ControlEvent.Claim c -> {
        String who =
            MacAddress.isVirtualRouter(c.mac())
                ? null
                : who(hosts.hostOfMac(c.segment(), c.mac()), c.mac());
        for (Instance instance : instancesOf(List.of(c.address()), c.segment())) {
          instance.claim(c.tsNs(), who);
        }
      }
      case ControlEvent.Binding _ -> {}
    }
  }

  private List<Instance> instancesOf(List<IpAddress> vips, int vlan) {
    List<Instance> found = new ArrayList<>();
    for (IpAddress vip : vips) {
      for (Instance instance : byVip.getOrDefault(vip, List.of())) {
        if (instance.segment == segment(vlan) && !found.contains(instance)) {
          found.add(instance);
        }
      }
    }
    return found;
  }

  private @Nullable String sender(ControlEvent.Advert advert) {
    String byAddress = hosts.hostOfAddress(advert.segment(), advert.source());
    return byAddress != null ? byAddress : hosts.hostOfMac(advert.segment(), advert.frameMac());
  }

  static String who(@Nullable String host, long mac) {
    return host != null ? host : MAC + mac;
  }

  private static long mac(String who) {
    return who.startsWith(MAC) ? Long.parseLong(who.substring(MAC.length())) : -1;
  }

  /** A flow began. */
  public void opened(FlowRecord flow) {
    used(flow.src(), flow.vlan(), flow.srcMac(), flow.startNs(), flow.openerSeen());
    recent.seen(flow.flowId(), segment(flow.vlan()), flow.src(), flow.dst(), flow.startNs());
  }

  /** A frame from or to a VIP. A reset is no sign of service. */
  public void used(VipFrame frame) {
    used(frame.src(), frame.vlan(), frame.srcMac(), frame.tsNs(), !frame.reset());
    recent.seen(frame.flowId(), segment(frame.vlan()), frame.src(), frame.dst(), frame.tsNs());
  }

  private void used(IpAddress source, int vlan, long mac, long tsNs, boolean serves) {
    if (!serves || mac < 0 || !byVip.containsKey(source)) {
      return;
    }
    String who = MacAddress.isVirtualRouter(mac) ? null : who(hosts.hostOfMac(vlan, mac), mac);
    for (Instance instance : instancesOf(List.of(source), vlan)) {
      instance.used(tsNs, who);
    }
  }

  /** A flow was judged: its prediction may differ from that before a change. */
  public void judged(FlowRecord flow, FlowVerdict verdict) {
    if (verdict.direction() != Direction.OUTBOUND
        || verdict.host() == null
        || instances.isEmpty()) {
      return;
    }
    Destination destination =
        new Destination(verdict.host(), flow.dst(), flow.protocol(), flow.dstPort());
    Sources before = sources.put(destination, new Sources(flow.startNs(), verdict.predicted()));
    if (before == null || before.predicted().equals(verdict.predicted())) {
      return;
    }
    for (Instance instance : changing) {
      Change change = instance.change;
      if (change != null
          && before.startNs() < change.atNs()
          && flow.startNs() >= change.startNs
          && (names(before.predicted(), change) || names(verdict.predicted(), change))) {
        change.sourceChanges.add(destination);
      }
    }
  }

  /** Whether the VIPs that change hands are among these sources. */
  private static boolean names(List<IpAddress> sources, Change change) {
    return sources.stream().anyMatch(change.vips::contains);
  }

  /** Lets time pass: tells what has settled. */
  public void advance(long nowNs) {
    if (changing.isEmpty()) {
      return;
    }
    changing.removeIf(instance -> {
      Change change = instance.change;
      if (change != null) {
        long waitNs = change.to == null ? ABANDONED_NS : SETTLED_NS;
        if (nowNs - change.atNs() > waitNs) {
          tell(instance, instance.take());
        }
      }
      return instance.change == null;
    });
  }

  /** The run is over: tells what has not settled. */
  public void close() {
    instances.values().stream()
        .filter(i -> i.change != null)
        .sorted(Comparator.comparingLong(i -> i.change == null ? 0 : i.change.atNs()))
        .forEach(i -> tell(i, i.take()));
  }

  /** Instances of pairs that nobody audits appear in the timeline only. */
  private void tell(Instance instance, @Nullable Change c) {
    if (c == null) {
      return;
    }
    String from = named(c.from);
    String to = c.to == null ? null : named(c.to);
    if (from == null && to == null) {
      return;
    }
    sink.accept(
        new Failover(
            instance.name,
            instance.segment,
            instance.vrid,
            List.copyOf(c.vips),
            from,
            to,
            mac(c.from),
            c.to == null ? -1 : mac(c.to),
            c.trigger,
            c.atNs(),
            c.lastAdvertOldNs,
            c.firstAdvertNewNs,
            c.firstGarpNs,
            c.firstTrafficNewNs,
            c.darkNs(),
            c.darkAtMost(),
            c.overlapNs(),
            c.flows,
            c.sourceChanges.size(),
            instance.group,
            together(instance, c)));
    instance.told = c;
  }

  /** The other members of the sync group that moved in the same way at about the same time. */
  private List<String> together(Instance instance, Change c) {
    String group = instance.group;
    if (group == null || c.to == null) {
      return List.of();
    }
    return instances.values().stream()
        .filter(other -> !Objects.equals(other.name, instance.name))
        .filter(other -> group.equals(other.group) && other.name != null)
        .filter(other -> isSame(c, other.change) || isSame(c, other.told))
        .map(other -> String.valueOf(other.name))
        .distinct()
        .sorted()
        .toList();
  }

  private static boolean isSame(Change one, @Nullable Change other) {
    return other != null
        && one.from.equals(other.from)
        && Objects.equals(one.to, other.to)
        && Math.abs(one.atNs() - other.atNs()) <= TOGETHER_NS;
  }

  private static @Nullable String named(String who) {
    return who.startsWith(MAC) ? null : who;
  }
}
