package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.change.Role;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A host in the other role: its own snapshot of that role, else one made from keepalived.conf. */
class RoleTest {

  private static final Path LB1 = Path.of("demo/snapshots/lb1");

  private static final List<HostSnapshot> LB1_HISTORY = SnapshotReader.readHost("lb1", LB1);

  @Test
  void newestSnapshotOfTheRoleIsTaken() {
    HostSnapshot master = Role.MASTER.state(LB1_HISTORY);
    HostSnapshot backup = Role.BACKUP.state(LB1_HISTORY);
    assertTrue(master.holds(IpAddress.parse("192.168.0.9")));
    assertFalse(backup.holds(IpAddress.parse("192.168.0.9")));
    assertFalse(master.assumed() || backup.assumed());
    assertTrue(LB1_HISTORY.contains(master) && LB1_HISTORY.contains(backup));
  }

  @Test
  void assumedStatesAnswerAsTheRealOnes() {
    for (Role role : Role.values()) {
      HostSnapshot real = role.state(LB1_HISTORY);
      List<HostSnapshot> others = LB1_HISTORY.stream().filter(s -> Role.of(s) != role).toList();
      HostSnapshot assumed = role.state(others);
      assertTrue(assumed.assumed(), "there is no snapshot of that role");
      for (String dst :
          List.of(
              "192.168.0.9",
              "192.168.0.50",
              "198.51.100.7",
              "203.0.113.6",
              "2001:db8:ff::5",
              "2001:db8:0:1::9",
              "2001:db8:0:1::50",
              "224.0.0.18")) {
        RouteQuery q = new RouteQuery(IpAddress.parse(dst), null, 0, 0, null, 17, 0, 0, 0);
        assertEquals(
            RouteLookup.routeGet(real, q).candidates(),
            RouteLookup.routeGet(assumed, q).candidates(),
            role + " " + dst);
      }
    }
  }

  @Test
  void peopleSeeBothRolesAndProgramsOne() {
    Cli people = Cli.run("predict", "--host", "lb1=" + LB1, "192.168.0.9");
    assertTrue(people.out().contains("as master, by the snapshot of"), people::out);
    assertTrue(people.out().contains("as backup, by the snapshot of"), people::out);
    assertFalse(people.out().contains("the same"), people::out);
    List<JsonNode> one =
        Cli.run("predict", "--host", "lb1=" + LB1, "--json", "192.168.0.9").records();
    assertEquals(1, one.size());
    assertFalse(one.getFirst().has("role"));
    List<JsonNode> both =
        Cli.run("predict", "--host", "lb1=" + LB1, "--json", "--role", "both", "192.168.0.9")
            .records();
    assertEquals(
        List.of("master", "backup"), both.stream().map(r -> r.get("role").asString()).toList());
    assertEquals("lo", both.get(0).get("dev").asString());
    assertEquals("eth0", both.get(1).get("dev").asString());
  }
}
