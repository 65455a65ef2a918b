package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.netfilter.Ruleset.Chain;
import io.vipscope.core.model.netfilter.Ruleset.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Walks one base chain ({@code nft_do_chain}, {@code ipt_do_table}), along every branch that hidden
 * facts leave open.
 */
final class ChainWalk {

  /** More branches than any ruleset of this kind needs; above it the answer is not known. */
  private static final int MAX_BRANCHES = 64;

  private static final int MAX_DEPTH = 16; // NFT_JUMP_STACK_SIZE

  /** What became of a branch. */
  enum Verdict {
    /** Goes on with the next expression or rule. */
    NEXT,
    /** This rule does not apply. */
    NO_MATCH,
    /** The chain ended without a verdict. */
    RETURN,
    ACCEPT,
    DROP,
    /** Accepted, and NAT has chosen a mapping. */
    MAPPED
  }

  record Result(Branch branch, Verdict verdict) {}

  private final Ruleset rules;
  private final MatchTruth matches;
  private final NatStep nat;
  private final Stage stage;

  /** Where on the packet's way the chain is. */
  enum Stage {
    /** OUTPUT before conntrack. */
    RAW,
    OUTPUT,
    POSTROUTING
  }

  ChainWalk(Ruleset rules, HostView host, Stage stage) {
    this.rules = rules;
    this.matches = new MatchTruth(host);
    this.nat = new NatStep(host, matches, stage == Stage.POSTROUTING);
    this.stage = stage;
  }

  /** All ends of a base chain; falling off it takes the policy. */
  List<Result> base(Chain chain, Branch branch) {
    List<Result> ends = new ArrayList<>();
    for (Result end : chain(chain, branch, 0)) {
      Verdict verdict = end.verdict();
      if (verdict == Verdict.RETURN) {
        verdict = chain.drops() ? Verdict.DROP : Verdict.ACCEPT;
      }
      ends.add(new Result(end.branch(), verdict));
    }
    return ends;
  }

  private List<Result> chain(Chain chain, Branch branch, int depth) {
    List<Result> ends = new ArrayList<>();
    List<Branch> live = List.of(branch);
    for (Rule rule : chain.rules()) {
      List<Branch> next = new ArrayList<>();
      for (Branch b : live) {
        for (Result r : rule(chain, rule, b, depth)) {
          switch (r.verdict()) {
            case NEXT, NO_MATCH -> next.add(r.branch());
            case RETURN, ACCEPT, DROP, MAPPED -> ends.add(r);
          }
        }
      }
      live = distinct(next);
      if (live.size() > MAX_BRANCHES) {
        return List.of(new Result(branch.losing("too many netfilter branches"), Verdict.ACCEPT));
      }
    }
    live.forEach(b -> ends.add(new Result(b, Verdict.RETURN)));
    return ends;
  }

  /** Of branches with the same packet the one that needs least is kept. */
  private static List<Branch> distinct(List<Branch> branches) {
    if (branches.size() < 2) {
      return branches;
    }
    record Key(Packet packet, boolean unknown) {}
    Map<Key, Branch> kept = new LinkedHashMap<>();
    for (Branch b : branches) {
      kept.merge(
          new Key(b.packet(), b.unknown() != null),
          b,
          (x, y) -> y.conditions().size() < x.conditions().size() ? y : x);
    }
    return List.copyOf(kept.values());
  }

  private List<Result> rule(Chain chain, Rule rule, Branch branch, int depth) {
    List<Result> ends = new ArrayList<>();
    List<Branch> live = List.of(branch);
    for (Expression expression : rule.expressions()) {
      List<Branch> next = new ArrayList<>();
      for (Branch b : live) {
        List<Result> results =
            switch (expression) {
              case Match m -> fork(matches.test(m, b.packet()), b);
              case Statement s -> statement(chain, rule, s, b, depth);
            };
        for (Result r : results) {
          if (r.verdict() == Verdict.NEXT) {
            next.add(r.branch());
          } else {
            ends.add(r);
          }
        }
      }
      live = next;
    }
    live.forEach(b -> ends.add(new Result(b, Verdict.NEXT)));
    return ends;
  }

  private static List<Result> fork(Truth truth, Branch b) {
    return switch (truth.kind()) {
      case YES -> List.of(new Result(b, Verdict.NEXT));
      case NO -> List.of(new Result(b, Verdict.NO_MATCH));
      case HIDDEN ->
          List.of(
              new Result(truth.ordinarily() ? b : b.given(truth.name()), Verdict.NEXT),
              new Result(
                  truth.ordinarily() ? b.given("not " + truth.name()) : b, Verdict.NO_MATCH));
      case UNKNOWN ->
          List.of(
              new Result(b.supposing(truth.name()), Verdict.NEXT), new Result(b, Verdict.NO_MATCH));
    };
  }

  private List<Result> statement(Chain chain, Rule rule, Statement s, Branch b, int depth) {
    Packet p = b.packet();
    return switch (s) {
      case Statement.Accept() -> one(b, Verdict.ACCEPT);
      case Statement.Drop() ->
          one(b.with(p, "dropped by " + where(chain) + ": " + rule.text()), Verdict.DROP);
      case Statement.Return() -> one(b, Verdict.RETURN);
      case Statement.Jump(String name) -> jump(chain, name, b, false, depth);
      case Statement.Goto(String name) -> jump(chain, name, b, true, depth);
      case Statement.Cases(List<Statement.Case> cases) -> cases(chain, rule, cases, b, depth);
      case Statement.SetMark m -> setMark(m, b);
      case Statement.SetTos(int and, int xor) ->
          one(b.with(p.withTos((p.tos() & and) ^ xor)), Verdict.NEXT);
      case Statement.Rewrite(boolean source, var to) ->
          to.v6() != p.v6()
              ? one(b, Verdict.NO_MATCH)
              : one(
                  b.with(
                      source ? p.withSrc(to) : p.withDst(to),
                      "rewritten by " + where(chain) + ": " + rule.text()),
                  Verdict.NEXT);
      case Statement.Notrack() ->
          one(stage == Stage.RAW ? b.with(p.with(untracked(p))) : b, Verdict.NEXT);
      case Statement.Unknown(String name) ->
          List.of(new Result(b.losing(name), Verdict.ACCEPT), new Result(b, Verdict.NEXT));
      case Statement.Snat _,
          Statement.Dnat _,
          Statement.Netmap _,
          Statement.Masquerade _,
          Statement.Redirect _ ->
          nat.apply(chain, rule, s, b);
    };
  }

  private static List<Result> one(Branch b, Verdict verdict) {
    return List.of(new Result(b, verdict));
  }

  private static Conntrack untracked(Packet p) {
    return Conntrack.of(Conntrack.State.UNTRACKED, p.src(), p.dst());
  }

  /** Without a conntrack entry there is no mark to set, and to read one ends the rule. */
  private static List<Result> setMark(Statement.SetMark m, Branch b) {
    Packet p = b.packet();
    if (!p.ct().tracked() && (m.conntrack() ? m.keep() : m.take()) != 0) {
      return one(b, Verdict.NO_MATCH);
    }
    if (!p.ct().tracked() && m.conntrack()) {
      return one(b, Verdict.NEXT);
    }
    long own = m.conntrack() ? p.ct().mark() : p.mark();
    long other = m.conntrack() ? p.mark() : p.ct().mark();
    long value = (own & m.keep()) ^ (other & m.take()) ^ m.xor();
    Packet marked = m.conntrack() ? p.with(p.ct().withMark(value)) : p.withMark(value);
    return one(b.with(marked), Verdict.NEXT);
  }

  private List<Result> jump(Chain from, String name, Branch b, boolean gone, int depth) {
    Chain target = rules.chain(from, name);
    if (target == null || depth >= MAX_DEPTH) {
      return one(b.losing("chain " + name), Verdict.ACCEPT);
    }
    List<Result> results = new ArrayList<>();
    for (Result r : chain(target, b, depth + 1)) {
      boolean back = r.verdict() == Verdict.RETURN && !gone;
      results.add(back ? new Result(r.branch(), Verdict.NEXT) : r);
    }
    return results;
  }

  private List<Result> cases(
      Chain chain, Rule rule, List<Statement.Case> cases, Branch branch, int depth) {
    List<Result> results = new ArrayList<>();
    List<Branch> open = List.of(branch);
    for (Statement.Case c : cases) {
      List<Branch> next = new ArrayList<>();
      for (Branch b : open) {
        for (Result r : fork(matches.all(c.when(), b.packet()), b)) {
          if (r.verdict() == Verdict.NEXT) {
            results.addAll(statement(chain, rule, c.then(), r.branch(), depth));
          } else {
            next.add(r.branch());
          }
        }
      }
      open = next;
    }
    open.forEach(b -> results.add(new Result(b, Verdict.NO_MATCH)));
    return results;
  }

  static String where(Chain chain) {
    return chain.family() + " " + chain.table() + " " + chain.name();
  }
}
