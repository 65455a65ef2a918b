package io.vipscope.bench;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.model.compiled.CompiledState;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.openjdk.jmh.annotations.TearDown;

/**
 * Time from a snapshot's files to its first answer, in a new JVM each time: what a user waits for
 * who starts {@code predict} on a router. The heap is the one that {@code bench/run} gives.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Measurement(iterations = 1)
public class SnapshotBenchmark {

  /** IPv4 routes of the host, beside its own. */
  @Param({"1000", "1000000"})
  public int routes;

  private @Nullable Path folder;

  @Setup
  public void write() throws IOException {
    folder = Files.createTempDirectory("vipscope-bench");
    FullTable.write(folder, routes);
  }

  @TearDown
  public void delete() throws IOException {
    try (Stream<Path> files = Files.walk(Objects.requireNonNull(folder))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Benchmark
  public FlowPrediction readAndPredict() {
    FlowQuery query = new FlowQuery(IpAddress.parse("203.0.113.5"), Protocols.TCP, 40_000, 443);
    return new FlowPredictor(SnapshotReader.read("router", Objects.requireNonNull(folder)))
        .predict(query);
  }

  /** The same until every answer is in the tables: for an audit that shall not ask the model. */
  @Benchmark
  public CompiledState readAndCompile() {
    HostSnapshot s = SnapshotReader.read("router", Objects.requireNonNull(folder));
    return CompiledState.of(s).complete();
  }
}
