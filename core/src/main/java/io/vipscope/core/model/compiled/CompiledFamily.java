package io.vipscope.core.model.compiled;

import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One family of a compiled state: {@code cells[destination class][protocol and ports]} is the
 * number of a prediction. One thread uses an instance.
 */
final class CompiledFamily {

  static final int NOT_COMPILED = -1;

  /** The model was not asked yet. */
  private static final int OPEN = -2;

  /** Above this a state is not compiled: 64 MiB. */
  private static final long MAX_CELLS = 16 << 20;

  private final FlowPredictor predictor;
  private final @Nullable String obstacle;
  private final AddressClasses destinations;
  private final ValueClasses protocols;
  private final ValueClasses sports;
  private final ValueClasses dports;
  private final int combinations;
  private final int[] cells;
  private final List<FlowPrediction> predictions = new ArrayList<>();
  private final Map<FlowPrediction, Integer> numbers = new HashMap<>();

  private CompiledFamily(FlowPredictor predictor, Distinctions by, @Nullable String obstacle) {
    this.predictor = predictor;
    destinations = obstacle == null ? by.destinations() : AddressClasses.NONE;
    protocols = by.protocols();
    sports = by.sourcePorts();
    dports = by.destinationPorts();
    long perDestination = (long) protocols.count() * sports.count() * dports.count();
    boolean tooMany = perDestination * destinations.count() > MAX_CELLS;
    this.obstacle =
        obstacle != null || !tooMany ? obstacle : "it tells too many kinds of flows apart";
    combinations = this.obstacle == null ? (int) perDestination : 0;
    cells = new int[combinations * destinations.count()];
    Arrays.fill(cells, OPEN);
  }

  static CompiledFamily of(HostSnapshot s, FlowPredictor predictor, boolean v6) {
    return new CompiledFamily(predictor, new Distinctions(s, v6), Distinctions.obstacle(s, v6));
  }

  @Nullable String obstacle() {
    return obstacle;
  }

  int id(int dst, int protocol, int sport, int dport) {
    return id(cell(dst, protocol, sport, dport));
  }

  int id(long hi, long lo, int protocol, int sport, int dport) {
    return id(cell(hi, lo, protocol, sport, dport));
  }

  int cell(int dst, int protocol, int sport, int dport) {
    return combinations == 0
        ? NOT_COMPILED
        : destinations.of(dst) * combinations + combination(protocol, sport, dport);
  }

  int cell(long hi, long lo, int protocol, int sport, int dport) {
    return combinations == 0
        ? NOT_COMPILED
        : destinations.of(hi, lo) * combinations + combination(protocol, sport, dport);
  }

  int destination(IpAddress dst) {
    if (combinations == 0) {
      return NOT_COMPILED;
    }
    return dst.v6() ? destinations.of(dst.hi(), dst.lo()) : destinations.of((int) dst.lo());
  }

  private int combination(int protocol, int sport, int dport) {
    return (protocols.of(protocol) * sports.count() + sports.of(sport)) * dports.count()
        + dports.of(dport);
  }

  private int id(int cell) {
    if (cell < 0) {
      return NOT_COMPILED;
    }
    int id = cells[cell];
    return id == OPEN ? ask(cell) : id;
  }

  /** Asks the model for one flow of the cell, which stands for all of them. */
  private int ask(int cell) {
    IpAddress dst = destinations.example(cell / combinations);
    if (dst == null) {
      throw new IllegalStateException("a class of destinations that no address is in");
    }
    int rest = cell % combinations;
    int dport = dports.example(rest % dports.count());
    rest /= dports.count();
    int sport = sports.example(rest % sports.count());
    int protocol = protocols.example(rest / sports.count());
    FlowPrediction p = predictor.predict(new FlowQuery(dst, protocol, sport, dport));
    int id = NOT_COMPILED;
    if (p.unmodelled() == null && !names(p, dst)) {
      id = numbers.computeIfAbsent(p, _ -> numbers.size());
      if (id == predictions.size()) {
        predictions.add(p);
      }
    }
    cells[cell] = id;
    return id;
  }

  /** Whether an answer is the destination itself, so that another destination has another. */
  private static boolean names(FlowPrediction p, IpAddress dst) {
    return p.predicted().stream().anyMatch(e -> dst.equals(e.source()) || dst.equals(e.gateway()))
        || p.conditional().stream().anyMatch(c -> Objects.equals(c.source(), dst));
  }

  void complete() {
    for (int cell = 0; cell < cells.length; cell++) {
      if (cells[cell] == OPEN && destinations.example(cell / combinations) != null) {
        ask(cell);
      }
    }
  }

  FlowPrediction prediction(int id) {
    return predictions.get(id);
  }

  CompiledState.Size size() {
    return new CompiledState.Size(
        destinations.runs(), destinations.count(), combinations, predictions.size());
  }
}
