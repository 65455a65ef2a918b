package io.vipscope.core.model.coverage;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.coverage.RuleItem.Kind;
import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.flow.FlowPath;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Expression;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Statement;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RuleBuilder;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules, routes and NAT rules of a host that may decide a source, and those of one flow. */
class RuleItemsTest {

  private static final FlowQuery Q = new FlowQuery(ip("198.51.100.7"), 6, 40_000, 443);

  private static Host host() {
    return new Host()
        .address("eth0", "10.0.0.10/24")
        .address("eth0", "10.0.0.100/32")
        .local("10.0.0.10/32")
        .local("10.0.0.100/32");
  }

  private static List<String> texts(HostSnapshot s, Kind kind) {
    return RuleItems.of(s).all().stream()
        .filter(i -> i.kind() == kind)
        .map(RuleItem::text)
        .toList();
  }

  private static RuleItem last(HostSnapshot s, Kind kind) {
    return RuleItems.of(s).all().stream()
        .filter(i -> i.kind() == kind)
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  private static PolicyRule rule(
      @Nullable String iif,
      @Nullable String oif,
      int mark,
      @Nullable Range uid,
      RuleAction action,
      String... open) {
    return RuleBuilder.of(false, action)
        .devices(iif, oif)
        .mark(mark, mark == 0 ? 0 : -1)
        .uid(uid)
        .open(open)
        .build();
  }

  @Test
  void rulesOfBothFamiliesInOrder() {
    HostSnapshot s = host().rule(rule(null, null, 0, null, new RuleAction.Lookup("100"))).build();
    assertEquals(
        List.of(
            "rule4 0: from all lookup local",
            "rule4 1000: from all lookup 100",
            "rule4 32766: from all lookup main",
            "rule4 32767: from all lookup default",
            "rule6 0: from all lookup local",
            "rule6 32766: from all lookup main"),
        texts(s, Kind.RULE));
    assertEquals(
        List.of(false, true, false, false, false, false),
        RuleItems.of(s).all().stream().map(RuleItem::own).toList());
  }

  static Stream<List<Object>> actions() {
    return Stream.of(
        List.of(new RuleAction.Lookup("100"), "lookup 100"),
        List.of(new RuleAction.Goto(2000), "goto 2000"),
        List.of(new RuleAction.Nop(), "nop"),
        List.of(new RuleAction.Reject(RouteType.PROHIBIT), "prohibit"),
        List.of(new RuleAction.Other("unheard-of"), "unheard-of"));
  }

  @ParameterizedTest
  @MethodSource("actions")
  void whatARuleDoes(List<Object> each) {
    PolicyRule rule = rule(null, null, 0, null, (RuleAction) each.getFirst());
    assertEquals("rule rule4 1000: from all " + each.getLast(), RuleItems.key(rule));
  }

  /** A rule by what no mirror shows, and a route that only such a rule leads to. */
  @Test
  void whatAMirrorDoesNotShow() {
    RuleAction lookup = new RuleAction.Lookup("100");
    for (PolicyRule hidden :
        List.of(
            rule("eth0", null, 0, null, lookup),
            rule(null, "eth0", 0, null, lookup),
            rule(null, null, 1, null, lookup),
            rule(null, null, 0, new Range(1, 2), lookup),
            rule(null, null, 0, null, lookup, "tun_id"))) {
      assertTold(hidden, false);
    }
    assertTold(rule(null, null, 0, null, lookup), true);
  }

  private static void assertTold(PolicyRule rule, boolean told) {
    HostSnapshot s =
        host().rule(rule).route("100", "0.0.0.0/0", "eth0", "10.0.0.1", "10.0.0.100").build();
    RuleItem item =
        RuleItems.of(s).all().stream()
            .filter(i -> i.key().equals(RuleItems.key(rule)))
            .findFirst()
            .orElseThrow();
    assertEquals(told, item.observable(), rule::toString);
    assertEquals(told, last(s, Kind.ROUTE).observable(), rule::toString);
  }

  private static Route route(
      RouteType type, String table, String protocol, String dst, @Nullable String src) {
    return new Route(
        type,
        IpPrefix.parse(dst),
        null,
        0,
        table,
        protocol,
        Scope.LINK,
        src == null ? null : ip(src),
        0,
        0,
        0,
        List.of(Nexthop.of("eth0", null)));
  }

  @Test
  void routesThatNameASource() {
    HostSnapshot s =
        host()
            .route(route(RouteType.UNICAST, "main", "kernel", "10.0.0.0/24", "10.0.0.10"))
            .route(route(RouteType.UNICAST, "main", "boot", "192.0.2.0/24", "10.0.0.100"))
            .route(route(RouteType.UNICAST, "main", "boot", "203.0.113.0/24", null))
            .route(route(RouteType.LOCAL, "local", "kernel", "10.0.0.10/32", "10.0.0.10"))
            .route(route(RouteType.UNICAST, "local", "boot", "198.18.0.0/24", "10.0.0.10"))
            .route(route(RouteType.UNICAST, "77", "boot", "198.19.0.0/24", "10.0.0.10"))
            .route(route(RouteType.UNICAST, "main", "boot", "2001:db8:7::/48", "2001:db8::10"))
            .build();
    assertEquals(
        List.of(
            "10.0.0.0/24 dev eth0 src 10.0.0.10",
            "192.0.2.0/24 dev eth0 src 10.0.0.100",
            "198.18.0.0/24 dev eth0 of table local src 10.0.0.10",
            "198.19.0.0/24 dev eth0 of table 77 src 10.0.0.10",
            "2001:db8:7::/48 dev eth0 src 2001:db8::10"),
        texts(s, Kind.ROUTE).stream().map(t -> t.replace(" of table main", "")).toList());
    List<RuleItem> routes =
        RuleItems.of(s).all().stream().filter(i -> i.kind() == Kind.ROUTE).toList();
    assertEquals(
        List.of(false, true, true, true, true), routes.stream().map(RuleItem::own).toList());
    assertEquals(
        List.of(true, true, true, false, true), routes.stream().map(RuleItem::observable).toList());
    HostSnapshot unruled = s.withRouting(false, s.routes(false), List.of());
    assertEquals(
        Set.of("198.18.0.0/24"),
        RuleItems.of(unruled).all().stream()
            .filter(i -> i.kind() == Kind.ROUTE && i.observable() && !i.text().contains("::"))
            .map(i -> i.text().substring(0, i.text().indexOf(' ')))
            .collect(Collectors.toSet()),
        "only table local is asked without a rule");
    assertEquals(
        List.of(),
        texts(
            s.withRouting(false, null, List.of()).withRouting(true, null, List.of()), Kind.ROUTE));
  }

  private static Statement snat(String to) {
    AddressRange one = new AddressRange(ip(to), ip(to));
    return new Statement.Snat(new NatTarget.Addresses(one, null, false, false, false));
  }

  private static Match number(Match.Field field) {
    return new Match.Numeric(field, 0xff, List.of(new Range(1, 1)), /* negated= */ false);
  }

  private static Ruleset nat(Expression... parts) {
    return new Ruleset(
        true,
        List.of(
            new Ruleset.Chain(
                "ip",
                "t",
                "c",
                "postrouting",
                "nat",
                100,
                false,
                false,
                List.of(new Ruleset.Rule(List.of(parts), "the rule", 0)))));
  }

  private static Statement cases(Match when, Statement then) {
    return new Statement.Cases(List.of(new Statement.Case(List.of(when), then)));
  }

  static Stream<List<Expression>> mapping() {
    AddressRange range = AddressRange.of(IpPrefix.parse("192.0.2.0/24"));
    return Stream.of(
        List.of(snat("203.0.113.1")),
        List.of(new Statement.Masquerade()),
        List.of(new Statement.Netmap(range)),
        List.of(cases(new Match.Constant(true), snat("203.0.113.1"))));
  }

  @ParameterizedTest
  @MethodSource("mapping")
  void netfilterRulesThatMapSources(List<Expression> rule) {
    HostSnapshot s = host().netfilter(nat(rule.toArray(Expression[]::new))).build();
    assertEquals(new RuleItem(Kind.SNAT, "ip t c: the rule", true, true), last(s, Kind.SNAT));
    assertEquals(
        "snat ip t c: the rule",
        RuleItems.key("ip t c", s.netfilter().chains().getFirst().rules().getFirst()));
    HostSnapshot forwarding =
        host()
            .sysctl("net.ipv4.ip_forward")
            .netfilter(nat(rule.toArray(Expression[]::new)))
            .build();
    assertEquals(false, last(forwarding, Kind.SNAT).observable(), "or somebody else's flows");
    HostSnapshot six =
        host()
            .sysctl("net.ipv6.conf.all.forwarding")
            .netfilter(nat(rule.toArray(Expression[]::new)))
            .build();
    assertEquals(false, last(six, Kind.SNAT).observable());
  }

  @Test
  void netfilterRulesThatMapNoSource() {
    Statement drop = new Statement.Drop();
    HostSnapshot s = host().netfilter(nat(drop)).build();
    assertEquals(List.of(), texts(s, Kind.SNAT));
    HostSnapshot map = host().netfilter(nat(cases(new Match.Constant(true), drop))).build();
    assertEquals(List.of(), texts(map, Kind.SNAT));
  }

  static Stream<List<Object>> matches() {
    return Stream.of(
        List.of(number(Match.Field.MARK), false),
        List.of(number(Match.Field.CT_MARK), false),
        List.of(number(Match.Field.UID), false),
        List.of(number(Match.Field.PROTOCOL), true),
        List.of(number(Match.Field.TOS), true),
        List.of(new Match.Hidden("statistic", false), false),
        List.of(new Match.Unknown("socket"), false),
        List.of(new Match.Device(true, Set.of("eth0"), false), true),
        List.of(new Match.Device(false, Set.of("eth0"), false), false),
        List.of(new Match.Constant(true), true));
  }

  /** In the rule itself, among alternatives, in a verdict map, and in a map of addresses. */
  @ParameterizedTest
  @MethodSource("matches")
  void matchesThatAMirrorShows(List<Object> each) {
    Match match = (Match) each.getFirst();
    Statement snat = snat("203.0.113.1");
    NatTarget one = ((Statement.Snat) snat).target();
    Statement looked =
        new Statement.Snat(new NatTarget.Lookup(List.of(new NatTarget.Entry(List.of(match), one))));
    for (Ruleset rules :
        List.of(
            nat(match, snat),
            nat(new Match.AnyOf(List.of(List.of(match)), /* negated= */ false), snat),
            nat(cases(match, snat)),
            nat(looked))) {
      HostSnapshot s = host().netfilter(rules).build();
      assertEquals(each.getLast(), last(s, Kind.SNAT).observable(), rules::toString);
    }
  }

  private static Set<String> on(HostSnapshot s, String observed) {
    FlowPath path = new FlowPredictor(s).path(Q, ip(observed), -1);
    assertNotNull(path);
    return RuleItems.of(s).on(path).stream().map(RuleItem::key).collect(Collectors.toSet());
  }

  @Test
  void itemsOfAFlow() {
    PolicyRule nop = rule(null, null, 0, null, new RuleAction.Lookup("55"));
    HostSnapshot s =
        host()
            .rule(rule(null, null, 0, null, new RuleAction.Lookup("100")))
            .rule(nop)
            .rule(rule(null, null, 7, null, new RuleAction.Lookup("66")))
            .route("100", "0.0.0.0/0", "eth0", "10.0.0.1", "10.0.0.100")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .build();
    assertEquals(
        Set.of(
            RuleItems.key(nop),
            "rule rule4 1000: from all lookup 100",
            "route default via 10.0.0.1 dev eth0 of table 100 src 10.0.0.100"),
        on(s, "10.0.0.100"));
    HostSnapshot plain = host().route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null).build();
    assertEquals(Set.of("rule rule4 32766: from all lookup main"), on(plain, "10.0.0.10"));
  }

  @Test
  void natRuleOfAFlow() {
    Host host = host().route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
    Match never = new Match.Constant(false);
    Ruleset.Chain only = nat(snat("203.0.113.1")).chains().getFirst();
    Ruleset.Rule other = new Ruleset.Rule(List.of(never, snat("203.0.113.2")), "the other rule", 0);
    Ruleset both =
        new Ruleset(true, List.of(only.withRules(List.of(other, only.rules().getFirst()))));
    assertEquals(
        Set.of("rule rule4 32766: from all lookup main", "snat ip t c: the rule"),
        on(host.netfilter(both).build(), "203.0.113.1"));
    assertEquals(
        Set.of("rule rule4 32766: from all lookup main"),
        on(host.netfilter(nat(never, snat("203.0.113.1"))).build(), "10.0.0.10"));
  }

  /**
   * A path through a state whose routes are others by now: what it went by is told all the same.
   */
  @Test
  void itemsThatTheStateHasNoMore() {
    HostSnapshot empty = host().build();
    Route gone = route(RouteType.UNICAST, "main", "boot", "192.0.2.0/24", "10.0.0.100");
    Route kernels = route(RouteType.UNICAST, "main", "kernel", "10.0.0.0/24", "10.0.0.10");
    Route plain = route(RouteType.UNICAST, "main", "boot", "203.0.113.0/24", null);
    FlowPath path =
        new FlowPath(
            null,
            List.of(
                new Step.RouteChosen(gone, null, 1),
                new Step.RouteChosen(kernels, null, 1),
                new Step.RouteChosen(plain, null, 1),
                new Step.Rule(
                    rule(null, null, 0, null, new RuleAction.Nop()), Step.Effect.UNKNOWN)),
            List.of());
    assertEquals(
        Set.of(
            new RuleItem(Kind.ROUTE, RuleItems.key(gone).substring(6), true, true),
            new RuleItem(Kind.ROUTE, RuleItems.key(kernels).substring(6), true, false)),
        RuleItems.of(empty).on(path));
  }

  /** One that the state has is told as it is there. */
  @Test
  void routeThatOnlyAMarkLeadsToIsToldAsSuch() {
    PolicyRule marked = rule(null, null, 1, null, new RuleAction.Lookup("100"));
    Route route = route(RouteType.UNICAST, "100", "boot", "192.0.2.0/24", "10.0.0.100");
    HostSnapshot s = host().rule(marked).route(route).build();
    FlowPath path = new FlowPath(marked, List.of(new Step.RouteChosen(route, null, 1)), List.of());
    assertTrue(RuleItems.of(s).on(path).stream().noneMatch(RuleItem::observable));
    assertEquals(2, RuleItems.of(s).on(path).size());
  }
}
