package io.vipscope.core.model.selection;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The sorted tables of the states asked last are kept, four of each of four sets. */
class HostTablesTest {

  private final HostTables.Recent recent = new HostTables.Recent();

  private static List<HostSnapshot> states(int count) {
    List<HostSnapshot> states = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      states.add(new Host().build());
    }
    return states;
  }

  @Test
  void aStateAskedAgainHasTheSameTables() {
    HostSnapshot s = new Host().build();
    HostTables first = recent.of(s, 5);
    assertSame(first, recent.of(s, 5));
    assertNotSame(first, recent.of(new Host().build(), 5), "found by identity, not by content");
  }

  @Test
  void everySetKeepsItsOwn() {
    List<HostSnapshot> states = states(4 * HostTables.Recent.WAYS);
    List<HostTables> made = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      made.add(recent.of(states.get(i), i));
    }
    for (int i = 0; i < states.size(); i++) {
      assertSame(made.get(i), recent.of(states.get(i), i));
    }
  }

  @Test
  void theOldestOfASetGoes() {
    List<HostSnapshot> states = states(HostTables.Recent.WAYS + 1);
    List<HostTables> made = states.stream().map(s -> recent.of(s, 3)).toList();
    for (int i = states.size() - 1; i > 0; i--) {
      assertSame(made.get(i), recent.of(states.get(i), 3));
    }
    assertNotSame(made.getFirst(), recent.of(states.getFirst(), 3));
  }

  @Test
  void routesThatWereNotCollectedAreNamed() {
    HostSnapshot s = new Host().build();
    assertEquals(
        "route4.json was not collected",
        RouteLookup.routeGet(
                s.withRouting(false, null, s.rules(false)), RouteQuery.to(ip("192.0.2.1")))
            .unknown());
    assertEquals(
        "route6.json was not collected",
        RouteLookup.routeGet(
                s.withRouting(true, null, s.rules(true)), RouteQuery.to(ip("2001:db8::1")))
            .unknown());
  }
}
