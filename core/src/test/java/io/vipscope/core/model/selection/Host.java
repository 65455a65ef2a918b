package io.vipscope.core.model.selection;

import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.AddressLabel;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Neighbour;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.Sysctls;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds a host with eth0 and eth1, address by address and route by route. */
public final class Host {

  private final Map<String, List<InterfaceAddress>> addresses =
      new HashMap<>(
          Map.of("lo", new ArrayList<>(), "eth0", new ArrayList<>(), "eth1", new ArrayList<>()));
  private final List<Route> routes4 = new ArrayList<>();
  private final List<Route> routes6 = new ArrayList<>();
  private final List<PolicyRule> rules4 = new ArrayList<>(PolicyRule.defaults(false));
  private final List<PolicyRule> rules6 = new ArrayList<>(PolicyRule.defaults(true));
  private final Map<String, String> sysctls = new HashMap<>();
  private final List<Neighbour> neighbours = new ArrayList<>();
  private final List<NexthopObject> nexthops = new ArrayList<>();
  private final Map<String, Link> devices = new LinkedHashMap<>();
  private @Nullable String kernel = "6.18.0";
  private Ruleset netfilter = Ruleset.NONE;
  private long timeNs = HostSnapshot.ALWAYS;

  public static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  public Host address(String dev, String prefix, int scope, AddressFlag... flags) {
    int slash = prefix.indexOf('/');
    IpAddress local = ip(prefix.substring(0, slash));
    int length = Integer.parseInt(prefix.substring(slash + 1));
    addresses(dev).add(InterfaceAddress.of(local, length, scope).withFlags(Set.of(flags)));
    return this;
  }

  public Host address(String dev, String prefix, AddressFlag... flags) {
    return address(dev, prefix, Scope.UNIVERSE, flags);
  }

  private List<InterfaceAddress> addresses(String dev) {
    return addresses.computeIfAbsent(dev, _ -> new ArrayList<>());
  }

  public Host route(
      String table, String dst, String dev, @Nullable String gateway, @Nullable String src) {
    return add(RouteType.UNICAST, table, dst, dev, gateway, src);
  }

  public Host route(Route route) {
    (route.v6() ? routes6 : routes4).add(route);
    return this;
  }

  public Host local(String dst) {
    return add(RouteType.LOCAL, "local", dst, "lo", null, null);
  }

  public Host reject(RouteType type, String table, String dst) {
    return add(type, table, dst, null, null, null);
  }

  private Host add(
      RouteType type,
      String table,
      String dst,
      @Nullable String dev,
      @Nullable String gateway,
      @Nullable String src) {
    IpPrefix prefix = IpPrefix.parse(dst);
    IpAddress via = gateway == null ? null : ip(gateway);
    int scope =
        type == RouteType.LOCAL
            ? Scope.HOST
            : prefix.v6() || via != null ? Scope.UNIVERSE : Scope.LINK;
    (prefix.v6() ? routes6 : routes4)
        .add(
            new Route(
                type,
                prefix,
                null,
                0,
                table,
                "boot",
                scope,
                src == null ? null : ip(src),
                prefix.v6() ? 1024 : 0,
                0,
                0,
                dev == null ? List.of() : List.of(Nexthop.of(dev, via))));
    return this;
  }

  /** A rule before that of table main. */
  public Host rule(
      boolean v6, @Nullable String from, boolean inverted, RuleAction action, String... open) {
    PolicyRule rule =
        RuleBuilder.of(v6, action)
            .inverted(inverted)
            .from(from == null ? null : IpPrefix.parse(from))
            .open(open)
            .build();
    (v6 ? rules6 : rules4).add(1, rule);
    return this;
  }

  /** A rule before that of table main. */
  public Host rule(PolicyRule rule) {
    (rule.v6() ? rules6 : rules4).add(1, rule);
    return this;
  }

  /** Without the kernel's own rules. */
  public Host noRules() {
    rules4.clear();
    rules6.clear();
    return this;
  }

  public Host nexthop(NexthopObject object) {
    nexthops.add(object);
    return this;
  }

  /** A device after eth1, or another eth0 or eth1. */
  public Host device(
      String name, @Nullable String kind, @Nullable String master, String group, String... flags) {
    devices.put(
        name,
        new Link(
            devices.size() + 10,
            name,
            null,
            null,
            Set.of(flags),
            "UP",
            group,
            master,
            kind,
            List.of()));
    return this;
  }

  public Host kernel(@Nullable String release) {
    kernel = release;
    return this;
  }

  public Host sysctl(String key, int value) {
    sysctls.put(key, Integer.toString(value));
    return this;
  }

  /** A rule before that of table main, for packets with a mark. */
  public Host markRule(boolean v6, int mark, String table) {
    PolicyRule rule = RuleBuilder.lookup(v6, table).mark(mark, -1).build();
    (v6 ? rules6 : rules4).add(1, rule);
    return this;
  }

  /** An entry of the neighbour table. */
  public Host neighbour(String address, String dev, String state) {
    neighbours.add(new Neighbour(ip(address), dev, null, Set.of(state)));
    return this;
  }

  public Host netfilter(Ruleset rules) {
    netfilter = rules;
    return this;
  }

  /** When the snapshot was taken. */
  public Host at(long ns) {
    timeNs = ns;
    return this;
  }

  public Host sysctl(String key) {
    sysctls.put(key, "1");
    return this;
  }

  public HostSnapshot build() {
    Map<String, Link> links = new LinkedHashMap<>();
    for (String name : List.of("lo", "eth0", "eth1")) {
      Set<String> flags = name.equals("lo") ? Set.of("UP", "LOOPBACK") : Set.of("UP");
      int index = links.size() + 1;
      links.put(
          name, new Link(index, name, null, null, flags, "UP", "default", null, null, List.of()));
    }
    links.putAll(devices);
    return new HostSnapshot(
        "host",
        timeNs,
        timeNs,
        kernel,
        links.values().stream().map(l -> l.withAddresses(addresses(l.name()))).toList(),
        routes4,
        routes6,
        rules4,
        rules6,
        AddressLabel.defaults(),
        nexthops,
        neighbours,
        new Sysctls(sysctls),
        List.of(),
        netfilter,
        false);
  }
}
