package io.vipscope.core.pipeline;

import static io.vipscope.core.FrameBuilder.ip;

import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.FlowState;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.AddressLabel;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.Sysctls;
import io.vipscope.core.model.snapshot.VirtualAddress;
import io.vipscope.core.model.snapshot.VrrpInstance;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.ControlEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pair, lb1 and lb2. Host N has 10.0.0.1N on eth0, the way to everywhere; eth1 has no address but
 * the VIP 10.1.0.100/24. So the VIP's holder uses it towards 10.1.0.0/24, the other one 10.0.0.1N.
 * A second VIP, 10.0.0.200/24 on eth0, is the source of a route to 10.2.0.0/24 alone.
 */
final class Lab {

  static final long SECOND = 1_000_000_000L;
  static final IpAddress VIP = ip("10.1.0.100");

  /** A VIP that no device gives by itself. */
  static final IpAddress VIP0 = ip("10.0.0.200");

  /** A route names {@link #VIP0} for it. */
  static final IpAddress BEHIND_VIP0 = ip("10.2.0.7");

  /** What the source towards it is depends on the VIP. */
  static final IpAddress BEHIND_VIP = ip("10.1.0.7");

  static final IpAddress FAR = ip("203.0.113.5");

  private Lab() {}

  static IpAddress own(int n) {
    return ip("10.0.0.1" + n);
  }

  static long mac(int n) {
    return 0x525400000000L + n;
  }

  /** The same state with these kernel settings. */
  static HostSnapshot settings(HostSnapshot s, Map<String, String> sysctls) {
    return new HostSnapshot(
        s.host(),
        s.tStartNs(),
        s.tEndNs(),
        s.kernel(),
        s.links(),
        s.routes4(),
        s.routes6(),
        s.rules4(),
        s.rules6(),
        s.labels(),
        s.nexthops(),
        s.neighbours(),
        new Sysctls(sysctls),
        s.instances(),
        s.netfilter(),
        s.assumed());
  }

  /** State of host {@code n} between two times, with no rules of netfilter. */
  static HostSnapshot snapshot(int n, boolean holdsVip, long startS, long endS) {
    return snapshot(n, holdsVip, startS, endS, Ruleset.NONE, null);
  }

  static HostSnapshot snapshot(
      int n,
      boolean holdsVip,
      long startS,
      long endS,
      Ruleset netfilter,
      @Nullable PolicyRule rule) {
    List<InterfaceAddress> eth1 = new ArrayList<>();
    List<InterfaceAddress> eth0 = new ArrayList<>();
    eth0.add(InterfaceAddress.of(own(n), 24, Scope.UNIVERSE));
    List<Route> routes = new ArrayList<>();
    routes.add(route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null));
    routes.add(route("main", "10.0.0.0/24", "eth0", null, own(n)));
    routes.add(local(own(n), "eth0"));
    if (holdsVip) {
      eth1.add(InterfaceAddress.of(VIP, 24, Scope.UNIVERSE));
      routes.add(route("main", "10.1.0.0/24", "eth1", null, VIP));
      routes.add(local(VIP, "eth1"));
      eth0.add(
          InterfaceAddress.of(VIP0, 24, Scope.UNIVERSE).withFlags(Set.of(AddressFlag.SECONDARY)));
      routes.add(route("main", "10.2.0.0/24", "eth0", null, VIP0));
      routes.add(local(VIP0, "eth0"));
    }
    List<PolicyRule> rules = new ArrayList<>(PolicyRule.defaults(false));
    if (rule != null) {
      rules.add(1, rule);
    }
    return new HostSnapshot(
        "lb" + n,
        startS == HostSnapshot.ALWAYS ? startS : startS * SECOND,
        endS == HostSnapshot.ALWAYS ? endS : endS * SECOND,
        "6.18.0",
        List.of(
            link(1, "lo", 0, List.of(InterfaceAddress.of(ip("127.0.0.1"), 8, Scope.HOST))),
            link(2, "eth0", mac(n), eth0),
            link(3, "eth1", mac(n) + 0x100, eth1)),
        routes,
        List.of(),
        rules,
        PolicyRule.defaults(true),
        AddressLabel.defaults(),
        List.of(),
        List.of(),
        new Sysctls(Map.of("net.ipv4.ip_forward", "0")),
        List.of(instance()),
        netfilter,
        false);
  }

  /** The same without a keepalived.conf. */
  static HostSnapshot withoutVips(HostSnapshot s) {
    return new HostSnapshot(
        s.host(),
        s.tStartNs(),
        s.tEndNs(),
        s.kernel(),
        s.links(),
        s.routes4(),
        s.routes6(),
        s.rules4(),
        s.rules6(),
        s.labels(),
        s.nexthops(),
        s.neighbours(),
        s.sysctls(),
        List.of(),
        s.netfilter(),
        s.assumed());
  }

  private static Link link(int index, String name, long mac, List<InterfaceAddress> addresses) {
    Set<String> flags = mac == 0 ? Set.of("UP", "LOOPBACK") : Set.of("UP", "LOWER_UP");
    MacAddress address = mac == 0 ? null : new MacAddress(mac);
    return new Link(index, name, address, null, flags, "UP", "default", null, null, addresses);
  }

  static Route route(
      String table, String dst, String dev, @Nullable String gateway, @Nullable IpAddress src) {
    return new Route(
        RouteType.UNICAST,
        IpPrefix.parse(dst),
        null,
        0,
        table,
        gateway == null ? "kernel" : "boot",
        gateway == null ? Scope.LINK : Scope.UNIVERSE,
        src,
        0,
        0,
        0,
        List.of(Nexthop.of(dev, gateway == null ? null : ip(gateway))));
  }

  private static Route local(IpAddress address, String dev) {
    return new Route(
        RouteType.LOCAL,
        IpPrefix.host(address),
        null,
        0,
        "local",
        "kernel",
        Scope.HOST,
        address,
        0,
        0,
        0,
        List.of(Nexthop.of(dev, null)));
  }

  private static VrrpInstance instance() {
    return new VrrpInstance(
        "edge",
        "eth1",
        51,
        "BACKUP",
        100,
        1000,
        2,
        false,
        false,
        false,
        null,
        null,
        List.of(),
        List.of(virtual(VIP, "eth1"), virtual(VIP0, "eth0")),
        List.of(),
        List.of());
  }

  private static VirtualAddress virtual(IpAddress address, String dev) {
    return new VirtualAddress(
        address,
        24,
        dev,
        Scope.UNIVERSE,
        null,
        null,
        null,
        Set.of(),
        InterfaceAddress.FOREVER,
        false);
  }

  static AuditedHost host(int n, HostSnapshot... snapshots) {
    return new AuditedHost("lb" + n, AuditedPair.of("edge"), List.of(snapshots));
  }

  /** An advert of host {@code n} for the VIP, every second. */
  static ControlEvent.Advert advert(double seconds, int n, int priority) {
    return new ControlEvent.Advert(
        1,
        (long) (seconds * SECOND),
        -1,
        mac(n),
        own(n),
        2,
        51,
        priority,
        SECOND,
        List.of(VIP),
        true);
  }

  /** A TCP connection of host {@code n} that began with its SYN. */
  static FlowRecord flow(double seconds, int n, IpAddress src, IpAddress dst) {
    return flow(seconds, n, src, dst, 6, Opener.SYN, false, false);
  }

  static FlowRecord flow(
      double seconds,
      int n,
      IpAddress src,
      IpAddress dst,
      int protocol,
      Opener opener,
      boolean reset,
      boolean orphan) {
    long ns = (long) (seconds * SECOND);
    return new FlowRecord(
        1,
        0,
        -1,
        -1,
        src,
        40000,
        dst,
        443,
        protocol,
        -1,
        ns,
        ns,
        1,
        0,
        40,
        0,
        mac(n),
        0xfe,
        true,
        64,
        0,
        FlowState.NEW,
        EndReason.SHUTDOWN,
        opener,
        reset,
        orphan,
        null);
  }
}
