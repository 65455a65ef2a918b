package io.vipscope.core.pipeline;

import io.vipscope.core.model.change.StateChange;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.ChangeLog;
import io.vipscope.core.ownership.OwnershipTimeline;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the state in force of a host at a time, from its snapshots and from what the wire shows of
 * its VIPs. One thread uses an instance.
 */
final class StateSelector {

  private final OwnershipTimeline timeline;
  private final IdentityHashMap<HostSnapshot, Map<Map<IpAddress, Boolean>, HostSnapshot>> applied =
      new IdentityHashMap<>();
  private final Map<String, Latest> latest = new HashMap<>();

  StateSelector(OwnershipTimeline timeline) {
    this.timeline = timeline;
  }

  /**
   * The state in force after all changes of a host's VIPs so far. Nearly every flow asks for it
   * again.
   */
  private record Latest(List<HostSnapshot> around, int changes, StateInForce state) {}

  @SuppressWarnings("ReferenceEquality") // the lists' snapshots are the same objects or new ones
  StateInForce at(AuditedHost host, long tsNs) {
    List<HostSnapshot> around = around(host, tsNs);
    ChangeLog log = timeline.changesOf(host.name());
    int changes = log.size();
    boolean afterAll = tsNs >= log.latestNs();
    Latest known = latest.get(host.name());
    if (afterAll
        && known != null
        && known.changes() == changes
        && known.around().size() == around.size()
        && known.around().getFirst() == around.getFirst()
        && known.around().getLast() == around.getLast()) {
      return known.state();
    }
    StateInForce state = find(host, around, tsNs);
    if (afterAll) {
      latest.put(host.name(), new Latest(around, changes, state));
    }
    return state;
  }

  private StateInForce find(AuditedHost host, List<HostSnapshot> around, long tsNs) {
    HostSnapshot before = around.getFirst();
    Map<IpAddress, Boolean> changed = changes(host, before, tsNs);
    if (changed.isEmpty()) {
      return inForce(before, around);
    }
    if (around.size() == 2 && agrees(around.get(1), changed)) {
      return inForce(around.get(1), around);
    }
    for (HostSnapshot other : host.snapshots().reversed()) {
      if (agrees(other, changed)) {
        return inForce(other, around);
      }
    }
    return inForce(apply(before, changed), around);
  }

  /** A state that is known to be in force, and its neighbours at that time. */
  StateInForce inForce(HostSnapshot state, AuditedHost host, long tsNs) {
    return inForce(state, around(host, tsNs));
  }

  private static List<HostSnapshot> around(AuditedHost host, long tsNs) {
    List<HostSnapshot> snapshots = host.snapshots();
    int first = 0;
    while (first + 1 < snapshots.size() && snapshots.get(first + 1).tEndNs() <= tsNs) {
      first++;
    }
    return snapshots.subList(first, Math.min(first + 2, snapshots.size()));
  }

  @SuppressWarnings("ReferenceEquality") // identity is meant: comparing contents would take long
  private static StateInForce inForce(HostSnapshot state, List<HostSnapshot> around) {
    return new StateInForce(state, around.stream().filter(s -> s != state).toList());
  }

  /**
   * The VIPs that the wire shows the host gaining or losing after the snapshot began and not after
   * the flow: whether it holds each of them now. The first word about a VIP is a change only if it
   * contradicts the snapshot.
   */
  private Map<IpAddress, Boolean> changes(AuditedHost host, HostSnapshot since, long tsNs) {
    Map<IpAddress, Boolean> held = new LinkedHashMap<>();
    for (List<OwnershipTimeline.Change> ofVip : timeline.changesOf(host.name()).byVip()) {
      for (OwnershipTimeline.Change change : ofVip.reversed()) {
        if (change.tsNs() <= tsNs
            && change.tsNs() > since.tStartNs()
            && (!change.initial() || since.holds(change.vip()) != change.gained())) {
          held.put(change.vip(), change.gained());
          break;
        }
      }
    }
    return held;
  }

  /** Whether the snapshot shows the same of these VIPs as the wire does. */
  private static boolean agrees(HostSnapshot snapshot, Map<IpAddress, Boolean> held) {
    return held.entrySet().stream().allMatch(e -> snapshot.holds(e.getKey()) == e.getValue());
  }

  private HostSnapshot apply(HostSnapshot base, Map<IpAddress, Boolean> held) {
    Map<Map<IpAddress, Boolean>, HostSnapshot> ofBase =
        applied.computeIfAbsent(base, _ -> new HashMap<>());
    return ofBase.computeIfAbsent(
        Map.copyOf(held),
        _ -> {
          HostSnapshot state = base;
          for (Map.Entry<IpAddress, Boolean> entry : held.entrySet()) {
            IpAddress vip = entry.getKey();
            if (state.holds(vip) != entry.getValue()) {
              state =
                  entry.getValue() ? StateChange.gain(state, vip) : StateChange.lose(state, vip);
            }
          }
          return state;
        });
  }
}
