package io.vipscope.core.model.fib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FibTableTest {

  private static final Comparator<Route> BY_METRIC = Comparator.comparingLong(Route::metric);

  @Test
  void emptyTableHasNoRoute() {
    assertTrue(FibTable.EMPTY.isEmpty());
    assertEquals(List.of(), FibTable.EMPTY.matching(IpAddress.parse("192.0.2.1")));
  }

  @Test
  void equalRoutesStayInTheOrderOfTheDump() {
    Route later = route(IpPrefix.parse("0.0.0.0/0"), 1, "eth1");
    Route first = route(IpPrefix.parse("0.0.0.0/0"), 0, "eth2");
    Route second = route(IpPrefix.parse("0.0.0.0/0"), 0, "eth0");
    FibTable table = new FibTable(List.of(later, first, second), BY_METRIC);
    assertEquals(
        List.of(List.of(first, second, later)), table.matching(IpAddress.parse("192.0.2.1")));
  }

  @Test
  void highAddressesAreAboveLowOnes() {
    Route low = route(IpPrefix.parse("10.0.0.0/8"), 0, "eth0");
    Route high = route(IpPrefix.parse("200.0.0.0/8"), 0, "eth1");
    FibTable table = new FibTable(List.of(high, low), BY_METRIC);
    assertEquals(List.of(List.of(low)), table.matching(IpAddress.parse("10.1.2.3")));
    assertEquals(List.of(List.of(high)), table.matching(IpAddress.parse("200.1.2.3")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void agreesWithASearchThroughAllRoutes(boolean v6) {
    Random random = new Random(3);
    int found = 0;
    for (int round = 0; round < 200; round++) {
      List<Route> routes = new ArrayList<>();
      for (int i = random.nextInt(60); i > 0; i--) {
        int length = random.nextInt(v6 ? 129 : 33);
        routes.add(route(IpPrefix.of(address(random, v6), length), random.nextInt(3), "eth" + i));
      }
      FibTable table = new FibTable(routes, BY_METRIC);
      for (int i = 0; i < 50; i++) {
        IpAddress address = address(random, v6);
        List<List<Route>> matching = table.matching(address);
        assertEquals(searched(routes, address), matching, () -> address + " in " + routes);
        found += matching.size();
      }
    }
    assertTrue(found > 5_000, "only " + found + " were found");
  }

  /** The routes that hold the address by length and metric, else in their order. */
  private static List<List<Route>> searched(List<Route> routes, IpAddress address) {
    TreeMap<Integer, List<Route>> byLength = new TreeMap<>(Comparator.reverseOrder());
    for (Route route : routes) {
      if (route.dst().contains(address)) {
        byLength.computeIfAbsent(route.dst().length(), _ -> new ArrayList<>()).add(route);
      }
    }
    byLength.values().forEach(same -> same.sort(BY_METRIC));
    return List.copyOf(byLength.values());
  }

  /** One of few addresses, spread over both halves of the space. */
  private static IpAddress address(Random random, boolean v6) {
    long top = (long) random.nextInt(4) << 62 | random.nextInt(2);
    long low = (long) random.nextInt(4) << 62 | random.nextInt(4);
    return v6
        ? IpAddress.v6(top, low)
        : IpAddress.v4(random.nextInt(4) << 30 | random.nextInt(4) << 8 | random.nextInt(4));
  }

  private static Route route(IpPrefix dst, long metric, String dev) {
    return new Route(
        RouteType.UNICAST,
        dst,
        null,
        0,
        TableName.MAIN,
        "bgp",
        Scope.UNIVERSE,
        null,
        metric,
        0,
        0,
        List.of(Nexthop.of(dev, null)));
  }
}
