package io.vipscope.core.model.change;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code ip addr add|change|replace|del}: {@code inet_rtm_newaddr}, {@code inet_rtm_deladdr},
 * {@code inet6_rtm_newaddr}, {@code inet6_rtm_deladdr}. Duplicate address detection counts as done.
 *
 * @param anyLength the command named no prefix length: it deletes the address with any
 */
public record AddressChange(Op op, String dev, InterfaceAddress address, boolean anyLength)
    implements Change {

  /** What to do. */
  public enum Op {
    ADD,
    /** Changes it, or adds it; {@code change} too, whatever its name says. */
    REPLACE,
    DELETE
  }

  @Override
  public HostSnapshot applyTo(HostSnapshot s) {
    Link link = s.link(dev);
    if (link == null) {
      throw new ChangeException("there is no device " + dev);
    }
    if (op != Op.DELETE && address.has(AddressFlag.MNGTMPADDR) && address.prefixLength() != 64) {
      throw new ChangeException("an address with mngtmpaddr must have a prefix length of 64");
    }
    if (op != Op.DELETE
        && address.has(AddressFlag.MNGTMPADDR)
        && s.sysctls().device(true, dev, "use_tempaddr", 0) > 0) { // manage_tempaddrs
      throw new ChangeException(
          "the kernel gives "
              + dev
              + " a temporary address with it (use_tempaddr), at random:"
              + " which source is used then cannot be told");
    }
    InterfaceAddress present = present(link);
    if (op == Op.DELETE
        && present != null
        && AddressList.temporariesAreHidden(link.addresses(true), present)) {
      throw new ChangeException(
          "which temporary addresses were made for " + text() + " cannot be told");
    }
    List<InterfaceAddress> addresses =
        switch (op) {
          case ADD -> added(link, present);
          case REPLACE -> present == null ? added(link, null) : changed(link, present);
          case DELETE -> AddressList.remove(link, List.of(required(present)), s.sysctls());
        };
    return KernelRoutes.follow(s, link, link.withAddresses(addresses));
  }

  private InterfaceAddress required(@Nullable InterfaceAddress present) {
    if (present == null) {
      throw new ChangeException(dev + " has no address " + text());
    }
    return present;
  }

  private String text() {
    return address.local() + (anyLength ? "" : "/" + address.prefixLength());
  }

  /** The device's address that the command means; IPv6 ones are told apart by value alone. */
  private @Nullable InterfaceAddress present(Link link) {
    for (InterfaceAddress a : link.addresses(address.v6())) {
      if (a.local().equals(address.local())
          && (anyLength || address.v6() && op != Op.DELETE || sameSubnet(a))) {
        return a;
      }
    }
    return null;
  }

  private boolean sameSubnet(InterfaceAddress a) {
    return a.prefixLength() == address.prefixLength()
        && (a.v6() || a.subnet().equals(address.subnet()));
  }

  private List<InterfaceAddress> added(Link link, @Nullable InterfaceAddress present) {
    List<InterfaceAddress> addresses = AddressList.add(link, address);
    if (present != null) {
      throw new ChangeException(dev + " has the address " + text() + " already");
    }
    if (addresses.size() == link.addresses().size()) {
      throw new ChangeException(
          dev + " has an address of that subnet with another scope: " + text() + " is refused");
    }
    return addresses;
  }

  /** Lifetimes and what follows from them; the place in the list stays. */
  private List<InterfaceAddress> changed(Link link, InterfaceAddress present) {
    boolean unfit = present.prefixLength() != 64 || present.has(AddressFlag.TEMPORARY);
    if (address.has(AddressFlag.MNGTMPADDR) && unfit) { // inet6_addr_modify
      throw new ChangeException(
          "an address with mngtmpaddr must have a prefix length of 64 and be none itself that is"
              + " temporary, and "
              + dev
              + " has it as "
              + present.local()
              + "/"
              + present.prefixLength());
    }
    Set<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);
    flags.addAll(present.flags());
    flags.remove(AddressFlag.DEPRECATED);
    if (address.has(AddressFlag.DEPRECATED)) {
      flags.add(AddressFlag.DEPRECATED);
    }
    InterfaceAddress changed =
        new InterfaceAddress(
            present.local(),
            present.peer(),
            present.prefixLength(),
            present.scope(),
            flags,
            address.preferredS(),
            address.validS(),
            present.label(),
            present.broadcast(),
            present.protocol());
    List<InterfaceAddress> addresses = new ArrayList<>(link.addresses());
    addresses.set(addresses.indexOf(present), changed);
    return addresses;
  }
}
