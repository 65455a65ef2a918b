package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.InterfaceSource;
import io.vipscope.capture.MergedSource;
import io.vipscope.capture.live.LiveOptions;
import io.vipscope.capture.live.PacketInterface;
import io.vipscope.capture.live.PcapInterface;
import io.vipscope.capture.live.XdpInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Ways to capture live. */
enum LiveSource {
  /** A packet socket where the interface has one of a known kind, else libpcap. */
  AUTO,
  /** A packet socket with a ring shared with the kernel. */
  AFPACKET,
  /** AF_XDP sockets: for a mirror port alone, and only when named. */
  AFXDP,
  /** libpcap: every kind of interface, and the pseudo-device "any". */
  PCAP;

  /** The way taken for an interface. */
  LiveSource of(String name) {
    return this != AUTO ? this : PacketInterface.usable(name) ? AFPACKET : PCAP;
  }

  /** The word for the way taken for several; pcap if they differ. */
  String of(List<String> names) {
    List<LiveSource> ways = names.stream().map(this::of).distinct().toList();
    return (ways.size() == 1 ? ways.getFirst() : PCAP).toString();
  }

  /** Why one of these interfaces cannot be taken in this way; null if all can. */
  @Nullable String refusal(List<String> names, boolean self) {
    if (this != AFXDP) {
      return null;
    }
    if (self) {
      return "--source afxdp takes all frames away from the host itself and cannot be used with"
          + " --host self";
    }
    for (String name : names) {
      String refusal = XdpInterface.refusal(name);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  /** Opens an interface. */
  FrameSource open(String name, LiveOptions options) {
    return open(name, options, 1, _ -> {}).getFirst();
  }

  private List<InterfaceSource> open(
      String name, LiveOptions options, int threads, Consumer<String> notices) {
    boolean promiscuous = options.promiscuous();
    int snapLength = options.snapLength();
    return switch (of(name)) {
      case AFPACKET -> PacketInterface.open(name, options, threads);
      case AFXDP -> List.of(openXdp(name, promiscuous, snapLength, notices));
      case AUTO, PCAP -> List.of(PcapInterface.open(name, promiscuous, snapLength));
    };
  }

  private static XdpInterface openXdp(
      String name, boolean promiscuous, int snapLength, Consumer<String> notices) {
    XdpInterface source = XdpInterface.open(name, promiscuous, snapLength);
    notices.accept(name + ": AF_XDP, " + source.mode());
    String advice = source.tagAdvice();
    if (advice != null) {
      notices.accept(
          "warning: "
              + name
              + " may keep VLAN tags beside its frames, where AF_XDP does not see them: "
              + advice);
    }
    return source;
  }

  /** Opens several interfaces as one source; none stays open if one cannot be opened. */
  FrameSource openAll(List<String> names, LiveOptions options) {
    return openAll(names, options, 1, _ -> {}).getFirst();
  }

  /** Whether these interfaces are read by packet sockets: several threads can, and -j is known. */
  boolean usesPacketSockets(List<String> names) {
    return names.stream().allMatch(name -> of(name) == AFPACKET);
  }

  /**
   * The same for several threads, a source for each. A flow goes by one of them, also where its two
   * directions come by two interfaces.
   *
   * @param threads more than one only where {@link #usesPacketSockets} holds
   * @param notices are told how frames are received, where there are several modes
   */
  List<FrameSource> openAll(
      List<String> names, LiveOptions options, int threads, Consumer<String> notices) {
    List<List<InterfaceSource>> byThread = new ArrayList<>();
    for (int n = 0; n < threads; n++) {
      byThread.add(new ArrayList<>());
    }
    try {
      for (String name : names) {
        List<InterfaceSource> opened = open(name, options, threads, notices);
        for (int n = 0; n < threads; n++) {
          byThread.get(n).add(opened.get(n));
        }
      }
    } catch (CaptureException e) {
      byThread.forEach(sources -> sources.forEach(InterfaceSource::close));
      throw e;
    }
    return byThread.stream().map(MergedSource::of).toList();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
