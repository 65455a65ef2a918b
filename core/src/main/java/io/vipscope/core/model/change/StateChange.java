package io.vipscope.core.model.change;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.VirtualAddress;
import io.vipscope.core.model.snapshot.VrrpInstance;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A host as it is after it gained or lost a virtual address: what keepalived does on becoming
 * master or backup, and what the kernel does with that. The result is marked as assumed.
 */
public final class StateChange {

  private StateChange() {}

  /**
   * Adds the address as keepalived.conf has it, and the virtual routes and rules of its instances.
   * An address that no configuration names is taken as a plain one without a mask. A host that
   * already holds it, or on which no device can take it, stays as it is.
   */
  public static HostSnapshot gain(HostSnapshot s, IpAddress vip) {
    VirtualAddress named = named(s, vip);
    Link link = device(s, vip, named);
    if (s.holds(vip) || link == null) {
      return s;
    }
    Link changed = link.withAddresses(AddressList.add(link, address(vip, named)));
    HostSnapshot result = KernelRoutes.follow(s, link, changed);
    for (VrrpInstance instance : naming(s, vip)) {
      result = withRouting(result, instance, vip.v6());
    }
    return result.asAssumed();
  }

  /**
   * Removes the address as keepalived.conf has it, else every one of that value, the virtual routes
   * and rules of its instances, and what goes with the address: IPv4 routes of table main that name
   * it as source, the {@code src} of IPv6 routes ({@code fib_sync_down_addr}, {@code
   * rt6_remove_prefsrc}).
   */
  public static HostSnapshot lose(HostSnapshot s, IpAddress vip) {
    if (!s.holds(vip)) {
      return s;
    }
    HostSnapshot result = s;
    for (VrrpInstance instance : naming(s, vip)) {
      result = withoutRouting(result, instance, vip.v6());
    }
    VirtualAddress named = named(s, vip);
    Link owner = device(s, vip, named);
    boolean asNamed =
        named != null && owner != null && owner.addresses().stream().anyMatch(named::is);
    for (Link link : s.links()) {
      List<InterfaceAddress> gone =
          link.addresses().stream()
              .filter(a ->
                  asNamed && named != null
                      ? link.equals(owner) && named.is(a)
                      : a.local().equals(vip))
              .toList();
      if (!gone.isEmpty()) {
        Link changed = link.withAddresses(AddressList.remove(link, gone, s.sysctls()));
        result = KernelRoutes.follow(result, link, changed);
      }
    }
    return result.asAssumed();
  }

  private static List<VrrpInstance> naming(HostSnapshot s, IpAddress vip) {
    return s.instances().stream().filter(i -> i.names(vip)).toList();
  }

  private static @Nullable VirtualAddress named(HostSnapshot s, IpAddress vip) {
    return s.instances().stream()
        .flatMap(i -> i.addresses().stream())
        .filter(a -> a.address().equals(vip))
        .findFirst()
        .orElse(null);
  }

  /** The configured device, with {@code use_vmac} the instance's own; else that of the subnet. */
  private static @Nullable Link device(
      HostSnapshot s, IpAddress vip, @Nullable VirtualAddress named) {
    if (named != null && named.dev() != null) {
      return s.link(named.dev());
    }
    for (VrrpInstance instance : naming(s, vip)) {
      Link vmac = instance.useVmac() ? s.link("vrrp." + instance.vrid()) : null;
      if (vmac != null) {
        return vmac;
      }
      if (instance.dev() != null) {
        return s.link(instance.dev());
      }
    }
    for (Link link : s.links()) {
      if (link.addresses().stream().anyMatch(a -> a.subnet().contains(vip))) {
        return link;
      }
    }
    return s.links().stream().filter(l -> l.up() && !l.loopback()).findFirst().orElse(null);
  }

  /** {@code netlink_ipaddress}; tentative addresses are soon not any more. */
  private static InterfaceAddress address(IpAddress vip, @Nullable VirtualAddress named) {
    Set<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);
    if (named == null) {
      if (vip.v6()) {
        flags.addAll(EnumSet.of(AddressFlag.NODAD, AddressFlag.DEPRECATED));
      }
      return new InterfaceAddress(
          vip,
          null,
          vip.bits(),
          Scope.UNIVERSE,
          flags,
          vip.v6() ? 0 : InterfaceAddress.FOREVER,
          InterfaceAddress.FOREVER,
          null,
          null,
          null);
    }
    flags.addAll(named.flags());
    flags.remove(AddressFlag.TENTATIVE);
    if (vip.v6() && named.preferredS() == 0) {
      flags.add(AddressFlag.DEPRECATED);
    }
    return new InterfaceAddress(
        vip,
        named.peer(),
        named.prefixLength(),
        named.scope(),
        flags,
        named.preferredS(),
        InterfaceAddress.FOREVER,
        named.label(),
        named.broadcast(),
        null);
  }

  private static HostSnapshot withRouting(HostSnapshot s, VrrpInstance instance, boolean v6) {
    List<Route> routes = s.routes(v6) == null ? null : new ArrayList<>(s.routes(v6));
    if (routes != null) {
      instance.routes().stream()
          .filter(r -> r.v6() == v6 && routes.stream().noneMatch(x -> KernelRoutes.same(x, r)))
          .forEach(routes::add);
    }
    List<PolicyRule> rules = new ArrayList<>(s.rules(v6));
    for (PolicyRule rule : instance.rules()) {
      if (rule.v6() == v6 && !rules.contains(rule)) {
        int at = 0;
        while (at < rules.size() && rules.get(at).priority() <= rule.priority()) {
          at++;
        }
        rules.add(at, rule);
      }
    }
    return s.withRouting(v6, routes, rules);
  }

  private static HostSnapshot withoutRouting(HostSnapshot s, VrrpInstance instance, boolean v6) {
    List<Route> routes = s.routes(v6);
    List<Route> left =
        routes == null
            ? null
            : routes.stream()
                .filter(r -> instance.routes().stream().noneMatch(x -> KernelRoutes.same(x, r)))
                .toList();
    return s.withRouting(
        v6, left, s.rules(v6).stream().filter(r -> !instance.rules().contains(r)).toList());
  }
}
