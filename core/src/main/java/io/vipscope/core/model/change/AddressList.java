package io.vipscope.core.model.change;

import io.vipscope.core.model.selection.Ipv6Labels;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Sysctls;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a device's address list: {@code __inet_insert_ifa}, {@code __inet_del_ifa}, {@code
 * ipv6_link_dev_addr}.
 */
final class AddressList {

  private AddressList() {}

  /** All addresses of the device with one more, IPv4 first. */
  static List<InterfaceAddress> add(Link link, InterfaceAddress added) {
    List<InterfaceAddress> v4 = new ArrayList<>(link.addresses(false));
    List<InterfaceAddress> v6 = new ArrayList<>(link.addresses(true));
    if (added.v6()) {
      insert6(v6, added);
    } else {
      insert4(v4, added);
    }
    v4.addAll(v6);
    return v4;
  }

  /** Secondary ones last; primary ones after the last primary one that is not of a wider scope. */
  private static void insert4(List<InterfaceAddress> list, InterfaceAddress added) {
    int at = 0;
    for (int i = 0; i < list.size(); i++) {
      InterfaceAddress a = list.get(i);
      if (!a.has(AddressFlag.SECONDARY) && added.scope() <= a.scope()) {
        at = i + 1;
      }
      if (sameSubnet(a, added)) {
        if (a.scope() == added.scope()) {
          list.add(withSecondary(added, true));
        }
        return; // of another scope: EINVAL
      }
    }
    list.add(at, added);
  }

  /** By scope, wider first; within a scope the newest first. */
  private static void insert6(List<InterfaceAddress> list, InterfaceAddress added) {
    int scope = Ipv6Labels.scope(added.local());
    int at = 0;
    while (at < list.size() && scope < Ipv6Labels.scope(list.get(at).local())) {
      at++;
    }
    list.add(at, added);
  }

  /** All addresses of the device without some. */
  static List<InterfaceAddress> remove(Link link, List<InterfaceAddress> gone, Sysctls sysctls) {
    List<InterfaceAddress> v4 = new ArrayList<>(link.addresses(false));
    List<InterfaceAddress> v6 = new ArrayList<>(link.addresses(true));
    boolean promote = sysctls.orConf(link.name(), "promote_secondaries");
    for (InterfaceAddress a : gone) {
      v6.remove(a);
      if (!temporariesAreHidden(v6, a)) {
        v6.removeAll(temporaries(v6, a));
      }
      remove4(v4, a, promote);
    }
    v4.addAll(v6);
    return v4;
  }

  /**
   * Temporary addresses that may have been made for an address ({@code delete_tempaddrs}): they go
   * with it. The dump does not show which they were made for, only that the prefix is the same.
   */
  private static List<InterfaceAddress> temporaries(
      List<InterfaceAddress> list, InterfaceAddress of) {
    if (!manages(of)) {
      return List.of();
    }
    return list.stream()
        .filter(a -> a.has(AddressFlag.TEMPORARY) && a.subnet().contains(of.local()))
        .toList();
  }

  /** Whether another address may be the one that they were made for. */
  static boolean temporariesAreHidden(List<InterfaceAddress> list, InterfaceAddress gone) {
    return !temporaries(list, gone).isEmpty()
        && list.stream()
            .anyMatch(a -> manages(a) && !a.equals(gone) && a.subnet().contains(gone.local()));
  }

  private static boolean manages(InterfaceAddress a) {
    return a.v6() && a.has(AddressFlag.MNGTMPADDR) && !a.has(AddressFlag.TEMPORARY);
  }

  private static void remove4(List<InterfaceAddress> list, InterfaceAddress gone, boolean promote) {
    int at = list.indexOf(gone);
    if (at < 0) {
      return; // went with its primary, or is of IPv6
    }
    if (!gone.has(AddressFlag.SECONDARY)) {
      InterfaceAddress heir = null;
      InterfaceAddress lastPrimary = list.getFirst();
      for (InterfaceAddress a : List.copyOf(list.subList(at + 1, list.size()))) {
        if (!a.has(AddressFlag.SECONDARY) && gone.scope() <= a.scope()) {
          lastPrimary = a;
        }
        if (a.has(AddressFlag.SECONDARY) && sameSubnet(a, gone)) {
          if (promote) {
            heir = a;
            break;
          }
          list.remove(a);
        }
      }
      inherit(list, at, heir, lastPrimary);
    }
    list.remove(gone);
  }

  /** The first secondary becomes primary; directly behind the old one it stays where it is. */
  private static void inherit(
      List<InterfaceAddress> list,
      int at,
      @Nullable InterfaceAddress heir,
      InterfaceAddress lastPrimary) {
    if (heir == null) {
      return;
    }
    int from = list.indexOf(heir);
    InterfaceAddress primary = withSecondary(heir, false);
    list.remove(from);
    list.add(from == at + 1 ? from : list.indexOf(lastPrimary) + 1, primary);
  }

  private static boolean sameSubnet(InterfaceAddress a, InterfaceAddress b) {
    return a.prefixLength() == b.prefixLength() && a.subnet().equals(b.subnet());
  }

  private static InterfaceAddress withSecondary(InterfaceAddress a, boolean secondary) {
    Set<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);
    flags.addAll(a.flags());
    if (secondary) {
      flags.add(AddressFlag.SECONDARY);
    } else {
      flags.remove(AddressFlag.SECONDARY);
    }
    return a.withFlags(flags);
  }
}
