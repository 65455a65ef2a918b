package io.vipscope.core.model.change;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vipscope.core.model.change.RouteChange.Op;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code fib_table_insert}, {@code fib_table_delete}, {@code fib6_add_rt2node}. */
class RouteOrderTest {

  private static final IpPrefix DST = IpPrefix.parse("198.51.100.0/24");
  private static final IpPrefix DST6 = IpPrefix.parse("2001:db8:77::/64");

  private HostSnapshot s =
      new Host()
          .address("eth0", "10.0.0.10/24")
          .address("eth1", "10.0.1.10/24")
          .address("eth0", "2001:db8::10/64")
          .build();

  /** A command; the device tells its route from others. */
  private static RouteSpec spec(IpPrefix dst, String dev, @Nullable Long metric, int tos) {
    return new RouteSpec(
        null, dst, null, tos, null, null, null, null, metric, 0, 0, List.of(Nexthop.of(dev, null)));
  }

  private static RouteSpec via(String gateway, String dev, @Nullable Long metric) {
    return new RouteSpec(
        null,
        DST6,
        null,
        0,
        null,
        null,
        null,
        null,
        metric,
        0,
        0,
        List.of(Nexthop.of(dev, ip(gateway))));
  }

  private void run(Op op, RouteSpec spec) {
    s = new RouteChange(op, spec).applyTo(s);
  }

  private void refused(Op op, RouteSpec spec) {
    assertThrows(ChangeException.class, () -> new RouteChange(op, spec).applyTo(s));
  }

  private void assertRoutes(IpPrefix dst, String expected) {
    assertEquals(
        expected,
        String.join(
            " ",
            Objects.requireNonNull(s.routes(dst.v6())).stream()
                .filter(r -> r.dst().equals(dst))
                .map(r ->
                    String.join("+", r.nexthops().stream().map(h -> "" + h.dev()).toList())
                        + (r.tos() == 0 ? "" : ":" + r.tos())
                        + (r.metric() == 0 || r.metric() == 1024 ? "" : "/" + r.metric()))
                .toList()));
  }

  private static RouteSpec v4(String dev) {
    return spec(DST, dev, null, 0);
  }

  @Test
  void higherTosThenLowerMetricThenTheOrderOfTheCommands() {
    run(Op.ADD, spec(DST, "eth0", 5L, 0));
    run(Op.ADD, spec(DST, "eth0", 1L, 0));
    run(Op.ADD, spec(DST, "eth0", 9L, 8));
    run(Op.ADD, spec(DST, "eth0", 3L, 0));
    run(Op.ADD, spec(DST, "eth0", 7L, 16));
    run(Op.ADD, spec(DST, "eth0", 10L, 8));
    assertRoutes(DST, "eth0:16/7 eth0:8/9 eth0:8/10 eth0/1 eth0/3 eth0/5");
    run(Op.APPEND, spec(DST, "eth1", 3L, 0));
    run(Op.PREPEND, spec(DST, "lo", 3L, 0));
    assertRoutes(DST, "eth0:16/7 eth0:8/9 eth0:8/10 eth0/1 lo/3 eth0/3 eth1/3 eth0/5");
  }

  @Test
  void routesToOtherDestinationsPlayNoPart() {
    run(Op.ADD, spec(IpPrefix.parse("203.0.113.0/24"), "eth0", 5L, 0));
    run(Op.ADD, v4("eth0"));
    run(Op.ADD, spec(IpPrefix.parse("203.0.113.0/24"), "eth1", 1L, 0));
    assertRoutes(DST, "eth0");
    assertRoutes(IpPrefix.parse("203.0.113.0/24"), "eth1/1 eth0/5");
  }

  @Test
  void theSameKeyIsRefusedOrGivesWay() {
    run(Op.ADD, v4("eth0"));
    refused(Op.ADD, v4("eth1"));
    refused(Op.ADD, v4("eth0"));
    refused(Op.APPEND, v4("eth0"));
    refused(Op.PREPEND, v4("eth0"));
    run(Op.APPEND, v4("eth1"));
    run(Op.REPLACE, v4("lo"));
    assertRoutes(DST, "lo eth1");
    refused(Op.REPLACE, v4("eth1"));
    run(Op.CHANGE, v4("eth0"));
    assertRoutes(DST, "eth0 eth1");
    run(Op.REPLACE, v4("eth0"));
    assertRoutes(DST, "eth0 eth1");
    refused(Op.CHANGE, spec(DST, "eth0", 7L, 0));
    run(Op.REPLACE, spec(DST, "eth0", 7L, 0));
    assertRoutes(DST, "eth0 eth1 eth0/7");
  }

  @Test
  void whatMakesTwoIpv4RoutesDifferent() {
    run(Op.ADD, v4("eth0"));
    RouteSpec named =
        new RouteSpec(
            null,
            DST,
            null,
            0,
            null,
            null,
            null,
            ip("10.0.0.10"),
            null,
            0,
            0,
            List.of(Nexthop.of("eth0", null)));
    run(Op.APPEND, named);
    refused(Op.APPEND, named);
    RouteSpec narrow =
        new RouteSpec(
            null,
            DST,
            null,
            0,
            null,
            null,
            Scope.HOST,
            null,
            null,
            0,
            0,
            List.of(Nexthop.of("eth0", null)));
    run(Op.APPEND, narrow);
    RouteSpec byStatic =
        new RouteSpec(
            null,
            DST,
            null,
            0,
            null,
            "static",
            null,
            null,
            null,
            0,
            0,
            List.of(Nexthop.of("eth0", null)));
    run(Op.APPEND, byStatic);
    RouteSpec prohibit =
        new RouteSpec(
            RouteType.PROHIBIT, DST, null, 0, null, null, null, null, null, 0, 0, List.of());
    run(Op.APPEND, prohibit);
    refused(Op.APPEND, prohibit);
    assertEquals(5, Objects.requireNonNull(s.routes(false)).size());
  }

  @Test
  void deletionTakesTheFirstThatIsMeant() {
    run(Op.ADD, spec(DST, "eth0", 1L, 0));
    run(Op.APPEND, spec(DST, "eth1", 1L, 0));
    run(Op.ADD, spec(DST, "eth0", 5L, 0));
    refused(Op.DELETE, spec(DST, "lo", null, 0));
    refused(Op.DELETE, spec(DST, "eth0", 7L, 0));
    refused(Op.DELETE, spec(DST, "eth0", null, 8));
    run(Op.DELETE, spec(DST, "eth0", 5L, 0));
    assertRoutes(DST, "eth0/1 eth1/1");
    run(Op.DELETE, spec(DST, "eth1", null, 0));
    assertRoutes(DST, "eth0/1");
    RouteSpec any = new RouteSpec(null, DST, null, 0, null, null, null, null, 0L, 0, 0, List.of());
    RouteSpec otherTable =
        new RouteSpec(null, DST, null, 0, "100", null, null, null, null, 0, 0, List.of());
    refused(Op.DELETE, otherTable);
    RouteSpec otherType =
        new RouteSpec(
            RouteType.PROHIBIT, DST, null, 0, null, null, null, null, null, 0, 0, List.of());
    refused(Op.DELETE, otherType);
    RouteSpec otherScope =
        new RouteSpec(null, DST, null, 0, null, null, Scope.HOST, null, null, 0, 0, List.of());
    refused(Op.DELETE, otherScope);
    RouteSpec otherProtocol =
        new RouteSpec(null, DST, null, 0, null, "kernel", null, null, null, 0, 0, List.of());
    refused(Op.DELETE, otherProtocol);
    RouteSpec otherSource =
        new RouteSpec(null, DST, null, 0, null, null, null, ip("10.0.0.10"), null, 0, 0, List.of());
    refused(Op.DELETE, otherSource);
    RouteSpec otherGateway =
        new RouteSpec(
            null,
            DST,
            null,
            0,
            null,
            null,
            null,
            null,
            null,
            0,
            0,
            List.of(Nexthop.of(null, ip("10.0.0.1"))));
    refused(Op.DELETE, otherGateway);
    run(Op.DELETE, any);
    assertRoutes(DST, "");
    refused(Op.DELETE, any);
  }

  @Test
  void ipv6RoutesByMetric() {
    run(Op.ADD, spec(DST6, "eth0", 5L, 0));
    run(Op.ADD, spec(DST6, "eth0", 1L, 0));
    run(Op.ADD, spec(DST6, "eth0", 3L, 0));
    run(Op.ADD, spec(DST6, "eth0", null, 0));
    assertRoutes(DST6, "eth0/1 eth0/3 eth0/5 eth0");
    refused(Op.ADD, spec(DST6, "eth1", 3L, 0));
    run(Op.APPEND, spec(DST6, "eth1", 3L, 0));
    refused(Op.APPEND, spec(DST6, "eth1", 3L, 0));
    run(Op.PREPEND, spec(DST6, "lo", 3L, 0));
    assertRoutes(DST6, "eth0/1 eth0/3 eth1/3 lo/3 eth0/5 eth0");
    run(Op.REPLACE, spec(DST6, "lo", 5L, 0));
    refused(Op.CHANGE, spec(DST6, "lo", 6L, 0));
    run(Op.REPLACE, spec(DST6, "lo", 6L, 0));
    assertRoutes(DST6, "eth0/1 eth0/3 eth1/3 lo/3 lo/5 lo/6 eth0");
  }

  /** {@code rt6_qualify_for_ecmp}: only routes with gateways. */
  @Test
  void ipv6RoutesWithGatewaysOfOneMetricBecomeOne() {
    run(Op.ADD, spec(DST6, "lo", 3L, 0));
    run(Op.APPEND, via("fe80::1", "eth0", 3L));
    run(Op.APPEND, via("fe80::2", "eth1", 3L));
    refused(Op.APPEND, via("fe80::2", "eth1", 3L));
    run(Op.APPEND, via("fe80::1", "eth1", 9L));
    assertRoutes(DST6, "lo/3 eth0+eth1/3 eth1/9");
    run(Op.REPLACE, via("fe80::9", "eth0", 3L));
    assertRoutes(DST6, "lo/3 eth0/3 eth1/9");
    run(Op.REPLACE, spec(DST6, "eth1", 3L, 0));
    assertRoutes(DST6, "eth1/3 eth0/3 eth1/9");
    run(Op.REPLACE, spec(DST6, "eth0", 9L, 0));
    assertRoutes(DST6, "eth1/3 eth0/3 eth0/9");
  }

  @Test
  void whatIsRefusedBeforehand() {
    refused(Op.ADD, spec(DST, "eth7", null, 0));
    RouteSpec none =
        new RouteSpec(null, DST, null, 0, null, null, null, null, null, 0, 0, List.of());
    refused(Op.ADD, none);
    RouteSpec foreign =
        new RouteSpec(
            null,
            DST,
            null,
            0,
            null,
            null,
            null,
            ip("192.0.2.1"),
            null,
            0,
            0,
            List.of(Nexthop.of("eth0", null)));
    refused(Op.ADD, foreign);
    RouteSpec object =
        new RouteSpec(null, DST, null, 0, null, null, null, null, null, 0, 9, List.of());
    refused(Op.ADD, object);
    Nexthop onlink = new Nexthop("eth0", null, 1, false, false, true);
    refused(
        Op.ADD,
        new RouteSpec(null, DST, null, 0, null, null, null, null, null, 0, 0, List.of(onlink)));
    s = new Host().device("eth0", null, null, "default").build();
    refused(Op.ADD, v4("eth0"));
    run(
        Op.ADD,
        new RouteSpec(
            null,
            DST,
            null,
            0,
            null,
            null,
            Scope.HOST,
            null,
            null,
            0,
            0,
            List.of(Nexthop.of("eth0", null))));
    refused(Op.ADD, spec(DST6, "eth0", null, 0));
  }

  @Test
  void scopesTablesAndCarrier() {
    s =
        new Host()
            .device("eth0", null, null, "default", "UP")
            .address("eth0", "10.0.0.10/24")
            .build();
    run(Op.ADD, v4("eth0"));
    Route direct = Objects.requireNonNull(s.routes(false)).getFirst();
    assertEquals(Scope.LINK, direct.scope());
    assertEquals("main", direct.table());
    assertEquals(true, direct.nexthops().getFirst().linkdown());
    IpPrefix own = IpPrefix.parse("192.0.2.1/32");
    run(
        Op.ADD,
        new RouteSpec(
            RouteType.LOCAL,
            own,
            null,
            0,
            null,
            null,
            null,
            null,
            null,
            0,
            0,
            List.of(Nexthop.of("eth0", null))));
    Route local = Objects.requireNonNull(s.routes(false)).getLast();
    assertEquals("local", local.table());
    assertEquals(Scope.HOST, local.scope());
    assertEquals(false, local.nexthops().getFirst().linkdown());
    IpAddress gateway = ip("10.0.0.1");
    Nexthop onlink = new Nexthop("eth0", gateway, 1, false, false, true);
    run(
        Op.ADD,
        new RouteSpec(
            null,
            IpPrefix.parse("203.0.113.0/24"),
            null,
            0,
            null,
            null,
            null,
            null,
            null,
            0,
            0,
            List.of(onlink)));
    Route far = Objects.requireNonNull(s.routes(false)).getLast();
    assertEquals(Scope.UNIVERSE, far.scope());
    assertEquals(gateway, far.nexthops().getFirst().gateway());
  }
}
