package io.vipscope.core.model.snapshot;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A network device with its addresses.
 *
 * @param address hardware address; null where it has none of six octets
 * @param permanentAddress factory address where it differs (bond members); null if not shown
 * @param flags as printed: UP, LOWER_UP, LOOPBACK, NO-CARRIER, ...
 * @param group device group; {@code default} is group 0
 * @param master name of the bridge, bond or VRF above; null without one
 * @param kind {@code macvlan}, {@code vrf}, ...; null for physical devices
 * @param addresses both families, in the kernel's list order within each family
 */
public record Link(
    int ifindex,
    String name,
    @Nullable MacAddress address,
    @Nullable MacAddress permanentAddress,
    Set<String> flags,
    String operstate,
    String group,
    @Nullable String master,
    @Nullable String kind,
    List<InterfaceAddress> addresses) {

  public Link {
    flags = Set.copyOf(flags);
    addresses = List.copyOf(addresses);
    group = group.equals("0") ? "default" : group;
  }

  public boolean up() {
    return flags.contains("UP");
  }

  public boolean hasCarrier() {
    return flags.contains("LOWER_UP");
  }

  public boolean loopback() {
    return flags.contains("LOOPBACK");
  }

  /** The addresses of one family, in list order. */
  public List<InterfaceAddress> addresses(boolean v6) {
    return addresses.stream().filter(a -> a.v6() == v6).toList();
  }

  /** The first of its addresses equal to this one; null if it does not have it. */
  public @Nullable InterfaceAddress find(IpAddress address) {
    for (InterfaceAddress each : addresses) {
      if (each.local().equals(address)) {
        return each;
      }
    }
    return null;
  }

  public Link withAddresses(List<InterfaceAddress> newAddresses) {
    return new Link(
        ifindex,
        name,
        address,
        permanentAddress,
        flags,
        operstate,
        group,
        master,
        kind,
        newAddresses);
  }
}
