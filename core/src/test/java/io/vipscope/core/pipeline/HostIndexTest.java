package io.vipscope.core.pipeline;

import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.pipeline.Lab.VIP;
import static io.vipscope.core.pipeline.Lab.own;
import static io.vipscope.core.pipeline.Lab.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostIndexTest {

  private static int group(LocalAddresses local, IpAddress address) {
    return local.groupOf(address.v6(), address.hi(), address.lo());
  }

  @Test
  void vipsOfASecondPairAreInItsGroup() {
    AuditedHost other =
        new AuditedHost("db2", AuditedPair.of("db"), List.of(snapshot(2, false, 0, 1)));
    AuditedHost first =
        new AuditedHost(
            "other", AuditedPair.of("first"), List.of(Lab.withoutVips(snapshot(1, false, 0, 1))));
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
    assertNull(index.hostOfAddress(-1, own(1)));
    assertEquals(2, index.hostsOfAddress(own(1)).size());
  }

  @Test
  void sameAddressesInTwoSegmentsAreTwoHosts() {
    AuditedPair ten = new AuditedPair("ten", SegmentName.vlan(10), Set.of());
    AuditedPair twenty = new AuditedPair("twenty", SegmentName.vlan(20), Set.of(own(1)));
    HostIndex index =
        new HostIndex(
            List.of(
                new AuditedHost("a", ten, List.of(snapshot(1, true, 0, 1))),
                new AuditedHost("b", twenty, List.of(Lab.withoutVips(snapshot(2, true, 0, 1)))),
                new AuditedHost("c", ten, List.of(snapshot(2, false, 0, 1)))),
            List.of());
    assertEquals("a", index.hostOfAddress(10, own(1)));
    assertEquals("c", index.hostOfAddress(10, own(2)));
    assertEquals("b", index.hostOfAddress(20, own(2)));
    assertEquals("c", index.hostOfMac(10, Lab.mac(2)));
    assertEquals("b", index.hostOfMac(20, Lab.mac(2)));
    assertNull(index.hostOfMac(30, Lab.mac(2)));
    assertTrue(index.isVip(10, VIP));
    assertFalse(index.isVip(20, VIP), "an address of the host that nobody names a VIP");
    assertTrue(index.isVip(20, own(1)));
    assertFalse(index.isVip(10, own(1)));
    assertEquals(2, index.hostsOfAddress(-1, own(2)).size(), "the tag is missing");
    LocalAddresses local = index.localAddresses();
    assertEquals(group(local, own(1)), group(local, own(2)), "one group: they overlap");
  }

  @Test
  void newStateIsFollowed() {
    HostIndex index =
        new HostIndex(List.of(Lab.host(1, Lab.withoutVips(snapshot(1, false, 0, 1)))), List.of());
    LocalAddresses local = index.localAddresses();
    int number = local.groupOf(false, 0, own(1).lo());
    assertFalse(index.isVip(VIP));
    assertEquals(-1, group(local, VIP));
    index.update(List.of(Lab.host(1, snapshot(1, true, 2, 3))));
    local.add(index.groups(), index.vips());
    assertTrue(index.isVip(VIP));
    assertEquals(number, group(local, VIP));
    assertEquals(number, group(local, own(1)));
  }

  @Test
  void vipIsNobodysOwnAddress() {
    HostIndex index = new HostIndex(List.of(Lab.host(1, snapshot(1, true, 0, 1))), List.of());
    assertTrue(index.isVip(VIP));
    assertEquals(List.of(), index.hostsOfAddress(VIP));
    assertEquals("lb1", index.hostOfMac(-1, Lab.mac(1)));
    assertEquals("edge", index.instanceOf(VIP, null));
    assertEquals(-1, group(index.localAddresses(), ip("127.0.0.1")));
  }
}
