package io.vipscope.core.model.compiled;

import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * A state of a host as tables that answer for a flow's key by a few array reads.
 *
 * <p>Everything that a state can tell flows apart by divides destinations, protocols and ports into
 * classes ({@code Distinctions}); the pure model is asked once for each combination of classes that
 * occurs, at its first flow or by {@link #complete}. What cannot be told by classes has no number
 * and is asked of the model each time: addresses that NAT chooses by a hash, sources and next hops
 * that are the destination itself, and all that is not modelled.
 *
 * <p>One thread uses an instance.
 */
public final class CompiledState {

  /** Number of what must be asked of the model. */
  public static final int NOT_COMPILED = CompiledFamily.NOT_COMPILED;

  private final HostSnapshot snapshot;
  private final FlowPredictor predictor;
  private @Nullable CompiledFamily v4;
  private @Nullable CompiledFamily v6;

  private CompiledState(HostSnapshot snapshot) {
    this.snapshot = snapshot;
    this.predictor = new FlowPredictor(snapshot);
  }

  /** Compiles a state; a family of addresses when it is first asked for. */
  public static CompiledState of(HostSnapshot snapshot) {
    return new CompiledState(snapshot);
  }

  /** The pure model of the same state. */
  public FlowPredictor predictor() {
    return predictor;
  }

  /**
   * The number of the prediction for a flow to an IPv4 address.
   *
   * @param dst the address in network order
   * @return a number for {@link #prediction4}, or {@link #NOT_COMPILED}
   */
  public int id4(int dst, int protocol, int sport, int dport) {
    return family4().id(dst, protocol, sport, dport);
  }

  /** The same for a flow to an IPv6 address, given by its halves, and {@link #prediction6}. */
  public int id6(long hi, long lo, int protocol, int sport, int dport) {
    return family6().id(hi, lo, protocol, sport, dport);
  }

  public FlowPrediction prediction4(int id) {
    return family4().prediction(id);
  }

  public FlowPrediction prediction6(int id) {
    return family6().prediction(id);
  }

  /** The number of the prediction for a flow; see {@link #id4}. */
  public int id(FlowQuery q) {
    IpAddress dst = q.dst();
    return dst.v6()
        ? id6(dst.hi(), dst.lo(), q.protocol(), q.sport(), q.dport())
        : id4((int) dst.lo(), q.protocol(), q.sport(), q.dport());
  }

  /** The prediction for a flow: {@code predictor().predict(q)}, most often without its work. */
  public FlowPrediction predict(FlowQuery q) {
    int id = id(q);
    if (id == NOT_COMPILED) {
      return predictor.predict(q);
    }
    return q.dst().v6() ? prediction6(id) : prediction4(id);
  }

  /**
   * The number of the class of destinations that an address is in: for a socket of any kind the
   * host treats those of one class alike, but for addresses that are the destination itself.
   *
   * @return {@link #NOT_COMPILED} if the family is not compiled
   */
  public int destination(IpAddress dst) {
    return dst.v6() ? family6().destination(dst) : family4().destination(dst);
  }

  /** Asks the model for every combination of classes, so that no later query does. */
  public CompiledState complete() {
    family4().complete();
    family6().complete();
    return this;
  }

  /** Why the family is not compiled at all; null if it is. */
  public @Nullable String obstacle(boolean ipv6) {
    return (ipv6 ? family6() : family4()).obstacle();
  }

  /** What the tables of a family hold, for reports. */
  public Size size(boolean ipv6) {
    return (ipv6 ? family6() : family4()).size();
  }

  /**
   * How large the tables of one family are.
   *
   * @param runs stretches of addresses of one class
   * @param destinations classes of destinations
   * @param combinations of a protocol's and the ports' classes, for each class of destinations
   * @param predictions different ones so far
   */
  public record Size(int runs, int destinations, int combinations, int predictions) {}

  private CompiledFamily family4() {
    CompiledFamily family = v4;
    if (family == null) {
      family = CompiledFamily.of(snapshot, predictor, false);
      v4 = family;
    }
    return family;
  }

  private CompiledFamily family6() {
    CompiledFamily family = v6;
    if (family == null) {
      family = CompiledFamily.of(snapshot, predictor, true);
      v6 = family;
    }
    return family;
  }

  /**
   * The number of the kind of flow that this is: flows of one kind to the same destination go the
   * same way for the same reasons.
   *
   * @return {@link #NOT_COMPILED} if the family is not compiled
   */
  public int cell(FlowQuery q) {
    IpAddress dst = q.dst();
    return dst.v6()
        ? family6().cell(dst.hi(), dst.lo(), q.protocol(), q.sport(), q.dport())
        : family4().cell((int) dst.lo(), q.protocol(), q.sport(), q.dport());
  }
}
