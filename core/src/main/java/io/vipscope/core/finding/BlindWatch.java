package io.vipscope.core.finding;

import io.vipscope.core.flow.AckSight;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.FlowState;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.HostDirectory;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.ownership.OwnershipTimeline;
import io.vipscope.core.verdict.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@code sensor-blind}, per host: no frame of it, nor to it, for 60 s. When frames of its flows
 * came is told only where these end, so while it has any it may be alive: then the finding opens
 * with the last of them. Over 90 % of at least {@value #MIN_FLOWS} established TCP flows one-sided
 * (one end acknowledges what the capture does not have); over 0.1 % of the TCP data that was
 * acknowledged in the last minute or two, in a sample of its connections, never seen; and, per
 * segment, flows of a VIP for 60 s without any VRRP, ARP or ND there. Says nothing where an
 * expression leaves frames out.
 */
final class BlindWatch {

  private static final long SILENT_NS = 60_000_000_000L;
  private static final int MIN_FLOWS = 10;
  private static final double ONE_SIDED = 0.9;
  private static final double UNSEEN = 0.001;
  private static final long WINDOW_NS = 60_000_000_000L;
  private static final int GRE = 47;

  private static final class HostSight {
    /** Its last frame; {@link Long#MIN_VALUE} before any. */
    long lastNs = Long.MIN_VALUE;

    long openFlows;
    long tcp;
    long oneSided;

    /** It forwards: flows that only pass through it are not told of when they begin. */
    boolean transit;

    /** Its finding is open. */
    boolean silent;

    // Bytes of acknowledged data, and how many of them were never seen: in this window and before.
    long windowNs = Long.MIN_VALUE;
    long acked;
    long unseen;
    long ackedBefore;
    long unseenBefore;
  }

  private static final class SegmentSight {
    long controlNs;
    long vipFlows;
    long vipSinceNs = Long.MAX_VALUE;
  }

  private final HostDirectory hosts;
  private final OwnershipTimeline timeline;
  private final FindingLog log;
  private final boolean segments;
  private final Map<String, HostSight> sights = new LinkedHashMap<>();
  private final Map<Integer, SegmentSight> bySegment = new HashMap<>();

  /** Ways in which a mirror may come to the sensor that were seen as flows. */
  private final Set<String> transports = new TreeSet<>();

  private long startNs = Long.MIN_VALUE;
  private long lookedNs = Long.MIN_VALUE;

  BlindWatch(
      HostDirectory hosts,
      Iterable<String> names,
      OwnershipTimeline timeline,
      FindingLog log,
      boolean segments) {
    this.hosts = hosts;
    this.timeline = timeline;
    this.log = log;
    this.segments = segments;
    names.forEach(name -> sights.put(name, new HostSight()));
  }

  private SegmentSight segment(int vlan) {
    return bySegment.computeIfAbsent(segments ? vlan : -1, _ -> new SegmentSight());
  }

  private void see(@Nullable String host, long tsNs) {
    HostSight sight = host == null ? null : sights.get(host);
    if (sight != null) {
      sight.lastNs = Math.max(sight.lastNs, tsNs);
      if (sight.silent) {
        sight.silent = false;
        log.resolve(FindingKind.SENSOR_BLIND, "silent " + host, tsNs);
      }
    }
  }

  void heard(ControlEvent event) {
    see(hosts.hostOfMac(event.segment(), event.frameMac()), event.tsNs());
    SegmentSight s = segment(event.segment());
    s.controlNs = event.tsNs();
    s.vipFlows = 0;
    s.vipSinceNs = Long.MAX_VALUE;
  }

  void opened(FlowRecord f, @Nullable String host) {
    HostSight sight = host == null ? null : sights.get(host);
    if (sight != null) {
      sight.openFlows++;
    }
    macs(f.vlan(), f.srcMac(), f.dstMac(), f.startNs());
    see(host, f.startNs());
    if (hosts.isVip(f.vlan(), f.src()) || hosts.isVip(f.vlan(), f.dst())) {
      SegmentSight s = segment(f.vlan());
      s.vipFlows++;
      s.vipSinceNs = Math.min(s.vipSinceNs, f.startNs());
    }
  }

  void used(VipFrame f) {
    macs(f.vlan(), f.srcMac(), f.dstMac(), f.tsNs());
  }

  private void macs(int segment, long src, long dst, long tsNs) {
    see(hosts.hostOfMac(segment, src), tsNs);
    see(hosts.hostOfMac(segment, dst), tsNs);
  }

  /**
   * A flow's record is written.
   *
   * @param opened it was told of when it began
   */
  void ended(FlowRecord f, @Nullable String host, boolean opened) {
    begun(f);
    macs(f.vlan(), f.srcMac(), f.dstMac(), f.endNs());
    HostSight sight = host == null ? null : sights.get(host);
    if (sight == null || f.reason() == EndReason.ACTIVE) {
      return;
    }
    see(host, f.endNs());
    if (!opened) {
      sight.transit = true;
      return;
    }
    sight.openFlows--;
    if (f.protocol() != Protocols.TCP || f.state() == FlowState.NEW) {
      return;
    }
    sight.tcp++;
    if (f.pktsToClient() == 0 || f.pktsToServer() == 0) {
      sight.oneSided++;
    }
    boolean oneSided =
        sight.tcp >= MIN_FLOWS && sight.oneSided > ONE_SIDED * sight.tcp && host != null;
    if (oneSided) {
      blind(
          "one-sided " + host,
          host,
          f.startNs(),
          f.endNs(),
          f.flowId(),
          // put together by hand: that of each further flow
          sight.oneSided
              + " of "
              + sight.tcp
              + " TCP flows of "
              + host
              + " show one direction only: the mirror lacks the other one");
    }
  }

  /** Any flow shows how early the capture began, and perhaps how the mirror comes to the sensor. */
  private void begun(FlowRecord f) {
    startNs = startNs == Long.MIN_VALUE ? f.startNs() : Math.min(startNs, f.startNs());
    boolean udp = f.protocol() == Protocols.UDP;
    if (udp && (f.dstPort() == 4789 || f.dstPort() == 8472)) {
      transports.add("vxlan");
    } else if (udp && f.dstPort() == 6081) {
      transports.add("geneve");
    } else if (f.protocol() == GRE) {
      transports.add("gre");
    }
  }

  void acknowledged(AckSight a, long nowNs) {
    String host = hosts.hostOfAddress(a.vlan(), a.address());
    if (host == null) {
      Ownership holder = timeline.at(a.vlan(), a.address(), nowNs);
      host = holder == null ? null : holder.host();
    }
    HostSight sight = host == null ? null : sights.get(host);
    if (sight == null || host == null) {
      return;
    }
    if (sight.windowNs == Long.MIN_VALUE || nowNs - sight.windowNs >= WINDOW_NS) {
      sight.windowNs = nowNs;
      sight.ackedBefore = sight.acked;
      sight.unseenBefore = sight.unseen;
      sight.acked = 0;
      sight.unseen = 0;
    }
    sight.acked += a.ackedBytes();
    sight.unseen += a.unseenBytes();
    long acked = sight.acked + sight.ackedBefore;
    long unseen = sight.unseen + sight.unseenBefore;
    String subject = "unseen " + host;
    if (unseen <= UNSEEN * acked) {
      log.resolve(FindingKind.SENSOR_BLIND, subject, nowNs);
    } else if (a.unseenBytes() > 0) {
      log.see(
          new Sighting(
              FindingKind.SENSOR_BLIND,
              subject,
              Severity.WARNING,
              host,
              null,
              a.fromNs(),
              nowNs,
              a.frame(),
              a.flowId(),
              String.format(
                  Locale.ROOT,
                  "of %d bytes of %s's TCP data that were acknowledged, %d (%.1f %%) are not in the"
                      + " capture, in a sample of its connections: the mirror or the sensor loses frames",
                  acked,
                  host,
                  unseen,
                  100.0 * unseen / acked),
              List.of(
                  "ip -s -s link show SPAN  # what the sensor's port dropped",
                  "ethtool -S SPAN | grep -i -e drop -e miss -e fifo")),
          nowNs);
    }
  }

  void advance(long nowNs) {
    if (startNs == Long.MIN_VALUE) {
      startNs = nowNs;
    }
    if (nowNs - lookedNs < 1_000_000_000L && lookedNs != Long.MIN_VALUE) {
      return;
    }
    lookedNs = nowNs;
    sights.forEach((host, sight) -> {
      if (sight.openFlows <= 0 && !sight.transit) {
        look(host, sight, nowNs);
      }
    });
    bySegment.forEach((vlan, s) -> {
      if (s.vipFlows >= MIN_FLOWS
          && nowNs - Math.max(s.controlNs, Math.max(startNs, s.vipSinceNs)) > SILENT_NS
          && !log.isOpen(FindingKind.SENSOR_BLIND, "control " + vlan)) {
        blind(
            "control " + vlan,
            null,
            s.vipSinceNs,
            nowNs,
            0,
            "%d flows of VIPs for more than 60 s without any VRRP, ARP or ND: the mirror leaves them out"
                .formatted(s.vipFlows),
            List.of(watch(null)),
            vlan);
      }
    });
  }

  /** The capture is over, and all flows have ended: now the last frame of every host is known. */
  void close(long endNs) {
    if (startNs != Long.MIN_VALUE) {
      sights.forEach((host, sight) -> look(host, sight, endNs));
    }
  }

  private void look(String host, HostSight sight, long nowNs) {
    boolean never = sight.lastNs == Long.MIN_VALUE;
    long sinceNs = never ? startNs : sight.lastNs;
    if (sight.silent || nowNs - sinceNs <= SILENT_NS) {
      return;
    }
    sight.silent = true;
    List<String> next = new ArrayList<>();
    if (never) {
      transports.forEach(t ->
          next.add(
              "vipscope audit "
                  + Commands.RUN
                  + " --mirror "
                  + t
                  + "  # if the mirror comes to the sensor by "
                  + t));
    }
    next.add(watch(host));
    blind(
        "silent " + host,
        host,
        sinceNs,
        nowNs,
        0,
        "no frame of %s for %d s: it is down, or the mirror does not show it"
            .formatted(host, (nowNs - sinceNs) / 1_000_000_000L),
        next,
        -1);
  }

  private static String watch(@Nullable String host) {
    return "tcpdump -eni SPAN"
        + (host == null ? " arp or proto 112" : " -c 20  # frames of " + host);
  }

  private void blind(
      String subject, @Nullable String host, long startNs, long tsNs, long flowId, String text) {
    blind(subject, host, startNs, tsNs, flowId, text, List.of(watch(host)), -1);
  }

  private void blind(
      String subject,
      @Nullable String host,
      long startNs,
      long tsNs,
      long flowId,
      String text,
      List<String> next,
      int segment) {
    log.see(
        new Sighting(
                FindingKind.SENSOR_BLIND,
                subject,
                Severity.WARNING,
                host,
                null,
                startNs,
                tsNs,
                flowId,
                flowId == 0 ? Sighting.NO_FLOW : flowId,
                text,
                next)
            .in(segment),
        tsNs);
  }
}
