package io.vipscope.tools;

import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.model.change.ChangeException;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.EvidenceSink;
import io.vipscope.core.verdict.FlowVerdict;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares, for each flow that a host opened, what its state at that time gives with what it would
 * give after changes. Used by one thread.
 */
final class FlowChanges implements EvidenceSink {

  /**
   * A flow whose prediction changes.
   *
   * @param follows the flow has the source that the state gives: it would follow the change; else
   *     it may be bound, and keep its source
   * @param assumed the state at that time was derived
   */
  record Changed(
      ExplainedFlow flow,
      FlowPrediction before,
      FlowPrediction after,
      boolean follows,
      boolean assumed) {}

  private record State(FlowPredictor before, @Nullable HostSnapshot after, FlowPredictor then) {}

  private final String host;
  private final NamedChanges changes;
  private final Consumer<Changed> changed;
  private final IdentityHashMap<HostSnapshot, State> states = new IdentityHashMap<>();

  /** Why the changes could not be made, to flows that began in such a state. */
  final Map<String, Long> refused = new LinkedHashMap<>();

  /** Addresses that the changes take away, to flows that had them as source. */
  final Map<IpAddress, Long> orphaned = new LinkedHashMap<>();

  long compared;
  long notCompared;
  long otherHosts;

  FlowChanges(String host, NamedChanges changes, Consumer<Changed> changed) {
    this.host = host;
    this.changes = changes;
    this.changed = changed;
  }

  @Override
  public void flow(FlowRecord f, FlowVerdict verdict, Supplier<@Nullable Evidence> evidence) {
    if (f.reason() == EndReason.ACTIVE || !verdict.judged()) {
      return;
    }
    if (!host.equals(verdict.host())) {
      otherHosts++;
      return;
    }
    Evidence known = evidence.get();
    if (known == null) {
      notCompared++;
      return;
    }
    Observation o = known.observation();
    State state = states.computeIfAbsent(o.state(), this::changed);
    if (state.after() == null) {
      notCompared++;
      return;
    }
    FlowPrediction before = state.before().predict(o.query());
    FlowPrediction after = state.then().predict(o.query());
    compared++;
    if (o.state().holds(o.source()) && !state.after().holds(o.source())) {
      orphaned.merge(o.source(), 1L, Long::sum);
    }
    if (!text(before).equals(text(after))) {
      changed.accept(
          new Changed(
              ExplainedFlow.of(f, ""),
              before,
              after,
              before.sources().contains(o.source()),
              o.state().assumed()));
    }
  }

  private State changed(HostSnapshot s) {
    FlowPredictor before = new FlowPredictor(s);
    try {
      HostSnapshot after = changes.applyTo(s);
      return new State(before, after, new FlowPredictor(after));
    } catch (ChangeException e) {
      refused.merge(String.valueOf(e.getMessage()), 1L, Long::sum);
      return new State(before, null, before);
    }
  }

  /** What a state gives for a flow, for people. */
  static String text(FlowPrediction p) {
    if (p.unmodelled() != null) {
      return "not known (" + p.unmodelled() + ")";
    }
    if (p.sources().isEmpty()) {
      return p.error() == null ? "no source" : "no packet (" + p.error() + ")";
    }
    return p.sources().stream().map(IpAddress::toString).collect(Collectors.joining(" or "));
  }
}
