package io.vipscope.capture.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.FrameSource.Next;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.MirrorTransport;
import io.vipscope.core.frame.MirroredFrame;
import io.vipscope.core.frame.Segments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Readers and decoder against what tshark counted in captures made by others. */
class SharedCapturesTest {

  /** Files whose difference is understood and right, with the reason. */
  private static final Map<String, String> EXPLAINED =
      Map.of(
          "pcapng-test-generator-advanced-test102.pcapng",
          "tshark counts three custom blocks as frames",
          "zeek-tunnels-gre-aruba-amsdu.pcap",
          "802.11 in GRE is not followed");

  /** Tags of files that need not agree. */
  private static final List<String> BROKEN =
      List.of("malformed", "short", "malformed-container", "tshark-error");

  private record Counted(long frames, long cut, Map<String, Long> outer, int flows) {}

  @ParameterizedTest
  @ValueSource(strings = {"outer", "inner"})
  void countsAreThoseOfTshark(String layer) throws Exception {
    Path folder = SharedCaptures.folder();
    assumeTrue(folder != null, "shared/captures is not there");
    List<String> differing = new ArrayList<>();
    List<String> unexplained = new ArrayList<>();
    int files = 0;
    for (SharedCaptures.Sample sample : SharedCaptures.samples(folder)) {
      files++;
      Counted truth = truth(sample.truth(), layer);
      Counted ours = count(sample.file(), layer.equals("inner"));
      if (!ours.equals(truth)) {
        String line = sample.name() + ": " + ours + ", tshark " + truth;
        differing.add(line);
        boolean broken = BROKEN.stream().anyMatch(sample::isTagged);
        if (!broken && !EXPLAINED.containsKey(sample.name())) {
          unexplained.add(line);
        }
      }
    }
    System.out.printf("%s: %d of %d captures agree%n", layer, files - differing.size(), files);
    differing.forEach(System.out::println);
    assertEquals(List.of(), unexplained);
  }

  private static Counted truth(JsonNode truth, String layer) {
    Map<String, Long> outer = new TreeMap<>();
    for (String family : List.of("ip4", "ip6")) {
      truth
          .get(layer)
          .get(family)
          .forEachEntry((protocol, n) -> outer.put(family + " " + protocol, n.asLong()));
    }
    return new Counted(
        truth.get("frames").asLong(),
        truth.get("truncated_frames").asLong(),
        outer,
        truth.get("flows_" + layer).asInt());
  }

  private static Counted count(Path file, boolean inner) {
    MirroredFrame decoder =
        new MirroredFrame(
            new MirrorOptions(MirrorTransport.NONE, 0, Set.of(), inner), new Segments());
    FrameHeader h = new FrameHeader();
    long frames = 0;
    long cut = 0;
    Map<String, Long> outer = new TreeMap<>();
    Set<String> flows = new HashSet<>();
    try (FrameSource source = Captures.open(file.toString())) {
      while (source.next() == Next.FRAME) {
        frames++;
        cut += source.capturedLength() < source.wireLength() ? 1 : 0;
        decoder.decode(
            source.data(),
            source.dataOffset(),
            source.capturedLength(),
            source.wireLength(),
            source.linkType(),
            h);
        if (h.protocol >= 0) {
          outer.merge((h.v6 ? "ip6 " : "ip4 ") + protocol(h), 1L, Long::sum);
          flows.add(key(h));
        }
      }
    } catch (CaptureException _) {
      // What came before it counts.
    }
    return new Counted(frames, cut, outer, flows.size());
  }

  private static String protocol(FrameHeader h) {
    return switch (h.protocol) {
      case 6 -> "tcp";
      case 17 -> "udp";
      case 1, 58 -> "icmp";
      default -> "other";
    };
  }

  private static String key(FrameHeader h) {
    boolean ports = h.protocol == 6 || h.protocol == 17 || h.protocol == 132;
    return "%x %x %x %x %d %d %d"
        .formatted(
            h.srcHi,
            h.srcLo,
            h.dstHi,
            h.dstLo,
            h.protocol,
            ports ? h.srcPort : 0,
            ports ? h.dstPort : 0);
  }
}
