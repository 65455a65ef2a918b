package io.vipscope.core.model.inverse;

import io.vipscope.core.model.explanation.StepText;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** Words and clauses for causes. */
public final class CauseText {

  private CauseText() {}

  /** The kind in one word, as a mismatch's record lists it. */
  public static String word(Cause cause) {
    return switch (cause) {
      case Cause.Bound _ -> "bind";
      case Cause.Conditional(String condition) -> kind(condition);
      case Cause.WithoutRule _ -> "rule";
      case Cause.WithoutRoute _ -> "route";
      case Cause.WithoutNat _ -> "nat-rule";
      case Cause.OtherState _ -> "other-state";
      case Cause.StaleAddress _ -> "stale-address";
      case Cause.SnatUnknown _ -> "snat-unknown";
      case Cause.SnatElsewhere _ -> "snat-elsewhere";
      case Cause.SentByAnother _ -> "forwarded";
      case Cause.Spoof _ -> "spoof";
      case Cause.Untried _ -> "untried";
      case Cause.Unexplained _ -> "unexplained";
    };
  }

  /** What a condition is about, by the way in which the model words it. */
  private static String kind(String condition) {
    if (condition.contains(", ")) {
      return "combination";
    }
    if (condition.startsWith("fwmark ")) {
      return "mark";
    }
    if (condition.startsWith("uid ")) {
      return "uid";
    }
    if (condition.startsWith("tos ")) {
      return "tos";
    }
    if (condition.startsWith("bound to device ")) {
      return "device";
    }
    if (condition.equals("connected socket")
        || condition.equals("source port bound")
        || condition.equals("source port")) {
      return "socket";
    }
    if (condition.startsWith("sent to ")) {
      return "dnat";
    }
    return condition.equals("forwarded") ? "forwarded" : "nat";
  }

  /**
   * A clause without capital and full stop.
   *
   * @param observed the source; called "it" where it is what was bound
   * @param time makes text of a snapshot's time, ns since 1970 or {@link HostSnapshot#ALWAYS}
   */
  public static String clause(Cause cause, IpAddress observed, LongFunction<String> time) {
    return switch (cause) {
      case Cause.Bound(var bind, var assumed) ->
          "a socket bound to "
              + (bind.address().equals(observed) ? "it" : bind.address())
              + " would do that"
              + (bind.conditions().isEmpty()
                  ? ""
                  : " if this holds, too: " + String.join(", ", bind.conditions()))
              + (assumed == null ? "" : ", by the state of " + time.apply(assumed.tEndNs()));
      case Cause.Conditional(String condition) ->
          condition.equals("forwarded")
              ? "a packet that it forwards leaves so by a NAT rule"
              : "it leaves so if this holds: " + condition;
      case Cause.WithoutRule(PolicyRule rule, boolean alone) ->
          without(rule.id() + " (" + StepText.selectors(rule) + ")", alone);
      case Cause.WithoutRoute(var route, boolean alone) -> without(StepText.sentence(route), alone);
      case Cause.WithoutNat(String chain, var rule, boolean alone) ->
          (alone ? "it is used" : "it may be used, among others,")
              + " without this rule of "
              + chain
              + ": "
              + rule.text();
      case Cause.OtherState(var snapshot, boolean neighbour, boolean alone, int further) ->
          (neighbour ? "the neighbouring state of " : "the state of ")
              + time.apply(snapshot.tEndNs())
              + (alone ? " gives it" : " may give it, among others")
              + (further == 0 ? "" : ", and " + further + " more beyond");
      case Cause.StaleAddress(List<HostSnapshot> holders) ->
          "a stale address, which the host does not hold"
              + (holders.isEmpty() ? "" : "; " + held(holders, time));
      case Cause.SnatUnknown _ -> "a NAT rule may do it, none was collected";
      case Cause.SnatElsewhere _ -> "another device may have rewritten the source on its way";
      case Cause.SentByAnother _ -> "another host may have sent it through this one";
      case Cause.Spoof _ -> "no state of this host has that address";
      case Cause.Untried(int count) ->
          count + " more rules or routes were not tried: one may have been absent";
      case Cause.Unexplained _ -> "nothing that was tried explains it";
    };
  }

  private static String without(String what, boolean alone) {
    return "without " + what + (alone ? " it is used" : " it may be used, among others");
  }

  private static String held(List<HostSnapshot> holders, LongFunction<String> time) {
    return holders.stream()
        .map(h -> h.host() + " has it in its state of " + time.apply(h.tEndNs()))
        .collect(Collectors.joining(", "));
  }
}
