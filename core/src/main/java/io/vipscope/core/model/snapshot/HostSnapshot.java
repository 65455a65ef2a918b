package io.vipscope.core.model.snapshot;

import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One host's network configuration at one time, as the standard commands print it.
 *
 * <p>All lists are in the order of the dumps, which is the kernel's: it decides between equals.
 *
 * @param tStartNs when taking it began, ns since 1970; {@link #ALWAYS} if unknown (valid always)
 * @param tEndNs when taking it ended; {@link #ALWAYS} if unknown
 * @param kernel release, {@code 6.18.44}; null if unknown
 * @param routes4 null = not collected: nothing can be said about IPv4
 * @param routes6 null = not collected: nothing can be said about IPv6
 * @param rules4 the kernel's defaults where not collected
 * @param rules6 the kernel's defaults where not collected
 * @param instances what keepalived.conf names; empty without one
 * @param netfilter rules that rewrite or mark packets
 * @param assumed not taken from the host but derived by {@code StateChange}
 * @param assumptions what the user knows of this host's sockets; the first that is about a flow
 *     counts
 */
public record HostSnapshot(
    String host,
    long tStartNs,
    long tEndNs,
    @Nullable String kernel,
    List<Link> links,
    @Nullable List<Route> routes4,
    @Nullable List<Route> routes6,
    List<PolicyRule> rules4,
    List<PolicyRule> rules6,
    List<AddressLabel> labels,
    List<NexthopObject> nexthops,
    List<Neighbour> neighbours,
    Sysctls sysctls,
    List<VrrpInstance> instances,
    Ruleset netfilter,
    boolean assumed,
    List<Assumption> assumptions) {

  /** Time of a snapshot that carries none. */
  public static final long ALWAYS = Long.MIN_VALUE;

  public HostSnapshot {
    links = List.copyOf(links);
    routes4 = routes4 == null ? null : List.copyOf(routes4);
    routes6 = routes6 == null ? null : List.copyOf(routes6);
    rules4 = List.copyOf(rules4);
    rules6 = List.copyOf(rules6);
    labels = List.copyOf(labels);
    nexthops = List.copyOf(nexthops);
    neighbours = List.copyOf(neighbours);
    instances = List.copyOf(instances);
    assumptions = List.copyOf(assumptions);
  }

  /** A state of which nothing is known beside what the host says. */
  public HostSnapshot(
      String host,
      long tStartNs,
      long tEndNs,
      @Nullable String kernel,
      List<Link> links,
      @Nullable List<Route> routes4,
      @Nullable List<Route> routes6,
      List<PolicyRule> rules4,
      List<PolicyRule> rules6,
      List<AddressLabel> labels,
      List<NexthopObject> nexthops,
      List<Neighbour> neighbours,
      Sysctls sysctls,
      List<VrrpInstance> instances,
      Ruleset netfilter,
      boolean assumed) {
    this(
        host,
        tStartNs,
        tEndNs,
        kernel,
        links,
        routes4,
        routes6,
        rules4,
        rules6,
        labels,
        nexthops,
        neighbours,
        sysctls,
        instances,
        netfilter,
        assumed,
        List.of());
  }

  /** The routes of one family; null = not collected. */
  public @Nullable List<Route> routes(boolean v6) {
    return v6 ? routes6 : routes4;
  }

  public List<PolicyRule> rules(boolean v6) {
    return v6 ? rules6 : rules4;
  }

  /** The device of that name; null if there is none. */
  public @Nullable Link link(@Nullable String name) {
    for (Link link : links) {
      if (link.name().equals(name)) {
        return link;
      }
    }
    return null;
  }

  /** Whether some device has the address, up or down. */
  public boolean holds(IpAddress address) {
    return find(address) != null;
  }

  /** The first device address equal to this one; null if no device has it. */
  public @Nullable InterfaceAddress find(IpAddress address) {
    for (Link link : links) {
      InterfaceAddress found = link.find(address);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** The first device that has the address; null if none has. */
  public @Nullable Link owner(IpAddress address) {
    for (Link link : links) {
      if (link.find(address) != null) {
        return link;
      }
    }
    return null;
  }

  /** Every address of every device, in dump order. */
  public Set<IpAddress> addresses() {
    Set<IpAddress> result = new LinkedHashSet<>();
    interfaceAddresses().forEach(a -> result.add(a.local()));
    return result;
  }

  private Stream<InterfaceAddress> interfaceAddresses() {
    return links.stream().flatMap(link -> link.addresses().stream());
  }

  /** Hardware addresses of all devices, permanent ones included; all-zero ones left out. */
  public Set<MacAddress> macs() {
    Set<MacAddress> result = new LinkedHashSet<>();
    links.stream()
        .flatMap(link -> Stream.of(link.address(), link.permanentAddress()))
        .filter(Objects::nonNull)
        .filter(mac -> mac.bits() != 0)
        .forEach(result::add);
    return result;
  }

  /** Addresses that keepalived.conf names as virtual. */
  public Set<IpAddress> vips() {
    Set<IpAddress> result = new LinkedHashSet<>();
    instances.forEach(i -> i.addresses().forEach(a -> result.add(a.address())));
    return result;
  }

  /** Whether packets of that family that come in on some device may be forwarded. */
  public boolean forwards(boolean v6) {
    if (!v6 && sysctls.number("net.ipv4.ip_forward", 0) != 0) {
      return true;
    }
    if (sysctls.device(v6, "all", "forwarding", 0) != 0) {
      return true;
    }
    return links.stream().anyMatch(l -> sysctls.device(v6, l.name(), "forwarding", 0) != 0);
  }

  public HostSnapshot withLinks(List<Link> newLinks) {
    return new HostSnapshot(
        host,
        tStartNs,
        tEndNs,
        kernel,
        newLinks,
        routes4,
        routes6,
        rules4,
        rules6,
        labels,
        nexthops,
        neighbours,
        sysctls,
        instances,
        netfilter,
        assumed,
        assumptions);
  }

  /** The same host with other routes and rules of one family. */
  public HostSnapshot withRouting(
      boolean v6, @Nullable List<Route> routes, List<PolicyRule> rules) {
    return new HostSnapshot(
        host,
        tStartNs,
        tEndNs,
        kernel,
        links,
        v6 ? routes4 : routes,
        v6 ? routes : routes6,
        v6 ? rules4 : rules,
        v6 ? rules : rules6,
        labels,
        nexthops,
        neighbours,
        sysctls,
        instances,
        netfilter,
        assumed,
        assumptions);
  }

  /** The same host with other netfilter rules. */
  public HostSnapshot withNetfilter(Ruleset rules) {
    return new HostSnapshot(
        host,
        tStartNs,
        tEndNs,
        kernel,
        links,
        routes4,
        routes6,
        rules4,
        rules6,
        labels,
        nexthops,
        neighbours,
        sysctls,
        instances,
        rules,
        assumed,
        assumptions);
  }

  /** The same state at times that lie later by so many ns: the host's clock was off. */
  public HostSnapshot shifted(long ns) {
    if (tEndNs == ALWAYS || ns == 0) {
      return this;
    }
    return new HostSnapshot(
        host,
        tStartNs + ns,
        tEndNs + ns,
        kernel,
        links,
        routes4,
        routes6,
        rules4,
        rules6,
        labels,
        nexthops,
        neighbours,
        sysctls,
        instances,
        netfilter,
        assumed,
        assumptions);
  }

  public HostSnapshot asAssumed() {
    return new HostSnapshot(
        host,
        tStartNs,
        tEndNs,
        kernel,
        links,
        routes4,
        routes6,
        rules4,
        rules6,
        labels,
        nexthops,
        neighbours,
        sysctls,
        instances,
        netfilter,
        true,
        assumptions);
  }

  /** The same state where this is known too. */
  public HostSnapshot assuming(List<Assumption> known) {
    return new HostSnapshot(
        host,
        tStartNs,
        tEndNs,
        kernel,
        links,
        routes4,
        routes6,
        rules4,
        rules6,
        labels,
        nexthops,
        neighbours,
        sysctls,
        instances,
        netfilter,
        assumed,
        known);
  }

  /** What is known of flows of this protocol to this port: of each kind the first that is. */
  public Map<Assumption.Kind, Integer> known(int protocol, int dport) {
    if (assumptions.isEmpty()) {
      return Map.of();
    }
    Map<Assumption.Kind, Integer> known = new EnumMap<>(Assumption.Kind.class);
    for (Assumption a : assumptions) {
      if (a.isAbout(protocol, dport)) {
        known.putIfAbsent(a.kind(), a.value());
      }
    }
    return known;
  }
}
