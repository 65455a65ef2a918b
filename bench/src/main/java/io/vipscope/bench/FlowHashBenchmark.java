package io.vipscope.bench;

import io.vipscope.core.flow.FlowHash;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time of one flow hash, of keys that lie in the first-level cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FlowHashBenchmark {

  private static final int KEYS = 512;
  private static final int TCP = 6;

  private final FlowHash hash = new FlowHash(0x5eed);
  private final long[] srcHi = new long[KEYS];
  private final long[] srcLo = new long[KEYS];
  private final long[] dstLo = new long[KEYS];
  private final int[] ports = new int[KEYS];

  @Setup
  public void fill() {
    Random random = new Random(1);
    for (int i = 0; i < KEYS; i++) {
      srcHi[i] = 0x20010db800000000L;
      srcLo[i] = random.nextInt() & 0xffff_ffffL;
      dstLo[i] = random.nextInt() & 0xffff_ffffL;
      ports[i] = random.nextInt();
    }
  }

  @Benchmark
  @OperationsPerInvocation(KEYS)
  public int v4() {
    int sum = 0;
    for (int i = 0; i < KEYS; i++) {
      sum += hash.of(0, srcLo[i], ports[i] >>> 16, 0, dstLo[i], ports[i] & 0xffff, TCP);
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(KEYS)
  public int v6() {
    int sum = 0;
    for (int i = 0; i < KEYS; i++) {
      sum +=
          hash.of(srcHi[i], srcLo[i], ports[i] >>> 16, srcHi[i], dstLo[i], ports[i] & 0xffff, TCP);
    }
    return sum;
  }
}
