package io.vipscope.core.model.fib;

import static io.vipscope.core.model.fib.Routes.hop;
import static io.vipscope.core.model.fib.Routes.object;
import static io.vipscope.core.model.fib.Routes.route;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.NexthopObject;
import io.vipscope.core.model.snapshot.Route;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ways out by nexthop objects, where the dump shows none: nexthop_compat_mode 0. */
class NexthopsTest {

  private static final Nexthop WAY = hop("eth0", "10.0.0.1");
  private static final Nexthop DOWN =
      new Nexthop("eth1", null, 1, /* dead= */ true, /* linkdown= */ true, /* onlink= */ true);

  private static final Nexthops OBJECTS =
      new Nexthops(
          List.of(
              new NexthopObject(1, WAY, List.of(), false, 0),
              new NexthopObject(2, DOWN, List.of(), false, 0),
              new NexthopObject(3, null, List.of(), true, 0),
              group(4, 1, 2, 3, 99),
              group(5, 3),
              group(6, 3, 1),
              group(7, 99)));

  private static NexthopObject group(long id, long... members) {
    List<NexthopObject.Member> all =
        Arrays.stream(members).mapToObj(m -> new NexthopObject.Member(m, 7)).toList();
    return new NexthopObject(id, null, all, false, 0);
  }

  private static Route by(long id, Nexthop... shown) {
    return object(route("198.51.100.0/24", shown), id);
  }

  @Test
  void whatTheDumpShowsIsTaken() {
    assertEquals(List.of(WAY), OBJECTS.of(by(0, WAY)));
    assertEquals(List.of(), OBJECTS.of(by(0)));
    assertEquals(List.of(DOWN), OBJECTS.of(by(1, DOWN)));
  }

  @Test
  void elseThatOfTheObject() {
    assertEquals(List.of(WAY), OBJECTS.of(by(1)));
    assertEquals(List.of(), OBJECTS.of(by(3)));
    assertEquals(List.of(), OBJECTS.of(by(99)), "not in the snapshot");
  }

  @Test
  void aGroupHasThoseOfItsMembers() {
    assertEquals(
        List.of(
            new Nexthop("eth0", WAY.gateway(), 7, false, false, false),
            new Nexthop("eth1", null, 7, true, true, true)),
        OBJECTS.of(by(4)));
  }

  /** {@code nexthop_is_blackhole}. */
  @Test
  void blackholes() {
    assertTrue(OBJECTS.isBlackhole(by(3)));
    assertTrue(OBJECTS.isBlackhole(by(5)), "a group of one");
    assertFalse(OBJECTS.isBlackhole(by(6)), "a group of more");
    assertFalse(OBJECTS.isBlackhole(by(7)));
    assertFalse(OBJECTS.isBlackhole(by(1)));
    assertFalse(OBJECTS.isBlackhole(by(99)));
    assertFalse(OBJECTS.isBlackhole(by(0, WAY)));
  }
}
