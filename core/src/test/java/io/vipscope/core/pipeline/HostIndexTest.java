package io.vipscope.core.pipeline;

import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.pipeline.Lab.VIP;
import static io.vipscope.core.pipeline.Lab.own;
import static io.vipscope.core.pipeline.Lab.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostIndexTest {

  private static int group(LocalAddresses local, IpAddress address) {
    return local.groupOf(address.v6(), address.hi(), address.lo());
  }

  @Test
  void vipsOfASecondPairAreInItsGroup() {
    AuditedHost other = new AuditedHost("db2", "db", List.of(snapshot(2, false, 0, 1)));
    AuditedHost first =
        new AuditedHost("other", "first", List.of(Lab.withoutVips(snapshot(1, false, 0, 1))));
    IpAddress extra = ip("10.9.9.9");
    LocalAddresses local = new HostIndex(List.of(first, other), List.of(extra)).localAddresses();
    assertEquals(group(local, own(2)), group(local, VIP));
    assertNotEquals(group(local, own(1)), group(local, VIP));
    assertEquals(group(local, own(1)), group(local, extra), "a VIP of no configuration");
  }

  @Test
  void addressOfTwoHostsNamesNeither() {
    HostIndex index =
        new HostIndex(
            List.of(
                new AuditedHost("a", null, List.of(snapshot(1, false, 0, 1))),
                new AuditedHost("b", null, List.of(snapshot(1, false, 0, 1)))),
            List.of());
    assertNull(index.hostOfAddress(own(1)));
    assertEquals(2, index.hostsOfAddress(own(1)).size());
  }

  @Test
  void vipIsNobodysOwnAddress() {
    HostIndex index = new HostIndex(List.of(Lab.host(1, snapshot(1, true, 0, 1))), List.of());
    assertTrue(index.isVip(VIP));
    assertEquals(List.of(), index.hostsOfAddress(VIP));
    assertEquals("lb1", index.hostOfMac(Lab.mac(1)));
    assertEquals("edge", index.instanceOf(VIP, null));
    assertEquals(-1, group(index.localAddresses(), ip("127.0.0.1")));
  }
}
