package io.vipscope.core.pipeline;

import static io.vipscope.core.FrameBuilder.ACK;
import static io.vipscope.core.FrameBuilder.FIN;
import static io.vipscope.core.FrameBuilder.RST;
import static io.vipscope.core.FrameBuilder.SYN;
import static io.vipscope.core.FrameBuilder.SYN_ACK;
import static io.vipscope.core.pipeline.Lab.VIP;
import static io.vipscope.core.pipeline.Lab.VIP0;
import static io.vipscope.core.pipeline.Lab.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.FlowTimeouts;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.LinkType;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.ring.FramePublisher;
import io.vipscope.core.sink.AuditSink;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.core.worker.Latency;
import io.vipscope.core.worker.Waiting;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditPipelineTest {

  private static final FramePublisher.Selection ALL = FramePublisher.Selection.ALL;

  private static final class Frame {
    final byte[] bytes;
    final int captured;
    final int linkType;
    final long tsNs;

    Frame(byte[] bytes, int captured, int linkType, long tsNs) {
      this.bytes = bytes;
      this.captured = captured;
      this.linkType = linkType;
      this.tsNs = tsNs;
    }
  }

  /** What came out, in the order in which it came. */
  private static final class Results implements AuditSink {
    final List<String> lines = new ArrayList<>();
    final List<FlowRecord> flows = new ArrayList<>();
    final List<FlowVerdict> verdicts = new ArrayList<>();

    @Override
    public void owner(Ownership ownership) {
      lines.add(ownership.toString());
    }

    @Override
    public void failover(Failover failover) {
      lines.add(failover.toString());
    }

    @Override
    public void finding(Finding finding) {
      lines.add(finding.toString());
    }

    @Override
    public void mismatch(FlowRecord flow, FlowVerdict verdict) {
      lines.add("mismatch " + flow + verdict);
    }

    @Override
    public void flow(FlowRecord flow, FlowVerdict verdict) {
      lines.add("flow " + flow + verdict);
      flows.add(flow);
      verdicts.add(verdict);
    }
  }

  private static AuditConfig config(
      int workers, int maxFlows, long seed, FramePublisher.Selection selection) {
    return new AuditConfig(
        workers,
        maxFlows,
        FlowTimeouts.DEFAULT,
        seed,
        selection,
        AuditOptions.DEFAULT,
        MirrorOptions.DEFAULT,
        0,
        new Segments());
  }

  private static HostIndex index() {
    return new HostIndex(
        List.of(
            Lab.host(1, snapshot(1, true, 0, 1), snapshot(1, false, 600, 601)),
            Lab.host(2, snapshot(2, false, 0, 1))),
        List.of());
  }

  private static void publish(FramePublisher publisher, Frame f) {
    publisher.frame(
        MemorySegment.ofArray(f.bytes), 0, f.captured, f.bytes.length, f.linkType, f.tsNs, 0);
  }

  private static AuditCounters run(AuditConfig config, List<Frame> frames, Results results)
      throws InterruptedException {
    AuditPipeline pipeline = new AuditPipeline(config, index(), results);
    frames.forEach(f -> publish(pipeline.publisher(), f));
    return pipeline.finish();
  }

  /** Takes the frames by several threads: TCP by its ports, all else by the first. */
  private static AuditCounters runShared(int readers, List<Frame> frames, Results results)
      throws InterruptedException {
    AuditConfig config =
        new AuditConfig(
            readers,
            2,
            Waiting.BLOCK,
            100_000,
            FlowTimeouts.DEFAULT,
            7,
            ALL,
            AuditOptions.DEFAULT,
            MirrorOptions.DEFAULT,
            0,
            Latency.Clock.OFF,
            new Segments());
    AuditPipeline pipeline = new AuditPipeline(config, index(), results);
    List<Thread> threads = new ArrayList<>();
    for (int number = 0; number < readers; number++) {
      int reader = number;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                FramePublisher publisher = pipeline.publishers().get(reader);
                frames.stream()
                    .filter(f -> portSum(f) % readers == reader)
                    .forEach(f -> publish(publisher, f));
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return pipeline.finish();
  }

  /** Of a TCP segment that is whole; 0 of everything else. */
  private static int portSum(Frame f) {
    ByteBuffer bytes = ByteBuffer.wrap(f.bytes, 0, f.captured);
    int ip = bytes.getShort(12) == (short) 0x8100 ? 18 : 14;
    return bytes.getShort(ip - 2) == 0x800
            && bytes.get(ip + 9) == 6
            && (bytes.getShort(ip + 6) & 0x3fff) == 0
        ? Short.toUnsignedInt(bytes.getShort(ip + 20))
            + Short.toUnsignedInt(bytes.getShort(ip + 22))
        : 0;
  }

  private static String peer(Random random) {
    return "203.0.113." + random.nextInt(8);
  }

  private static String local(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> "10.0.0.11";
      case 1 -> "10.0.0.12";
      default -> VIP.toString();
    };
  }

  private static FrameBuilder frame(Random random) {
    String local = local(random);
    String peer = peer(random);
    int port = 40000 + random.nextInt(20);
    boolean out = random.nextBoolean();
    long mac = Lab.mac(1 + random.nextInt(2));
    FrameBuilder built =
        switch (random.nextInt(12)) {
          case 0, 1, 2, 3 -> {
            int flags = new int[] {SYN, SYN, SYN_ACK, ACK, ACK, FIN | ACK, RST}[random.nextInt(7)];
            long seq = random.nextInt(3);
            yield out
                ? FrameBuilder.tcp(local, port, peer, 443, flags, seq)
                : FrameBuilder.tcp(peer, 443, local, port, flags, seq);
          }
          case 4, 5, 6 ->
              out
                  ? FrameBuilder.udp(local, 53, peer, port)
                  : FrameBuilder.udp(peer, port, local, 53);
          case 7 ->
              FrameBuilder.icmp(
                  out ? local : peer,
                  out ? peer : local,
                  new int[] {0, 8, 3}[random.nextInt(3)],
                  random.nextInt(3));
          case 8 ->
              FrameBuilder.fragment(
                  out ? local : peer,
                  out ? peer : local,
                  new int[] {1, 17}[random.nextInt(2)],
                  random.nextInt(5),
                  8 * random.nextInt(2),
                  true,
                  FrameBuilder.bytes(2, 0x800, 53, 16, 0, 0, 0, 0, 0));
          case 9 ->
              FrameBuilder.vrrp2(
                  "10.0.0.1" + (1 + random.nextInt(2)),
                  51,
                  random.nextInt(3) * 50,
                  1,
                  VIP.toString());
          case 10 -> FrameBuilder.arp(1, mac, VIP.toString(), VIP.toString());
          default -> FrameBuilder.other(0x88cc, new byte[30]);
        };
    built = built.macs(mac, 0xfe);
    return random.nextInt(4) == 0 ? built.vlan(100 + random.nextInt(2)) : built;
  }

  /** Frames with gaps, some out of order; {@code junk} of ten are cut, changed or noise. */
  private static List<Frame> capture(long seed, int count, int junk) {
    Random random = new Random(seed);
    List<Frame> frames = new ArrayList<>();
    long ns = 0;
    for (int i = 0; i < count; i++) {
      ns += random.nextInt(200) == 0 ? 70L * Lab.SECOND : random.nextInt(50_000_000);
      byte[] bytes = frame(random).ethernet();
      int captured = bytes.length;
      int linkType = LinkType.ETHERNET;
      if (random.nextInt(10) < junk) {
        switch (random.nextInt(4)) {
          case 0 -> captured = random.nextInt(bytes.length);
          case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
          case 2 -> random.nextBytes(bytes);
          default -> linkType = random.nextInt(300);
        }
      }
      long late = random.nextInt(50) == 0 ? random.nextLong(100L * Lab.SECOND) : 0;
      frames.add(new Frame(bytes, captured, linkType, Math.max(0, ns - late)));
    }
    return frames;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyFrameIsInOneBucket(long seed) throws InterruptedException {
    FramePublisher.Selection selection =
        (data, offset, captured, _, _) ->
            captured < 1
                || data.get(java.lang.foreign.ValueLayout.JAVA_BYTE, offset + captured - 1) != 1;
    Results results = new Results();
    AuditCounters counters = run(config(2, 64, seed, selection), capture(seed, 6_000, 4), results);
    assertEquals(6_000, counters.frames());
    assertEquals(6_000, counters.accounted());
    assertTrue(counters.flowFrames() > 0);
    assertTrue(counters.evicted() > 0);
    assertTrue(counters.controlFrames() > 0);
    assertTrue(counters.nonIp() > 0);
    assertTrue(counters.filtered() > 0);
    for (FrameKind kind :
        List.of(FrameKind.TRUNCATED, FrameKind.MALFORMED, FrameKind.UNKNOWN_LINK_TYPE)) {
      assertTrue(counters.undecodable().getOrDefault(kind, 0L) > 0, kind.toString());
    }
    assertEquals(counters.flows(), results.flows.size());
    assertEquals(
        counters.flowFrames(),
        results.flows.stream().mapToLong(f -> f.pktsToServer() + f.pktsToClient()).sum());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void recordsDoNotDependOnWorkersOrHashSeed(long seed) throws InterruptedException {
    List<Frame> frames = capture(seed, 6_000, 1);
    Results expected = new Results();
    run(config(1, 100_000, 7, ALL), frames, expected);
    assertTrue(expected.flows.size() > 300);
    List<String> sorted = expected.lines.stream().sorted().toList();
    for (int workers : new int[] {1, 2, 4}) {
      Results results = new Results();
      run(config(workers, 100_000, 1000 + workers, ALL), frames, results);
      assertEquals(sorted, results.lines.stream().sorted().toList(), workers + " workers");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7, 8})
  void recordsDoNotDependOnReaders(long seed) throws InterruptedException {
    List<Frame> frames =
        capture(seed, 6_000, 0).stream().sorted(Comparator.comparingLong(f -> f.tsNs)).toList();
    Results expected = new Results();
    AuditCounters counters = run(config(2, 100_000, 7, ALL), frames, expected);
    for (int readers : new int[] {2, 3}) {
      Results results = new Results();
      AuditCounters shared = runShared(readers, frames, results);
      assertEquals(withoutPlaces(expected), withoutPlaces(results), readers + " readers");
      assertEquals(counters.flowFrames(), shared.flowFrames());
      assertEquals(counters.controlFrames(), shared.controlFrames());
      assertEquals(counters.frames(), shared.accounted());
    }
  }

  /** Each reader has numbers of its own for its frames. */
  private static List<String> withoutPlaces(Results results) {
    return results.lines.stream()
        .map(line -> line.replaceAll("(?i)(flowId|frames?)=(\\d+|\\[[^]]*])", "$1=*"))
        .sorted()
        .toList();
  }

  @Test
  void flowIdsArePlacesInTheCapture() throws InterruptedException {
    Results results = new Results();
    List<Frame> frames =
        List.of(
            new Frame(FrameBuilder.other(0x88cc, new byte[30]).ethernet(), 44, 1, 0),
            new Frame(new byte[3], 3, 1, 0),
            new Frame(FrameBuilder.arp(1, 5, "10.0.0.1", "10.0.0.2").ethernet(), 42, 1, 0),
            new Frame(FrameBuilder.udp("1.1.1.1", 1, "2.2.2.2", 2).ethernet(), 46, 1, 0));
    AuditCounters counters = run(config(2, 100, 1, ALL), frames, results);
    assertEquals(List.of(4L), results.flows.stream().map(FlowRecord::flowId).toList());
    assertEquals(1, counters.flowFrames());
    assertEquals(1, counters.controlFrames());
    assertEquals(1, counters.nonIp());
    assertEquals(1, counters.undecodable().get(FrameKind.TRUNCATED));
  }

  @Test
  void selectionNeverKeepsAdvertsArpAndNdOut() throws InterruptedException {
    List<Frame> frames = new ArrayList<>();
    for (FrameBuilder f :
        List.of(
            FrameBuilder.vrrp2("10.0.0.11", 51, 100, 1, VIP.toString()),
            FrameBuilder.arp(1, 5, "10.0.0.1", "10.0.0.2"),
            FrameBuilder.solicitation("fe80::1", "ff02::1", "fe80::2", 5),
            FrameBuilder.icmp("fe80::1", "ff02::16", 143, 0),
            FrameBuilder.udp("1.1.1.1", 1, "2.2.2.2", 2),
            FrameBuilder.other(0x88cc, new byte[30]))) {
      byte[] bytes = f.ethernet();
      frames.add(new Frame(bytes, bytes.length, LinkType.ETHERNET, 0));
    }
    AuditCounters counters =
        run(config(1, 100, 1, (_, _, _, _, _) -> false), frames, new Results());
    assertEquals(3, counters.controlFrames());
    assertEquals(3, counters.filtered());
  }

  @Test
  void noFlowEndsEarlyWhileThereIsRoomForAll() throws InterruptedException {
    int flows = 1 << 15;
    List<Frame> frames = new ArrayList<>();
    for (int n = 0; n < flows; n++) {
      String source = "203.0." + (n >> 8) + "." + (n & 0xff);
      byte[] bytes = FrameBuilder.udp(source, 1, "198.51.100.1", 2).ethernet();
      frames.add(new Frame(bytes, bytes.length, LinkType.ETHERNET, n));
    }
    AuditCounters all = run(config(2, flows, 1, ALL), frames, new Results());
    assertEquals(List.of((long) flows, 0L), List.of(all.flows(), all.evicted()));
    AuditCounters half = run(config(2, flows / 2, 1, ALL), frames, new Results());
    assertTrue(half.evicted() > flows / 4, half::toString);
  }

  @Test
  void answerFromTheOtherAddressMeetsItsQuestionAtAnyWorker() throws InterruptedException {
    List<Frame> frames = new ArrayList<>();
    for (int port = 1; port <= 200; port++) {
      byte[] asked = FrameBuilder.udp("203.0.113.5", port, VIP.toString(), 53).ethernet();
      byte[] answer = FrameBuilder.udp("10.0.0.11", 53, "203.0.113.5", port).ethernet();
      frames.add(new Frame(asked, asked.length, LinkType.ETHERNET, 1));
      frames.add(new Frame(answer, answer.length, LinkType.ETHERNET, 2));
    }
    Results results = new Results();
    run(config(4, 1000, 3, ALL), frames, results);
    assertEquals(200, results.flows.stream().filter(f -> f.opener() == Opener.LISTENER).count());
  }

  @Test
  void timePassesWhileNothingHappensToTheHosts() throws InterruptedException {
    List<Frame> frames = new ArrayList<>();
    byte[] advert = FrameBuilder.vrrp2("10.0.0.11", 51, 100, 1, VIP.toString()).ethernet();
    byte[] others = FrameBuilder.udp("192.0.2.1", 7, "192.0.2.2", 7).ethernet();
    frames.add(new Frame(advert, advert.length, LinkType.ETHERNET, Lab.SECOND));
    for (int t = 1; t <= 140; t++) {
      frames.add(new Frame(others, others.length, LinkType.ETHERNET, t * Lab.SECOND));
    }
    Results results = new Results();
    run(config(2, 100, 3, ALL), frames, results);
    List<String> blind =
        results.lines.stream().filter(l -> l.contains("kind=sensor-blind")).toList();
    assertEquals(2, blind.size(), blind::toString);
    assertTrue(blind.getFirst().contains("atNs=" + 62 * Lab.SECOND), blind::toString);
    assertTrue(
        results.lines.stream().anyMatch(l -> l.startsWith("Ownership[") && l.contains("host=null")),
        results.lines::toString);
  }

  @Test
  void nothingOfTheHostsInAWholeCaptureIsTold() throws InterruptedException {
    List<Frame> frames = new ArrayList<>();
    byte[] tunnel = FrameBuilder.udp("192.0.2.1", 7, "192.0.2.2", 4789).ethernet();
    for (int t = 0; t <= 140; t++) {
      frames.add(new Frame(tunnel, tunnel.length, LinkType.ETHERNET, t * Lab.SECOND));
    }
    Results results = new Results();
    run(config(2, 100, 3, ALL), frames, results);
    List<String> blind =
        results.lines.stream().filter(l -> l.contains("kind=sensor-blind")).toList();
    assertEquals(2, blind.size(), results.lines::toString);
    assertTrue(blind.getFirst().contains("no frame of lb1 for 140 s"), blind::toString);
    assertTrue(blind.getFirst().contains("--mirror vxlan"), blind::toString);
  }

  /**
   * Else the millions of flows that a full link may have in seconds would all be kept that long.
   */
  @Test
  void flowsOfOthersDoNotWaitUntilTheHoldersAreKnown() throws InterruptedException {
    byte[] ours =
        FrameBuilder.tcp(VIP0.toString(), 40000, "203.0.113.5", 443, SYN)
            .macs(Lab.mac(1), 0xfe)
            .ethernet();
    byte[] others = FrameBuilder.udp("192.0.2.1", 7, "192.0.2.2", 7).ethernet();
    List<Frame> frames =
        List.of(
            new Frame(ours, ours.length, LinkType.ETHERNET, 10 * Lab.SECOND),
            new Frame(others, others.length, LinkType.ETHERNET, 11 * Lab.SECOND));
    Results results = new Results();
    run(config(1, 100, 3, ALL), frames, results);
    List<String> lines =
        results.lines.stream().filter(l -> l.matches("(mismatch|flow) .*")).toList();
    assertEquals(3, lines.size(), lines::toString);
    assertTrue(lines.get(0).matches("flow .*192\\.0\\.2\\.1.*"), lines::toString);
    assertTrue(lines.get(1).startsWith("mismatch "), lines::toString);
  }

  @Test
  void mismatchIsToldBeforeItsFlowEnds() throws InterruptedException {
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      byte[] bytes =
          FrameBuilder.tcp(VIP0.toString(), 40000, "203.0.113.5", 443, i == 0 ? SYN : ACK)
              .macs(Lab.mac(1), 0xfe)
              .ethernet();
      frames.add(new Frame(bytes, bytes.length, LinkType.ETHERNET, (10 + i) * Lab.SECOND));
    }
    Results results = new Results();
    run(config(2, 100, 1, ALL), frames, results);
    assertEquals(3, results.lines.size(), results.lines::toString);
    assertTrue(results.lines.get(0).contains("evidence=traffic"), results.lines::toString);
    assertTrue(results.lines.get(1).startsWith("mismatch"));
    assertEquals(
        List.of(Verdict.MISMATCH), results.verdicts.stream().map(FlowVerdict::verdict).toList());
  }

  @Test
  void silenceIsFoundWithoutAFrame() throws InterruptedException {
    Results results = new Results();
    HostIndex index = new HostIndex(List.of(Lab.host(1, snapshot(1, true, 0, 1))), List.of());
    AuditPipeline pipeline = new AuditPipeline(config(2, 100, 1, ALL), index, results);
    for (int second = 10; second < 75; second++) {
      pipeline.publisher().tick(second * Lab.SECOND);
    }
    pipeline.finish();
    assertEquals(1, results.lines.size(), results.lines::toString);
    assertTrue(results.lines.getFirst().contains("kind=sensor-blind"), results.lines::toString);
  }
}
