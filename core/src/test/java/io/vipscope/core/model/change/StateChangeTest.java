package io.vipscope.core.model.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A host gains or loses an address that no keepalived.conf names. */
class StateChangeTest {

  private static final IpAddress VIP = IpAddress.parse("10.0.1.100");
  private static final IpAddress VIP6 = IpAddress.parse("2001:db8::100");

  private static Host host() {
    return new Host()
        .address("eth0", "10.0.0.10/24")
        .address("eth1", "10.0.1.10/24")
        .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null);
  }

  private static InterfaceAddress held(HostSnapshot s, IpAddress address, String dev) {
    return Objects.requireNonNull(s.link(dev)).addresses().stream()
        .filter(a -> a.local().equals(address))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aPlainAddressGoesToTheDeviceOfItsSubnet() {
    HostSnapshot before = host().build();
    HostSnapshot after = StateChange.gain(before, VIP);
    InterfaceAddress gained = held(after, VIP, "eth1");
    assertEquals(32, gained.prefixLength());
    assertFalse(gained.has(AddressFlag.DEPRECATED));
    assertTrue(after.assumed());
    assertFalse(before.assumed());
    assertTrue(
        Objects.requireNonNull(after.routes(false)).stream()
            .anyMatch(r -> r.table().equals("local") && r.dst().contains(VIP)));
    assertSame(after, StateChange.gain(after, VIP), "held already");
  }

  @Test
  void withoutASubnetToTheFirstDeviceThatIsUp() {
    HostSnapshot after = StateChange.gain(host().build(), IpAddress.parse("192.0.2.1"));
    held(after, IpAddress.parse("192.0.2.1"), "eth0");
    HostSnapshot none =
        host().device("eth0", null, null, "default").device("eth1", null, null, "default").build();
    assertSame(none, StateChange.gain(none, IpAddress.parse("192.0.2.1")));
  }

  /** keepalived's /128 has a preferred lifetime of 0. */
  @Test
  void aPlainIpv6AddressIsDeprecated() {
    HostSnapshot after = StateChange.gain(host().build(), VIP6);
    InterfaceAddress gained = held(after, VIP6, "eth0");
    assertEquals(128, gained.prefixLength());
    assertTrue(gained.has(AddressFlag.DEPRECATED));
    assertTrue(gained.has(AddressFlag.NODAD));
    assertEquals(0, gained.preferredS());
  }

  @Test
  void everyAddressOfThatValueGoes() {
    HostSnapshot s = host().address("eth0", VIP + "/32").address("eth1", VIP + "/24").build();
    HostSnapshot after = StateChange.lose(s, VIP);
    assertFalse(after.holds(VIP));
    assertTrue(after.assumed());
    assertTrue(after.holds(IpAddress.parse("10.0.1.10")));
    HostSnapshot without = host().build();
    assertSame(without, StateChange.lose(without, VIP));
  }

  /** {@code fib_sync_down_addr} takes routes by that source from main, {@code rt6} only the src. */
  @Test
  void routesThatNameTheAddressFollow() {
    HostSnapshot s =
        host()
            .address("eth1", VIP + "/32")
            .route("main", "198.51.100.0/24", "eth0", "10.0.0.1", VIP.toString())
            .route("100", "198.51.100.0/24", "eth0", "10.0.0.1", VIP.toString())
            .address("eth0", VIP6 + "/64")
            .route("main", "2001:db8:77::/64", "eth0", "fe80::1", VIP6.toString())
            .build();
    HostSnapshot after = StateChange.lose(s, VIP);
    assertEquals(
        List.of("main", "100"),
        Objects.requireNonNull(after.routes(false)).stream().map(r -> r.table()).toList());
    HostSnapshot after6 = StateChange.lose(s, VIP6);
    assertEquals(
        List.of(true),
        Objects.requireNonNull(after6.routes(true)).stream()
            .map(r -> r.prefsrc() == null)
            .toList());
  }
}
