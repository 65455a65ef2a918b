package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.FrameSource.Next;
import io.vipscope.capture.file.Captures;
import io.vipscope.capture.file.PcapngWriter;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.frame.FragmentTable;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.MirroredFrame;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.FlowVerdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frames that mismatches and findings rest on: noted while captures are audited, copied when
 * they are read once more.
 */
final class EvidenceFrames {

  /** Flows beyond are counted, not copied. */
  private static final int MAX_FLOWS = 100_000;

  /** Of a frame without its payload: the headers of any tunnel, and some of what follows. */
  static final int HEADER_BYTES = 128;

  static final int ALL_BYTES = 262_144;

  /** Both directions of a flow, the lower end first. */
  private record Key(IpAddress a, int aPort, IpAddress b, int bPort, int protocol) {

    static Key of(IpAddress src, int srcPort, IpAddress dst, int dstPort, int protocol) {
      int order = src.compareTo(dst);
      return order < 0 || order == 0 && srcPort <= dstPort
          ? new Key(src, srcPort, dst, dstPort, protocol)
          : new Key(dst, dstPort, src, srcPort, protocol);
    }
  }

  private record Flow(IpAddress src, int segment, long startNs, long endNs, String comment) {

    /** Answers may come under another tag. */
    boolean has(FrameHeader h, long tsNs) {
      boolean answer = h.srcLo != src.lo() || h.srcHi != src.hi();
      return tsNs >= startNs && tsNs <= endNs && (answer || h.vlan == segment);
    }
  }

  private final Map<Key, List<Flow>> flows = new HashMap<>();
  private final Map<Long, String> places = new HashMap<>();
  private int noted;
  private long left;

  /** A flow that differs from its prediction. */
  void add(FlowRecord f, FlowVerdict v) {
    if (noted == MAX_FLOWS) {
      left++;
      return;
    }
    noted++;
    boolean echo = f.icmpId() >= 0;
    int srcPort = echo ? f.icmpId() : f.srcPort();
    int dstPort = echo ? f.icmpId() : f.dstPort();
    String comment =
        "flow " + f.flowId() + " " + v.verdict() + " of " + v.host() + ": " + v.reason();
    flows
        .computeIfAbsent(
            Key.of(f.src(), srcPort, f.dst(), dstPort, f.protocol()), _ -> new ArrayList<>())
        .add(new Flow(f.src(), f.vlan(), f.startNs(), f.endNs(), comment));
  }

  /** What a finding names of the capture. */
  void add(Finding f) {
    for (long frame : f.frames()) {
      if (frame > 0) {
        places.merge(frame, f.id() + ": " + f.text(), (a, b) -> a.contains(b) ? a : a + "\n" + b);
      }
    }
  }

  /** Flows that were left out because there were too many. */
  long left() {
    return left;
  }

  /**
   * Reads the captures once more and copies the frames.
   *
   * @param maxFrames of the captures; 0 = all
   * @param snapLength bytes of each frame
   * @return how many were copied
   * @throws CaptureException if the file cannot be written
   */
  long write(List<String> captures, MirrorOptions mirror, long maxFrames, Path to, int snapLength) {
    long copied = 0;
    try (PcapngWriter out = new PcapngWriter(Files.newOutputStream(to), "vipscope", snapLength);
        FrameSource source = Captures.openAll(captures)) {
      MirroredFrame decoder = new MirroredFrame(mirror, new Segments());
      FragmentTable fragments = new FragmentTable();
      FrameHeader h = new FrameHeader();
      for (long number = 1; source.next() == Next.FRAME; number++) {
        decoder.decode(
            source.data(),
            source.dataOffset(),
            source.capturedLength(),
            source.wireLength(),
            source.linkType(),
            h);
        String comment = comment(h, fragments, number, source.timestampNs());
        if (comment != null) {
          out.frame(
              captures.get(source.sourceIndex()),
              source.linkType(),
              source.timestampNs(),
              source.data(),
              source.dataOffset(),
              source.capturedLength(),
              source.wireLength(),
              comment);
          copied++;
        }
        if (number == maxFrames) {
          break;
        }
      }
    } catch (IOException e) {
      throw new CaptureException(to + ": cannot be written: " + IoReason.writing(e), e);
    } catch (CaptureException _) {
      // The audit has said where a capture breaks off.
    }
    return copied;
  }

  private @Nullable String comment(FrameHeader h, FragmentTable fragments, long number, long tsNs) {
    @Nullable String comment = places.get(number);
    if (h.kind != FrameKind.FLOW) {
      return comment;
    }
    if (h.fragment && h.fragmentOffset == 0) {
      fragments.remember(h, tsNs);
    } else if (h.fragment) {
      fragments.lookup(h, tsNs);
    }
    boolean echo = Protocols.isIcmp(h.protocol) && h.icmpId >= 0;
    Key key =
        Key.of(
            new IpAddress(h.v6, h.srcHi, h.srcLo),
            echo ? h.icmpId : h.srcPort,
            new IpAddress(h.v6, h.dstHi, h.dstLo),
            echo ? h.icmpId : h.dstPort,
            h.protocol);
    for (Flow flow : flows.getOrDefault(key, List.of())) {
      if (flow.has(h, tsNs)) {
        return comment == null ? flow.comment() : flow.comment() + "\n" + comment;
      }
    }
    return comment;
  }
}
