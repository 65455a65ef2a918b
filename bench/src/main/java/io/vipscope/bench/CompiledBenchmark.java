package io.vipscope.bench;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.model.compiled.CompiledState;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Predictions a second from the tables of a compiled state, one thread, for flows to random
 * destinations: on a host with 50 routes and 20 policy rules, and on a router with a full table.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CompiledBenchmark {

  private static final int FLOWS = 1 << 16;
  private static final int ROUTES = 50;
  private static final int RULES = 20;

  @Param({"HOST", "ROUTER"})
  public Kind kind = Kind.HOST;

  /** Whose state it is. */
  public enum Kind {
    /** The demo's {@code lb1} with 50 routes and 20 rules. */
    HOST,
    /** A million IPv4 routes. */
    ROUTER
  }

  private final int[] destinations = new int[FLOWS];
  private final int[] protocols = new int[FLOWS];
  private final int[] sports = new int[FLOWS];
  private final int[] dports = new int[FLOWS];
  private @Nullable CompiledState state;

  @Setup
  public void compile() throws IOException {
    HostSnapshot s = kind == Kind.HOST ? host() : router();
    CompiledState compiled = CompiledState.of(s).complete();
    state = compiled;
    System.out.println(s.routes(false) == null ? "" : "tables " + compiled.size(false));
    Random random = new Random(51);
    for (int i = 0; i < FLOWS; i++) {
      destinations[i] = destination(random, s);
      protocols[i] = random.nextInt(4) == 0 ? Protocols.UDP : Protocols.TCP;
      sports[i] = 32_768 + random.nextInt(28_232);
      dports[i] = random.nextInt(2) == 0 ? 443 : random.nextInt(1 << 16);
      if (compiled.id4(destinations[i], protocols[i], sports[i], dports[i])
          == CompiledState.NOT_COMPILED) {
        throw new IllegalStateException("a flow that is not compiled");
      }
    }
  }

  /** Half of the flows go to some route's block, half anywhere on the Internet. */
  private static int destination(Random random, HostSnapshot s) {
    List<Route> routes = Objects.requireNonNull(s.routes(false));
    Route route = routes.get(random.nextInt(routes.size()));
    boolean anywhere = random.nextBoolean() || route.dst().network().isLoopback();
    int within = random.nextInt() & (int) (0xffffffffL >>> route.dst().length());
    return anywhere
        ? 0x01000000 + random.nextInt(0x7e000000)
        : route.dst().network().asInt() | (route.dst().length() == 32 ? 0 : within);
  }

  private static HostSnapshot host() {
    HostSnapshot s = DemoPair.host("lb1");
    List<Route> routes = new ArrayList<>(Objects.requireNonNull(s.routes(false)));
    Route way = routes.stream().filter(r -> r.dst().length() == 0).findFirst().orElseThrow();
    for (int i = 0; routes.size() < ROUTES; i++) {
      routes.add(way.withDst(IpPrefix.of(IpAddress.v4(0x0a000000 | i << 16), 16)));
    }
    List<PolicyRule> rules = new ArrayList<>(s.rules(false));
    for (int i = 0; rules.size() < RULES; i++) {
      rules.add(1, rule(i));
    }
    return s.withRouting(false, routes, rules);
  }

  /** By mark, by destination, by port, in turn. */
  private static PolicyRule rule(int i) {
    boolean marked = i % 3 == 0;
    boolean to = i % 3 == 1;
    return new PolicyRule(
        false,
        1000 - i,
        false,
        null,
        to ? IpPrefix.of(IpAddress.v4(0x0a000000 | i << 17), 15) : null,
        null,
        null,
        marked ? i + 1 : 0,
        marked ? -1 : 0,
        0,
        marked || to ? 0 : Protocols.TCP,
        null,
        marked || to ? null : new Range(8000 + 10L * i, 8009 + 10L * i),
        null,
        new RuleAction.Lookup(Integer.toString(100 + i)),
        -1,
        null,
        List.of());
  }

  private static HostSnapshot router() throws IOException {
    Path folder = Files.createTempDirectory("vipscope-bench");
    try {
      FullTable.write(folder, FullTable.ROUTES);
      return SnapshotReader.read("router", folder);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(FLOWS)
  public long predict() {
    CompiledState compiled = Objects.requireNonNull(state);
    long sum = 0;
    for (int i = 0; i < FLOWS; i++) {
      sum += compiled.id4(destinations[i], protocols[i], sports[i], dports[i]);
    }
    return sum;
  }
}
