package io.vipscope.tools;

import io.vipscope.capture.host.ChangeReader;
import io.vipscope.core.model.change.ChangeException;
import io.vipscope.core.model.explanation.Step;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.flow.OwnFlow;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.inverse.Remedy;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds changes of one line after which a host uses another of its addresses for a flow. Each is
 * tried on a copy of the state: what the kernel would refuse, or what the model does not answer
 * with that address alone, is no remedy.
 */
final class Remedies {

  /** NAT rules of one state whose deletion is tried, at most. */
  private static final int RULES = 64;

  private final HostSnapshot s;
  private final FlowQuery query;
  private final Observation observation;
  private final Predicate<IpAddress> vip;
  private final FlowPrediction now;

  private Remedies(Observation observation, FlowPrediction now, Predicate<IpAddress> vip) {
    this.s = observation.state();
    this.query = observation.query();
    this.observation = observation;
    this.now = now;
    this.vip = vip;
  }

  /**
   * What would make the host use its VIP, or its primary address, or the one that was observed;
   * nothing for those that it uses now.
   *
   * @param now what the state gives
   * @param vip whether an address is a VIP
   */
  static List<Remedy> of(Observation observation, FlowPrediction now, Predicate<IpAddress> vip) {
    return new Remedies(observation, now, vip).find();
  }

  private List<Remedy> find() {
    List<Remedy> found = new ArrayList<>();
    Set<IpAddress> wanted = wanted();
    Set<String> commands = new LinkedHashSet<>();
    Route route = null;
    for (Step step : OwnFlow.ordinary(s, query).route().trace()) {
      if (step instanceof Step.RouteChosen(Route chosen, Nexthop _, int _)) {
        route = chosen;
      }
    }
    for (IpAddress source : wanted) {
      routes(route, source, commands);
      nat(source, commands);
    }
    withoutSource(route, commands);
    lifetimes(commands);
    deletions(commands);
    for (String command : commands) {
      IpAddress source = sourceAfter(command);
      if (source != null && wanted.contains(source)) {
        found.add(new Remedy(source, command));
      }
    }
    return found;
  }

  /** VIPs first; of the others the one that was observed and those of the device that is used. */
  private Set<IpAddress> wanted() {
    boolean v6 = query.dst().v6();
    Set<IpAddress> all = new LinkedHashSet<>();
    s.addresses().stream().filter(a -> a.v6() == v6 && vip.test(a)).forEach(all::add);
    if (s.holds(observation.source())) {
      all.add(observation.source());
    }
    for (Egress egress : now.predicted()) {
      Link link = egress.dev() == null ? null : s.link(egress.dev());
      if (link != null) {
        link.addresses(v6).stream()
            .filter(a -> !a.local().isLinkLocal())
            .map(InterfaceAddress::local)
            .forEach(all::add);
      }
    }
    all.removeAll(now.sources());
    return all;
  }

  private @Nullable IpAddress sourceAfter(String command) {
    try {
      HostSnapshot after = ChangeReader.read(command).applyTo(s);
      FlowPrediction p = new FlowPredictor(after).predict(query);
      return p.unmodelled() == null && p.sources().size() == 1
          ? p.sources().iterator().next()
          : null;
    } catch (ChangeException | IllegalArgumentException _) {
      return null; // refused by the kernel, or of a kind that ChangeReader does not know
    }
  }

  /** The route that is used with a {@code src}, or one like it for this destination alone. */
  private void routes(@Nullable Route route, IpAddress source, Set<String> commands) {
    if (route == null || route.type() != RouteType.UNICAST) {
      return;
    }
    commands.add(routeCommand("replace", route, route.dst(), source));
    if (route.dst().length() != query.dst().bits()) {
      commands.add(routeCommand("add", route, IpPrefix.host(query.dst()), source));
    }
  }

  private static void withoutSource(@Nullable Route route, Set<String> commands) {
    if (route != null && route.type() == RouteType.UNICAST && route.prefsrc() != null) {
      commands.add(routeCommand("replace", route, route.dst(), null));
    }
  }

  private static String routeCommand(
      String verb, Route route, IpPrefix dst, @Nullable IpAddress source) {
    StringBuilder c = new StringBuilder(dst.v6() ? "ip -6 route " : "ip route ");
    c.append(verb).append(' ').append(DestinationChange.name(dst));
    if (route.tos() != 0) {
      c.append(" tos 0x").append(Integer.toHexString(route.tos()));
    }
    if (route.from() != null) {
      c.append(" from ").append(route.from());
    }
    if (route.nexthopId() != 0) {
      c.append(" nhid ").append(route.nexthopId());
    } else if (route.nexthops().size() == 1) {
      way(route.nexthops().getFirst(), c);
    }
    if (!route.table().equals(TableName.MAIN)) {
      c.append(" table ").append(route.table());
    }
    if (route.metric() != 0) {
      c.append(" metric ").append(route.metric());
    }
    if (source != null) {
      c.append(" src ").append(source);
    }
    if (route.nexthopId() == 0 && route.nexthops().size() > 1) {
      for (Nexthop hop : route.nexthops()) {
        c.append(" nexthop");
        way(hop, c);
        c.append(" weight ").append(hop.weight());
      }
    }
    return c.toString();
  }

  private static void way(Nexthop hop, StringBuilder c) {
    if (hop.gateway() != null) {
      c.append(" via ").append(hop.gateway());
    }
    c.append(" dev ").append(hop.dev());
    if (hop.onlink()) {
      c.append(" onlink");
    }
  }

  /** A rule before all others of the first chain that maps sources of this family. */
  private void nat(IpAddress source, Set<String> commands) {
    boolean v6 = source.v6();
    for (Chain chain : s.netfilter().chains()) {
      if (chain.nat() && "postrouting".equals(chain.hook()) && chain.sees(v6) && !chain.legacy()) {
        commands.add(
            "nft insert rule %s %s %s %s daddr %s snat %sto %s"
                .formatted(
                    chain.family(),
                    chain.table(),
                    chain.name(),
                    v6 ? "ip6" : "ip",
                    query.dst(),
                    chain.family().equals("inet") ? v6 ? "ip6 " : "ip " : "",
                    source));
        return;
      }
    }
    commands.add(
        "%s -t nat -I POSTROUTING -d %s -j SNAT --to-source %s"
            .formatted(v6 ? "ip6tables" : "iptables", query.dst(), source));
  }

  /** IPv6 avoids a deprecated address where it has another. */
  private void lifetimes(Set<String> commands) {
    for (Link link : s.links()) {
      for (InterfaceAddress a : link.addresses(query.dst().v6())) {
        String where = a.local() + "/" + a.prefixLength() + " dev " + link.name();
        if (now.sources().contains(a.local()) && !a.has(AddressFlag.DEPRECATED)) {
          commands.add("ip addr change " + where + " preferred_lft 0");
        } else if (a.has(AddressFlag.DEPRECATED)) {
          commands.add("ip addr change " + where + " preferred_lft forever");
        }
      }
    }
  }

  /** A NAT rule or a policy rule that stands in the way. */
  private void deletions(Set<String> commands) {
    int tried = 0;
    for (Chain chain : s.netfilter().chains()) {
      for (Rule rule : chain.rules()) {
        if (chain.nat() && rule.handle() != 0 && tried++ < RULES) {
          commands.add(
              "nft delete rule %s %s %s handle %d"
                  .formatted(chain.family(), chain.table(), chain.name(), rule.handle()));
        }
      }
    }
    for (PolicyRule rule : s.rules(query.dst().v6())) {
      if (!rule.isDefault()) {
        commands.add((rule.v6() ? "ip -6" : "ip") + " rule del pref " + rule.priority());
      }
    }
  }
}
