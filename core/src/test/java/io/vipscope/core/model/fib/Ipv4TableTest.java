package io.vipscope.core.model.fib;

import static io.vipscope.core.model.fib.Routes.dead;
import static io.vipscope.core.model.fib.Routes.hop;
import static io.vipscope.core.model.fib.Routes.linkdown;
import static io.vipscope.core.model.fib.Routes.metric;
import static io.vipscope.core.model.fib.Routes.object;
import static io.vipscope.core.model.fib.Routes.route;
import static io.vipscope.core.model.fib.Routes.scope;
import static io.vipscope.core.model.fib.Routes.table;
import static io.vipscope.core.model.fib.Routes.tos;
import static io.vipscope.core.model.fib.Routes.type;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RouteError;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code fib_table_lookup} and {@code fib_select_default}, in tables made by hand. */
class Ipv4TableTest {

  private static final RouteQuery FAR = RouteQuery.to(IpAddress.parse("198.51.100.7"));
  private static final String IGNORE = "net.ipv4.conf.eth0.ignore_routes_with_linkdown";

  private final Host host = new Host();

  private @Nullable TableAnswer answer(RouteQuery q, Route... routes) {
    FibTable table = new FibTable(List.of(routes), Ipv4Table.ORDER);
    assertFalse(table.isEmpty());
    var s = host.build();
    return new Ipv4Table(s, new Nexthops(s.nexthops())).lookup(table, q);
  }

  /** The devices of all ways, in order. */
  private List<String> devices(RouteQuery q, Route... routes) {
    TableAnswer answer = answer(q, routes);
    return answer == null
        ? List.of()
        : answer.ways().stream().map(w -> w.hop() == null ? "-" : "" + w.hop().dev()).toList();
  }

  private @Nullable RouteError error(Route... routes) {
    TableAnswer answer = answer(FAR, routes);
    assertNotNull(answer);
    assertEquals(List.of("-"), devices(FAR, routes));
    return answer.error();
  }

  @Test
  void typesThatEndTheSearch() {
    Route wider = route("0.0.0.0/0", hop("eth0"));
    Route longer = route("198.51.100.0/24");
    assertEquals(RouteError.EINVAL, error(wider, type(longer, RouteType.BLACKHOLE)));
    assertEquals(RouteError.EHOSTUNREACH, error(wider, type(longer, RouteType.UNREACHABLE)));
    assertEquals(RouteError.EACCES, error(wider, type(longer, RouteType.PROHIBIT)));
    assertNull(answer(FAR, wider, type(longer, RouteType.THROW)));
  }

  @Test
  void aBlackholeObjectIsOne() {
    host.nexthop(new NexthopObject(4, null, List.of(), true, 0));
    assertEquals(RouteError.EINVAL, error(object(route("198.51.100.0/24"), 4)));
  }

  @Test
  void tosIsComparedWithoutItsUpperBits() {
    Route any = route("198.51.100.0/24", hop("eth0"));
    Route special = tos(route("198.51.100.0/24", hop("eth1")), 0x10);
    assertEquals(List.of("eth0"), devices(FAR, any, special));
    assertEquals(List.of("eth1"), devices(FAR.withTos(0x10), any, special));
    assertEquals(List.of("eth1"), devices(FAR.withTos(0xf3), any, special));
    assertEquals(List.of("eth0"), devices(FAR.withTos(0x18), any, special));
  }

  @Test
  void deadAndIgnoredWaysArePassedOver() {
    Route longer = route("198.51.100.0/24", dead(hop("eth0")), hop("eth1"));
    assertEquals(List.of("eth1"), devices(FAR, longer));
    Route wider = route("198.51.0.0/16", hop("eth1"));
    Route down = route("198.51.100.0/24", linkdown(hop("eth0")));
    assertEquals(List.of("eth0"), devices(FAR, wider, down));
    host.sysctl(IGNORE);
    assertEquals(List.of("eth1"), devices(FAR, wider, down));
    Route noDevice = route("198.51.100.0/24", linkdown(hop("eth0")), hop("eth0", "10.0.0.1"));
    assertEquals(List.of("eth0"), devices(FAR, wider, noDevice));
  }

  @Test
  void aDeviceAskedForIsACondition() {
    Route first = route("198.51.100.0/24", hop("eth0"), hop("eth1"), hop("eth1", "10.0.1.1"));
    RouteQuery q = FAR.withOif("eth1");
    assertEquals(List.of("eth1"), devices(q, first));
    assertEquals(List.of("eth0", "eth1", "eth1"), devices(FAR, first));
    Route wider = route("198.51.0.0/16", hop("eth1"));
    assertEquals(List.of("eth1"), devices(q, wider, route("198.51.100.0/24", hop("eth0"))));
    assertNull(answer(FAR.withOif("eth2"), wider, first));
  }

  @Test
  void theNextRouteOfThePrefixButNotAfterAnObject() {
    Route by0 = route("198.51.100.0/24", hop("eth0"));
    Route by1 = metric(route("198.51.100.0/24", hop("eth1", "10.0.1.1")), 5);
    Route wider = route("198.51.0.0/16", hop("eth1", "10.0.1.2"));
    TableAnswer next = answer(FAR.withOif("eth1"), by0, by1, wider);
    assertNotNull(next);
    assertEquals(by1, next.route());
    TableAnswer shorter = answer(FAR.withOif("eth1"), object(by0, 1), by1, wider);
    assertNotNull(shorter);
    assertEquals(wider, shorter.route());
  }

  private static Route standard(String dev, String gateway) {
    return route("0.0.0.0/0", hop(dev, gateway));
  }

  /** Which of several default routes is taken depends on their neighbours. */
  @Test
  void otherDefaultRoutesMayBeTaken() {
    Route first = standard("eth0", "10.0.0.1");
    Route second = standard("eth1", "10.0.1.1");
    assertEquals(List.of("eth0", "eth1"), devices(FAR, first, second));
    assertEquals(List.of("eth0"), devices(FAR, first, metric(second, 5)));
    assertEquals(List.of("eth0"), devices(FAR.withOif("eth0"), first, second));
    Route third = standard("eth2", "10.0.2.1");
    assertEquals(List.of("eth0", "eth1", "eth2"), devices(FAR, first, second, third));
    assertEquals(
        List.of("eth0", "eth2"),
        devices(FAR, first, route("0.0.0.0/0", dead(hop("eth1", "10.0.1.1"))), third));
  }

  @Test
  void onlyDefaultRoutesByGatewayAreAlternatives() {
    Route first = standard("eth0", "10.0.0.1");
    Route byDevice = route("0.0.0.0/0", hop("eth1"));
    Route third = standard("eth2", "10.0.2.1");
    assertEquals(List.of("eth0", "eth2"), devices(FAR, first, byDevice, third));
    assertEquals(List.of("eth1"), devices(FAR, byDevice, first));
    Route prohibit = type(route("0.0.0.0/0"), RouteType.PROHIBIT);
    assertEquals(List.of("eth0", "eth2"), devices(FAR, first, prohibit, third));
    Route narrow = scope(standard("eth1", "10.0.1.1"), Scope.LINK);
    assertEquals(List.of("eth0", "eth2"), devices(FAR, first, narrow, third));
    Route many = route("0.0.0.0/0", hop("eth0", "10.0.0.1"), hop("eth1", "10.0.1.1"));
    assertEquals(List.of("eth0", "eth1"), devices(FAR, many, third));
    Route half = route("128.0.0.0/1", hop("eth0", "10.0.0.1"));
    Route otherHalf = route("128.0.0.0/1", hop("eth1", "10.0.1.1"));
    assertEquals(List.of("eth0"), devices(FAR, half, otherHalf));
    Route local = type(first, RouteType.LOCAL);
    assertEquals(List.of("eth0"), devices(FAR, local, third));
    Route elsewhere = table(standard("eth1", "10.0.1.1"), "local");
    assertEquals(List.of("eth0", "eth2"), devices(FAR, first, elsewhere, third));
  }

  @Test
  void defaultRoutesOfAnotherTosAreNotComparedByMetric() {
    Route special = metric(tos(standard("eth0", "10.0.0.1"), 0x10), 5);
    Route plain = metric(standard("eth1", "10.0.1.1"), 9);
    Route further = metric(standard("eth2", "10.0.2.1"), 20);
    RouteQuery q = FAR.withTos(0x10);
    assertEquals(List.of("eth0", "eth1"), devices(q, special, plain, further));
    assertEquals(List.of("eth1"), devices(FAR, special, plain, further));
    Route behind = metric(tos(standard("eth2", "10.0.2.1"), 0x10), 7);
    assertEquals(List.of("eth0", "eth1"), devices(q, special, behind, plain));
  }

  @Test
  void anAlternativeByObjectIsMarkedAsOne() {
    Route first = standard("eth0", "10.0.0.1");
    Route second = object(standard("eth1", "10.0.1.1"), 1);
    TableAnswer both = answer(FAR, first, second);
    assertNotNull(both);
    assertEquals(
        List.of(false, true), both.ways().stream().map(TableAnswer.Way::byObject).toList());
  }
}
