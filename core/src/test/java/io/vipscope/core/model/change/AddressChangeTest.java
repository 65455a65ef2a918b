package io.vipscope.core.model.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Addresses that go with another one. */
class AddressChangeTest {

  private static Host host() {
    return new Host()
        .address("eth0", "2001:db8::10/64", AddressFlag.MNGTMPADDR)
        .address("eth0", "2001:db8::aaaa/64", AddressFlag.TEMPORARY)
        .address("eth0", "2001:db8:1::aaaa/64", AddressFlag.TEMPORARY);
  }

  private static List<String> left(HostSnapshot s, String deleted) {
    InterfaceAddress address = InterfaceAddress.of(IpAddress.parse(deleted), 64, Scope.UNIVERSE);
    HostSnapshot after =
        new AddressChange(AddressChange.Op.DELETE, "eth0", address, false).applyTo(s);
    return after.addresses().stream().map(IpAddress::toString).sorted().toList();
  }

  /** {@code delete_tempaddrs}. */
  @Test
  void temporaryAddressesGoWithTheOneTheyWereMadeFor() {
    assertEquals(List.of("2001:db8:1::aaaa"), left(host().build(), "2001:db8::10"));
    assertEquals(
        List.of("2001:db8:1::aaaa", "2001:db8::10"), left(host().build(), "2001:db8::aaaa"));
  }

  @Test
  void whichTheyWereMadeForMayNotShow() {
    HostSnapshot s = host().address("eth0", "2001:db8::11/64", AddressFlag.MNGTMPADDR).build();
    assertThrows(ChangeException.class, () -> left(s, "2001:db8::10"));
  }

  /** {@code inet6_addr_modify}. */
  @Test
  void onlyALastingAddressOfLength64MayMakeTemporaryOnes() {
    InterfaceAddress managing =
        InterfaceAddress.of(IpAddress.parse("2001:db8:5::10"), 64, Scope.UNIVERSE)
            .withFlags(Set.of(AddressFlag.MNGTMPADDR));
    AddressChange replace = new AddressChange(AddressChange.Op.REPLACE, "eth0", managing, false);
    HostSnapshot fits = new Host().address("eth0", "2001:db8:5::10/64").build();
    assertEquals(1, replace.applyTo(fits).addresses().size());
    HostSnapshot longer = new Host().address("eth0", "2001:db8:5::10/48").build();
    assertThrows(ChangeException.class, () -> replace.applyTo(longer));
    HostSnapshot temporary =
        new Host().address("eth0", "2001:db8:5::10/64", AddressFlag.TEMPORARY).build();
    assertThrows(ChangeException.class, () -> replace.applyTo(temporary));
  }

  /** {@code fib_create_info}: a local route is not linkdown without carrier. */
  @Test
  void localRouteOfAnAddedAddressNeedsNoCarrier() {
    HostSnapshot up = new Host().sysctl("net.ipv4.conf.all.ignore_routes_with_linkdown").build();
    Link link = up.links().get(1);
    Link down =
        new Link(
            link.ifindex(),
            link.name(),
            null,
            null,
            Set.of("UP", "NO-CARRIER"),
            "DOWN",
            "default",
            null,
            null,
            List.of());
    HostSnapshot s = up.withLinks(List.of(up.links().getFirst(), down));
    InterfaceAddress added = InterfaceAddress.of(IpAddress.parse("10.0.3.10"), 24, Scope.UNIVERSE);
    HostSnapshot after = new AddressChange(AddressChange.Op.ADD, "eth0", added, false).applyTo(s);
    List<Route> routes = after.routes(false);
    assertNotNull(routes);
    assertEquals(
        List.of(false, true, true),
        Stream.of(RouteType.LOCAL, RouteType.UNICAST, RouteType.BROADCAST)
            .map(t -> routes.stream().filter(r -> r.type() == t).findFirst().orElseThrow())
            .map(r -> r.nexthops().getFirst().linkdown())
            .toList());
  }
}
