package io.vipscope.core.model.inverse;

import io.vipscope.core.model.flow.Bind;
import io.vipscope.core.model.flow.ConditionalSource;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the facts that would explain an observed source, each alone and each checked with the model
 * where the model can tell. Pure, as the predictors are.
 */
public final class Causes {

  private final Function<HostSnapshot, FlowPredictor> predictors;

  /**
   * @param predictors gives a state's predictor, which takes long to make for many routes
   */
  public Causes(Function<HostSnapshot, FlowPredictor> predictors) {
    this.predictors = predictors;
  }

  /**
   * The causes of a source that the state gives neither by itself nor under a condition. Never
   * empty; their words are those of records, in the order of records.
   */
  public List<Cause> ofMismatch(Observation o) {
    return explained(new ArrayList<>(bound(o)), o, List.of());
  }

  /** What the state in force gives. */
  FlowPrediction prediction(Observation o) {
    return predictors.apply(o.state()).predict(o.query());
  }

  List<String> trace(Observation o) {
    return predictors.apply(o.state()).trace(o.query());
  }

  /**
   * Every cause, for a source that an ordinary socket does not have. Never empty: the last resort
   * is {@link Cause.Unexplained}.
   */
  List<Cause> all(Evidence evidence) {
    Observation o = evidence.observation();
    List<Cause> causes = new ArrayList<>(bound(o));
    for (ConditionalSource conditional : prediction(o).conditional()) {
      Cause cause = new Cause.Conditional(conditional.condition());
      if (conditional.source().equals(o.source()) && !causes.contains(cause)) {
        causes.add(cause);
      }
    }
    causes.addAll(Absences.of(o));
    causes.addAll(otherStates(o, evidence.ofHost()));
    if (!o.state().holds(o.source())) {
      causes.add(new Cause.SnatElsewhere());
    }
    boolean mayForward =
        o.state().sysctls().values().isEmpty() || o.state().forwards(o.source().v6());
    if (!o.known() && mayForward) {
      causes.add(new Cause.SentByAnother());
    }
    List<HostSnapshot> holders =
        evidence.ofOthers().stream().filter(h -> h.holds(o.source())).toList();
    return explained(causes, o, holders);
  }

  /** The rules, routes and NAT rules without which, each alone, the source would be possible. */
  public static List<Cause> absences(Observation o) {
    return Absences.of(o);
  }

  private List<Cause> bound(Observation o) {
    Bind bind = predictors.apply(o.state()).bind(o.query(), o.source());
    if (bind != null) {
      return List.of(new Cause.Bound(bind, null));
    }
    for (HostSnapshot neighbour : o.neighbours()) {
      Bind there = predictors.apply(neighbour).bind(o.query(), o.source());
      if (there != null) {
        return List.of(new Cause.Bound(there, neighbour));
      }
    }
    return List.of();
  }

  /** Adds what no run of the model can show or refute. */
  private static List<Cause> explained(
      List<Cause> causes, Observation o, List<HostSnapshot> holders) {
    if (!o.state().holds(o.source())) {
      causes.add(o.known() ? new Cause.StaleAddress(holders) : new Cause.Spoof());
    }
    if (!o.state().netfilter().known()) {
      causes.add(new Cause.SnatUnknown());
    }
    if (causes.isEmpty()) {
      causes.add(new Cause.Unexplained());
    }
    return causes;
  }

  /** The nearest earlier and the nearest later snapshot that gives the source. */
  private static List<Cause> otherStates(Observation o, List<HostSnapshot> ofHost) {
    long now = o.state().tEndNs();
    Comparator<HostSnapshot> byTime = Comparator.comparingLong(HostSnapshot::tEndNs);
    List<Cause> causes = new ArrayList<>();
    add(causes, o, ofHost.stream().filter(s -> s.tEndNs() < now).sorted(byTime.reversed()));
    add(causes, o, ofHost.stream().filter(s -> s.tEndNs() >= now).sorted(byTime));
    return causes;
  }

  @SuppressWarnings("ReferenceEquality") // identity is meant: comparing contents would take long
  private static void add(List<Cause> causes, Observation o, Stream<HostSnapshot> nearestFirst) {
    @Nullable HostSnapshot nearest = null;
    boolean alone = false;
    int further = 0;
    for (HostSnapshot snapshot : nearestFirst.toList()) {
      if (snapshot == o.state() || snapshot.routes(o.query().dst().v6()) == null) {
        continue;
      }
      Absences.Answer answer = Absences.Answer.of(snapshot, o.query());
      if (answer.gives(o.source()) && nearest == null) {
        nearest = snapshot;
        alone = answer.alone();
      } else if (answer.gives(o.source())) {
        further++;
      }
    }
    if (nearest != null) {
      HostSnapshot found = nearest;
      boolean neighbour = o.neighbours().stream().anyMatch(n -> n == found);
      causes.add(new Cause.OtherState(found, neighbour, alone, further));
    }
  }
}
