package io.vipscope.core.model.inverse;

import io.vipscope.core.model.flow.Bind;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One fact that would explain an observed source; {@link CauseText} makes a clause of it. */
public sealed interface Cause {

  /**
   * An application bound its socket.
   *
   * @param assumed the neighbouring snapshot in which that gives the source, where the state in
   *     force does not; null: the state in force does
   */
  record Bound(Bind bind, @Nullable HostSnapshot assumed) implements Cause {}

  /** Something that the wire does not show holds: a mark, a user, a device, a NAT branch. */
  record Conditional(String condition) implements Cause {}

  /**
   * A policy rule that the snapshot shows was not there.
   *
   * @param alone the source would then be the only possible one; else one of several
   */
  record WithoutRule(PolicyRule rule, boolean alone) implements Cause {}

  /**
   * A route that the snapshot shows was not there.
   *
   * @param alone the source would then be the only possible one; else one of several
   */
  record WithoutRoute(Route route, boolean alone) implements Cause {}

  /**
   * A rule of netfilter that the snapshot shows was not there.
   *
   * @param chain where it stands: family, table and chain
   * @param alone the source would then be the only possible one; else one of several
   */
  record WithoutNat(String chain, Ruleset.Rule rule, boolean alone) implements Cause {}

  /**
   * Another snapshot of the same host was still, or already, true.
   *
   * @param neighbour it is one of the snapshots around the flow's start
   * @param alone it gives no other source; else the observed one of several
   * @param further how many more snapshots on that side in time give it too
   */
  record OtherState(HostSnapshot snapshot, boolean neighbour, boolean alone, int further)
      implements Cause {}

  /**
   * The host used an address that it did not hold.
   *
   * @param holders snapshots of other hosts that hold it
   */
  record StaleAddress(List<HostSnapshot> holders) implements Cause {
    public StaleAddress {
      holders = List.copyOf(holders);
    }
  }

  /** Neither nft nor iptables output was collected: a NAT rule may do it. */
  record SnatUnknown() implements Cause {}

  /** Another device rewrote the source on its way; no state of this host can tell. */
  record SnatElsewhere() implements Cause {}

  /** The host forwards, or nothing tells whether it does: the packet may be another host's. */
  record SentByAnother() implements Cause {}

  /** Somebody put an address into the packet that this host never had. */
  record Spoof() implements Cause {}

  /** More rules and routes than there was time for: the absence of one may be the cause. */
  record Untried(int count) implements Cause {}

  /** Nothing that was tried. */
  record Unexplained() implements Cause {}

  /** Whether the model was run with this fact and gave the source. */
  default boolean checked() {
    return switch (this) {
      case Bound _, Conditional _, WithoutRule _, WithoutRoute _, WithoutNat _, OtherState _ ->
          true;
      case StaleAddress _,
          SnatUnknown _,
          SnatElsewhere _,
          SentByAnother _,
          Spoof _,
          Untried _,
          Unexplained _ ->
          false;
    };
  }
}
