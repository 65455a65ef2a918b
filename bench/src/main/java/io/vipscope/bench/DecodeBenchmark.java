package io.vipscope.bench;

import io.vipscope.core.frame.FrameDecoder;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.LinkType;
import io.vipscope.core.net.IpAddress;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
 * Time per frame of the decoder alone, from bytes to ports, into a block of headers as the ring has
 * them. The frames, 768 KiB, fit into most second-level caches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {

  private static final int FRAMES = 8192;
  private static final int HEADERS = 256;

  /** {@code mix}: all of the others in random order, so that branches cannot be guessed. */
  @Param({"tcp4", "udp4", "tcp6", "udp6", "tcp4-vlan", "mix"})
  public String traffic = "mix";

  private final FrameDecoder decoder = new FrameDecoder();
  private final FrameHeader[] headers = new FrameHeader[HEADERS];
  private FrameBuffer frames = new FrameBuffer(0);

  @Setup
  public void write() {
    Arrays.setAll(headers, _ -> new FrameHeader());
    frames = new FrameBuffer(FRAMES);
    Random random = new Random(1);
    String[] kinds = {"tcp4", "udp4", "tcp6", "udp6", "tcp4-vlan", "tcp6-vlan"};
    for (int i = 0; i < FRAMES; i++) {
      write(traffic.equals("mix") ? kinds[random.nextInt(kinds.length)] : traffic, random);
    }
    check();
  }

  private void write(String kind, Random random) {
    boolean v6 = kind.contains("6");
    Endpoint from =
        new Endpoint(0x525400000001L, address(v6, random), 32768 + random.nextInt(8192));
    Endpoint to = new Endpoint(0x525400000002L, address(v6, random), 443);
    int vlan = kind.endsWith("-vlan") ? 1 + random.nextInt(4094) : FrameBuffer.NO_VLAN;
    int payloadBytes = random.nextInt(1400);
    if (kind.startsWith("tcp")) {
      frames.tcp(from, to, vlan, FrameBuffer.ACK, random.nextInt(), payloadBytes);
    } else {
      frames.udp(from, to, vlan, payloadBytes);
    }
  }

  private static IpAddress address(boolean v6, Random random) {
    return v6
        ? IpAddress.v6(0x20010db800000000L, random.nextLong())
        : IpAddress.v4(0x0a000000 | random.nextInt(1 << 24));
  }

  /** What is measured must be decoding, not the refusal of broken frames. */
  private void check() {
    for (int i = 0; i < FRAMES; i++) {
      FrameHeader h = headers[i % HEADERS];
      decode(i, h);
      if (h.kind != FrameKind.FLOW || h.dstPort != 443) {
        throw new IllegalStateException("frame " + i + " of " + traffic + " is " + h.kind);
      }
    }
  }

  private void decode(int i, FrameHeader into) {
    decoder.decode(
        frames.data(),
        frames.offset(i),
        frames.capturedLength(i),
        frames.wireLength(i),
        LinkType.ETHERNET,
        into);
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public FrameHeader[] decode() {
    for (int i = 0; i < FRAMES; i++) {
      decode(i, headers[i % HEADERS]);
    }
    return headers;
  }
}
