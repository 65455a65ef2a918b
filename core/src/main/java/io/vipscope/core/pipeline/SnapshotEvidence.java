package io.vipscope.core.pipeline;

import io.vipscope.core.model.change.Role;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.OwnershipTimeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Evidence of flows without their capture: snapshots alone say what was in force when. */
public final class SnapshotEvidence {

  private final HostIndex index;
  private final StateSelector states;

  public SnapshotEvidence(HostIndex index) {
    this.index = index;
    this.states = new StateSelector(new OwnershipTimeline(index, true));
  }

  /**
   * The hosts that may have opened a flow, as far as its source tells: those that have the address
   * as their own; for a VIP its holders at that time, else those whose keepalived.conf names it;
   * none, if it is opened towards an audited host; else every host.
   */
  public List<AuditedHost> senders(IpAddress source, IpAddress dst, long tsNs) {
    List<AuditedHost> all = List.copyOf(index.hosts());
    List<AuditedHost> own = index.hostsOfAddress(source);
    if (!own.isEmpty()) {
      return own;
    }
    if (!index.isVip(source)) {
      return index.isLocal(dst) ? List.of() : all;
    }
    List<AuditedHost> holders =
        all.stream().filter(h -> states.at(h, tsNs).state().holds(source)).toList();
    List<AuditedHost> naming = all.stream().filter(h -> h.vips().contains(source)).toList();
    return !holders.isEmpty() ? holders : !naming.isEmpty() ? naming : all;
  }

  /** What is known of a flow that the host opened, by the snapshots around that time. */
  public Evidence at(AuditedHost host, FlowQuery query, IpAddress source, long tsNs) {
    return evidence(states.at(host, tsNs), host, query, source, tsNs);
  }

  /**
   * What a record tells of the state that an audit had taken.
   *
   * @param timeNs end of its snapshot
   * @param held whether it has the source
   * @param predicted what it gave
   * @param trace how that came about
   */
  public record Recorded(long timeNs, boolean held, Set<IpAddress> predicted, List<String> trace) {
    public Recorded {
      predicted = Set.copyOf(predicted);
      trace = List.copyOf(trace);
    }

    private boolean says(FlowPrediction p) {
      return p.sources().equals(predicted);
    }
  }

  /**
   * The same by the state that an audit had taken: its snapshot as it is, or as the host is in one
   * of its roles, which is what the wire may have told the audit.
   *
   * @return null if no snapshot of the host gives what was recorded
   */
  public @Nullable Evidence recorded(
      AuditedHost host, FlowQuery query, IpAddress source, long tsNs, Recorded recorded) {
    HostSnapshot found = null;
    for (HostSnapshot variant : variants(host, recorded.timeNs())) {
      if (variant.routes(query.dst().v6()) == null || variant.holds(source) != recorded.held()) {
        continue;
      }
      FlowPredictor predictor = new FlowPredictor(variant);
      FlowPrediction prediction = predictor.predict(query);
      if (recorded.says(prediction) && recorded.trace().equals(predictor.trace(query))) {
        found = variant;
        break;
      }
      if (found == null && recorded.says(prediction)) {
        found = variant;
      }
    }
    return found == null
        ? null
        : evidence(states.inForce(found, host, tsNs), host, query, source, tsNs);
  }

  private static List<HostSnapshot> variants(AuditedHost host, long timeNs) {
    List<HostSnapshot> variants = new ArrayList<>();
    for (HostSnapshot snapshot : host.snapshots()) {
      if (snapshot.tEndNs() == timeNs) {
        variants.add(snapshot);
        for (Role role : Role.values()) {
          variants.add(role.state(List.of(snapshot)));
        }
      }
    }
    return variants;
  }

  /** Whether a source is one of the VIPs, or an address that some snapshot of the host shows. */
  private boolean known(AuditedHost host, IpAddress source) {
    return index.isVip(source) || index.hostsOfAddress(source).contains(host);
  }

  private Evidence evidence(
      StateInForce inForce, AuditedHost host, FlowQuery query, IpAddress source, long tsNs) {
    Observation observation =
        new Observation(query, source, inForce.state(), inForce.neighbours(), known(host, source));
    return of(observation, host, index, states, tsNs);
  }

  static Evidence of(
      Observation observation, AuditedHost host, HostIndex index, StateSelector states, long tsNs) {
    List<HostSnapshot> others =
        index.hosts().stream()
            .filter(h -> !h.name().equals(host.name()))
            .map(h -> states.at(h, tsNs).state())
            .toList();
    return new Evidence(observation, host.snapshots(), others);
  }
}
