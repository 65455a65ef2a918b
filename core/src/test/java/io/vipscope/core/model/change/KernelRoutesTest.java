package io.vipscope.core.model.change;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code fib_add_ifaddr}, {@code fib_del_ifaddr}, {@code rt6_remove_prefsrc}. */
class KernelRoutesTest {

  private static InterfaceAddress address(String text, @Nullable String broadcast) {
    int slash = text.indexOf('/');
    return new InterfaceAddress(
        ip(text.substring(0, slash)),
        null,
        Integer.parseInt(text.substring(slash + 1)),
        Scope.UNIVERSE,
        Set.of(),
        InterfaceAddress.FOREVER,
        InterfaceAddress.FOREVER,
        null,
        broadcast == null ? null : ip(broadcast),
        null);
  }

  private static List<Route> routes(HostSnapshot s, boolean v6) {
    return Objects.requireNonNull(s.routes(v6));
  }

  private static List<String> added(HostSnapshot s, String dev, InterfaceAddress address) {
    HostSnapshot after = new AddressChange(AddressChange.Op.ADD, dev, address, false).applyTo(s);
    return routes(after, false).stream()
        .map(r ->
            r.type().text() + " " + r.dst() + " " + r.table() + " scope " + Scope.name(r.scope()))
        .toList();
  }

  private static HostSnapshot lost(HostSnapshot s, String dev, String address, int length) {
    InterfaceAddress gone = InterfaceAddress.of(ip(address), length, Scope.UNIVERSE);
    return new AddressChange(AddressChange.Op.DELETE, dev, gone, false).applyTo(s);
  }

  @Test
  void broadcastRoutesOfAnAddress() {
    HostSnapshot s = new Host().build();
    String local = "local 10.0.0.10/32 local scope host";
    String subnet = "unicast 10.0.0.0/24 main scope link";
    String last = "broadcast 10.0.0.255/32 local scope link";
    assertEquals(List.of(local, subnet, last), added(s, "eth0", address("10.0.0.10/24", null)));
    assertEquals(
        List.of(local, "broadcast 10.0.0.127/32 local scope link", subnet, last),
        added(s, "eth0", address("10.0.0.10/24", "10.0.0.127")));
    assertEquals(
        List.of(local, subnet, last), added(s, "eth0", address("10.0.0.10/24", "255.255.255.255")));
  }

  /** {@code fib_add_ifaddr}: a point-to-point subnet has no broadcast address, from 31 bits on. */
  @Test
  void subnetOfTwoHasNoBroadcastAddress() {
    HostSnapshot s = new Host().build();
    assertEquals(
        List.of("local 10.0.0.10/32 local scope host", "unicast 10.0.0.10/31 main scope link"),
        added(s, "eth0", address("10.0.0.10/31", null)));
    assertEquals(
        List.of(
            "local 10.0.0.10/32 local scope host",
            "unicast 10.0.0.8/30 main scope link",
            "broadcast 10.0.0.11/32 local scope link"),
        added(s, "eth0", address("10.0.0.10/30", null)));
  }

  @Test
  void subnetOfTheLoopbackDeviceIsLocal() {
    assertEquals(
        List.of(
            "local 10.0.0.10/32 local scope host",
            "local 10.0.0.0/24 local scope host",
            "broadcast 10.0.0.255/32 local scope link"),
        added(new Host().build(), "lo", address("10.0.0.10/24", null)));
  }

  /** {@code fib_disable_ip}: with its last address a device leaves the routes. */
  @Test
  void lastAddressTakesTheDeviceOutOfRoutes() {
    Route multipath =
        new Route(
            RouteType.UNICAST,
            IpPrefix.parse("198.51.100.0/24"),
            null,
            0,
            "main",
            "boot",
            Scope.UNIVERSE,
            null,
            0,
            0,
            0,
            List.of(Nexthop.of("eth0", ip("10.0.0.1")), Nexthop.of("eth1", ip("10.0.1.1"))));
    Route byObject =
        new Route(
            RouteType.UNICAST,
            IpPrefix.parse("203.0.113.0/24"),
            null,
            0,
            "main",
            "boot",
            Scope.UNIVERSE,
            null,
            0,
            0,
            9,
            List.of(Nexthop.of("eth0", ip("10.0.0.1"))));
    HostSnapshot s =
        new Host()
            .address("eth0", "10.0.0.10/24")
            .address("eth1", "10.0.1.10/24")
            .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
            .route("main", "10.0.1.0/24", "eth1", null, null)
            .reject(RouteType.PROHIBIT, "main", "192.0.2.0/24")
            .route(multipath)
            .route(byObject)
            .build();
    List<Route> left = routes(lost(s, "eth0", "10.0.0.10", 24), false);
    assertEquals(
        List.of("10.0.1.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
        left.stream().map(r -> r.dst().toString()).toList());
    assertEquals(multipath.nexthops().subList(1, 2), left.get(2).nexthops());
  }

  /** {@code inet_addr_type_dev_table}: a prefix of the loopback device still holds the address. */
  @ParameterizedTest
  @CsvSource({"LOCAL, 1", "BROADCAST, 0", "PROHIBIT, 0"})
  void routesKeepASourceThatAnotherRouteCallsLocal(RouteType type, int kept) {
    HostSnapshot s =
        new Host()
            .address("eth0", "10.0.0.10/24")
            .address("eth0", "10.50.0.7/32")
            .route("main", "198.51.100.0/24", "eth0", "10.0.0.1", "10.50.0.7")
            .route(
                new Route(
                    type,
                    IpPrefix.parse("10.50.0.0/24"),
                    null,
                    0,
                    "local",
                    "boot",
                    Scope.HOST,
                    null,
                    0,
                    0,
                    0,
                    List.of(Nexthop.of("lo", null))))
            .build();
    assertEquals(
        kept,
        routes(lost(s, "eth0", "10.50.0.7", 32), false).stream()
            .filter(r -> r.prefsrc() != null)
            .count());
  }

  /** {@code rt6_remove_prefsrc}: before Linux 6.6 of the device's own routes alone. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {"null, 0", "6.6.1, 0", "6.18.0, 0", "6.1.5, 1", "5.4, 1"})
  void ipv6RoutesByOtherDevicesKeepTheirSourceInOldKernels(@Nullable String kernel, int kept) {
    String vip = "2001:db8::100";
    HostSnapshot s =
        new Host()
            .kernel(kernel)
            .address("eth0", vip + "/64")
            .route("main", "2001:db8:7::/48", "eth0", "fe80::1", vip)
            .route("main", "2001:db8:8::/48", "eth1", "fe80::1", vip)
            .route("main", "2001:db8:9::/48", "eth1", "fe80::1", null)
            .build();
    List<Route> left = routes(lost(s, "eth0", vip, 64), true);
    assertEquals(3, left.size());
    assertEquals(
        kept == 0 ? List.of() : List.of("2001:db8:8::/48"),
        left.stream().filter(r -> r.prefsrc() != null).map(r -> r.dst().toString()).toList());
  }
}
