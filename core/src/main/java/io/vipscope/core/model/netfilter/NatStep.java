package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.netfilter.ChainWalk.Result;
import io.vipscope.core.model.netfilter.ChainWalk.Verdict;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import io.vipscope.core.model.netfilter.WireOutcome.Nat;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** NAT statements: what {@code nf_nat_setup_info} makes of them for a flow's first packet. */
final class NatStep {

  /** The choice by chance, as reports name it. */
  static final String STATISTIC = "statistic";

  private final HostView host;
  private final MatchTruth matches;
  private final boolean postrouting;

  NatStep(HostView host, MatchTruth matches, boolean postrouting) {
    this.host = host;
    this.matches = matches;
    this.postrouting = postrouting;
  }

  List<Result> apply(Chain chain, Rule rule, Statement s, Branch b) {
    String text = ChainWalk.where(chain) + ": " + rule.text();
    return switch (s) {
      case Statement.Snat(NatTarget target) -> targets(target, b, text, true);
      case Statement.Dnat(NatTarget target) -> targets(target, b, text, false);
      case Statement.Netmap(AddressRange to) ->
          targets(new NatTarget.Addresses(to, null, false, false, true), b, text, postrouting);
      case Statement.Masquerade() -> masquerade(b, text);
      case Statement.Redirect() -> redirect(b, text);
      default -> List.of(new Result(b, Verdict.NEXT));
    };
  }

  private List<Result> masquerade(Branch b, String text) {
    Packet p = b.packet();
    if (p.src() != null && p.src().isAny()) {
      return List.of(new Result(b, Verdict.ACCEPT));
    }
    IpAddress address = host.masquerade(p);
    if (address == null) {
      return List.of(new Result(b.with(p, "no address to masquerade: " + text), Verdict.DROP));
    }
    return List.of(mapSource(b, address, false, Nat.MASQUERADE, text));
  }

  /**
   * A mapping to what conntrack has already is none: the packet stays as it is, also if a hook
   * wrote another source into it.
   *
   * @param otherPort the port is mapped too, so that it is one
   */
  private static Result mapSource(
      Branch b, IpAddress address, boolean otherPort, Nat how, String text) {
    Packet p = b.packet();
    boolean same = address.equals(p.ct().src()) && !otherPort;
    String sentence = (how == Nat.SNAT ? "SNAT to " : "MASQUERADE to ") + address + " by " + text;
    return new Result(b.mapped(how, same ? p : p.withSrc(address), sentence), Verdict.MAPPED);
  }

  private static List<Result> redirect(Branch b, String text) {
    Packet p = b.packet();
    IpAddress self = p.v6() ? IpAddress.v6(0, 1) : IpAddress.LOOPBACK4;
    return List.of(
        new Result(b.with(p.mappedTo(self, p.dport()), "redirected by " + text), Verdict.MAPPED));
  }

  private List<Result> targets(NatTarget target, Branch b, String text, boolean source) {
    return switch (target) {
      case NatTarget.Addresses to -> map(to, b, text, source);
      case NatTarget.OneOf(List<NatTarget> all) -> {
        List<Result> results = new ArrayList<>();
        all.forEach(t -> results.addAll(targets(t, b, text, source)));
        yield results;
      }
      case NatTarget.Lookup(List<NatTarget.Entry> entries) -> lookup(entries, b, text, source);
      case NatTarget.Unknown(String name) -> List.of(new Result(b.losing(name), Verdict.ACCEPT));
    };
  }

  private List<Result> lookup(
      List<NatTarget.Entry> entries, Branch branch, String text, boolean source) {
    List<Result> results = new ArrayList<>();
    Branch open = branch;
    for (NatTarget.Entry entry : entries) {
      Truth truth = matches.all(entry.when(), open.packet());
      switch (truth.kind()) {
        case YES -> {
          results.addAll(targets(entry.target(), open, text, source));
          return results;
        }
        case NO -> {}
        case HIDDEN ->
            results.addAll(targets(entry.target(), open.given(truth.name()), text, source));
        case UNKNOWN ->
            results.addAll(targets(entry.target(), open.supposing(truth.name()), text, source));
      }
    }
    results.add(new Result(open, Verdict.NO_MATCH));
    return results;
  }

  private static List<Result> map(NatTarget.Addresses to, Branch b, String text, boolean source) {
    Packet p = b.packet();
    AddressRange range = to.addresses();
    if (range != null && range.first().v6() != p.v6()) {
      return List.of(new Result(b, Verdict.NO_MATCH));
    }
    if (to.netmap() && range != null && p.src() != null) { // of the packet as it is now
      IpAddress kept = NatMapping.netmap(range, source ? p.src() : p.dst());
      return map(to.toOnly(kept), b, text, source);
    }
    IpAddress from = p.ct().src();
    if (source) {
      if (from == null) {
        return anySource(to, b, text);
      }
      IpAddress src = NatMapping.source(to, from, p.ct().to(), p.sport());
      return List.of(mapSource(b, src, NatMapping.otherPort(to, p.sport()), Nat.SNAT, text));
    }
    IpAddress dst = NatMapping.destination(to, from, p.ct().to());
    Range ports = to.ports();
    int port = ports != null && ports.first() == ports.last() ? (int) ports.first() : p.dport();
    boolean same = dst.equals(p.ct().to()) && port == p.dport();
    Packet mapped = same ? p : p.mappedTo(dst, port);
    return List.of(new Result(b.with(mapped, "DNAT to " + dst + " by " + text), Verdict.MAPPED));
  }

  /** Without a source any address of the range may come out. */
  private static List<Result> anySource(NatTarget.Addresses to, Branch b, String text) {
    AddressRange range = to.addresses();
    if (range == null) {
      return List.of(new Result(b, Verdict.MAPPED));
    }
    if (range.size() > NatTarget.MAX_ADDRESSES) {
      return List.of(new Result(b.losing("SNAT range " + range), Verdict.MAPPED));
    }
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < range.size(); i++) {
      results.add(mapSource(b, range.at(i), false, Nat.SNAT, text));
    }
    return results;
  }
}
