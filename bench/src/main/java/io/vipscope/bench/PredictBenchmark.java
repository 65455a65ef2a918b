package io.vipscope.bench;

import io.vipscope.core.flow.Protocols;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time of one answer of the model, for a TCP flow of the demo's {@code lb1}. Short warm-ups mislead
 * here: the compiler needs some seconds for so much code.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 1)
public class PredictBenchmark {

  private static final String PRIMARY4 = "192.168.0.1";
  private static final String PRIMARY6 = "2001:db8:0:1::1";
  private static final String VIP4 = "192.168.0.9";
  private static final IpAddress STRANGER4 = IpAddress.parse("192.0.2.77");
  private static final IpAddress STRANGER6 = IpAddress.parse("2001:db8:0:1::77");

  @Param({"OFF_LINK4", "ON_LINK4", "SNAT4", "OFF_LINK6"})
  public Destination destination = Destination.OFF_LINK4;

  /** Routes of each family beside those of the demo. */
  @Param({"0", "10000"})
  public int moreRoutes;

  /** Destinations that {@code lb1} treats differently. */
  public enum Destination {
    OFF_LINK4("198.51.100.7", PRIMARY4),
    ON_LINK4("192.168.0.50", PRIMARY4),
    SNAT4("203.0.113.6", VIP4),
    OFF_LINK6("2001:db8:ffff::7", PRIMARY6);

    private final String address;
    private final String source;

    Destination(String address, String source) {
      this.address = address;
      this.source = source;
    }
  }

  private @Nullable Host host;

  /** What the benchmarks ask, and of whom. */
  private record Host(HostSnapshot snapshot, FlowPredictor predictor, FlowQuery query) {}

  @Setup
  public void read() {
    HostSnapshot s = withMoreRoutes(withMoreRoutes(DemoPair.host("lb1"), false), true);
    host =
        new Host(
            s,
            new FlowPredictor(s),
            new FlowQuery(IpAddress.parse(destination.address), Protocols.TCP, 40_000, 443));
    Set<IpAddress> sources = predict().sources();
    if (!sources.equals(Set.of(IpAddress.parse(destination.source)))) {
      throw new IllegalStateException(destination + " is predicted to leave from " + sources);
    }
  }

  private HostSnapshot withMoreRoutes(HostSnapshot s, boolean v6) {
    List<Route> routes = new ArrayList<>(Objects.requireNonNull(s.routes(v6)));
    Route way = routes.stream().filter(r -> r.dst().length() == 0).findFirst().orElseThrow();
    for (int i = 0; i < moreRoutes; i++) {
      IpPrefix dst =
          v6
              ? IpPrefix.of(IpAddress.v6(0x20010db900000000L | i, 0), 64)
              : IpPrefix.of(IpAddress.v4(0x0a000000 | i << 8), 24);
      routes.add(route(dst, way));
    }
    return s.withRouting(v6, routes, s.rules(v6));
  }

  /** As a routing daemon would add it: by the default gateway. */
  private static Route route(IpPrefix dst, Route way) {
    List<Nexthop> hops = way.nexthops();
    return new Route(
        RouteType.UNICAST,
        dst,
        null,
        0,
        TableName.MAIN,
        "bgp",
        way.scope(),
        null,
        way.metric(),
        0,
        0,
        hops);
  }

  private Host host() {
    return Objects.requireNonNull(host);
  }

  /** A state that has been asked before: what each new query of an audit costs. */
  @Benchmark
  public FlowPrediction predict() {
    return host().predictor.predict(host().query);
  }

  /** The first query of a state: its routes are sorted into tables. */
  @Benchmark
  public FlowPrediction firstPrediction() {
    HostSnapshot fresh = host().snapshot.shifted(1);
    return new FlowPredictor(fresh).predict(host().query);
  }

  /**
   * The search for a bind that explains a mismatch, at its longest: no address of the host does.
   */
  @Benchmark
  public @Nullable IpAddress explainMismatch() {
    boolean v6 = host().query.dst().v6();
    return host().predictor.boundTo(host().query, v6 ? STRANGER6 : STRANGER4);
  }
}
