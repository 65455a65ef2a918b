package io.vipscope.tools;

import io.vipscope.core.finding.Finding;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.frame.FragmentTable;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.FlowVerdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What makes a frame evidence: flows that differ, and the places in the capture that findings name.
 * One thread tells of them, another may ask.
 */
final class EvidenceIndex {

  /** Flows beyond are counted, not noted. */
  private static final int MAX_FLOWS = 100_000;

  /** Places in the capture beyond are not noted. */
  private static final int MAX_PLACES = 100_000;

  private static final long OPEN = Long.MAX_VALUE;

  /** Both directions of a flow, the lower end first. */
  private record Key(IpAddress a, int aPort, IpAddress b, int bPort, int protocol) {

    static Key of(FlowRecord f) {
      boolean echo = f.icmpId() >= 0;
      return of(
          f.src(),
          echo ? f.icmpId() : f.srcPort(),
          f.dst(),
          echo ? f.icmpId() : f.dstPort(),
          f.protocol());
    }

    static Key of(FrameHeader h) {
      boolean echo = Protocols.isIcmp(h.protocol) && h.icmpId >= 0;
      return of(
          new IpAddress(h.v6, h.srcHi, h.srcLo),
          echo ? h.icmpId : h.srcPort,
          new IpAddress(h.v6, h.dstHi, h.dstLo),
          echo ? h.icmpId : h.dstPort,
          h.protocol);
    }

    private static Key of(IpAddress src, int srcPort, IpAddress dst, int dstPort, int protocol) {
      int order = src.compareTo(dst);
      return order < 0 || order == 0 && srcPort <= dstPort
          ? new Key(src, srcPort, dst, dstPort, protocol)
          : new Key(dst, dstPort, src, srcPort, protocol);
    }
  }

  private static final class Flow {
    final Key key;
    final IpAddress src;
    final int segment;
    final long startNs;
    final String comment;
    long endNs = OPEN;
    long frames;

    Flow(FlowRecord f, FlowVerdict v) {
      key = Key.of(f);
      src = f.src();
      segment = f.vlan();
      startNs = f.startNs();
      comment = "flow " + f.flowId() + " " + v.verdict() + " of " + v.host() + ": " + v.reason();
    }

    /** Answers may come under another tag. */
    boolean has(FrameHeader h, long tsNs) {
      boolean answer = h.srcLo != src.lo() || h.srcHi != src.hi();
      return tsNs >= startNs && tsNs <= endNs && (answer || h.vlan == segment);
    }
  }

  private final long maxFrames;
  private final Map<Key, List<Flow>> flows = new HashMap<>();
  private final Map<Long, Flow> open = new HashMap<>();
  private final Map<Long, String> places = new HashMap<>();
  private int noted;
  private long left;
  private long cut;
  private long looked;
  private long late;

  /**
   * @param maxFrames of each flow; what is beyond is counted
   */
  EvidenceIndex(long maxFrames) {
    this.maxFrames = maxFrames;
  }

  /** A flow that goes on differs from its prediction. */
  synchronized void begins(FlowRecord f, FlowVerdict v) {
    if (open.containsKey(f.flowId())) {
      return;
    }
    if (noted == MAX_FLOWS) {
      left++;
      return;
    }
    noted++;
    Flow flow = new Flow(f, v);
    open.put(f.flowId(), flow);
    flows.computeIfAbsent(flow.key, _ -> new ArrayList<>()).add(flow);
  }

  /**
   * A flow's record was written.
   *
   * @param differs from its prediction, and nobody has accepted that
   */
  synchronized void recorded(FlowRecord f, FlowVerdict v, boolean differs) {
    if (differs) {
      begins(f, v);
    }
    Flow flow = f.reason() == EndReason.ACTIVE ? null : open.remove(f.flowId());
    if (flow != null) {
      flow.endNs = f.endNs();
    }
  }

  /** What a finding names of the capture. */
  synchronized void add(Finding f) {
    for (long frame : f.frames()) {
      if (frame > 0 && frame <= looked && !places.containsKey(frame)) {
        late++;
      }
      if (frame > 0 && places.size() < MAX_PLACES) {
        places.merge(frame, f.id() + ": " + f.text(), (a, b) -> a.contains(b) ? a : a + "\n" + b);
      }
    }
  }

  /** Forgets flows that ended before this time: no frame of theirs is asked for any more. */
  synchronized void passed(long tsNs) {
    flows
        .values()
        .removeIf(list -> {
          int before = list.size();
          list.removeIf(flow -> flow.endNs < tsNs);
          noted -= before - list.size();
          return list.isEmpty();
        });
  }

  /** Flows that were left out because there were too many. */
  synchronized long left() {
    return left;
  }

  /** Frames of flows that have more than are kept. */
  synchronized long cut() {
    return cut;
  }

  /** Frames that findings name and that had been looked at before they were told. */
  synchronized long late() {
    return late;
  }

  /**
   * Why a frame is evidence; null: it is none.
   *
   * @param fragments of the frames asked for before, to which later fragments belong
   * @param number place in the capture, from 1; 0: places mean nothing
   */
  synchronized @Nullable String comment(
      FrameHeader h, FragmentTable fragments, long number, long tsNs) {
    looked = Math.max(looked, number);
    String comment = places.get(number);
    if (h.kind != FrameKind.FLOW) {
      return comment;
    }
    if (h.fragment && h.fragmentOffset == 0) {
      fragments.remember(h, tsNs);
    } else if (h.fragment) {
      fragments.lookup(h, tsNs);
    }
    if (flows.isEmpty()) {
      return comment;
    }
    for (Flow flow : flows.getOrDefault(Key.of(h), List.of())) {
      if (flow.has(h, tsNs)) {
        if (++flow.frames > maxFrames) {
          cut++;
          return comment;
        }
        return comment == null ? flow.comment : flow.comment + "\n" + comment;
      }
    }
    return comment;
  }
}
