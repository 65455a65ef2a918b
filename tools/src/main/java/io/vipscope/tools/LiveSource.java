package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.file.MergedSource;
import io.vipscope.capture.live.PacketInterface;
import io.vipscope.capture.live.PcapInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Ways to capture live. */
enum LiveSource {
  /** A packet socket where the interface has one of a known kind, else libpcap. */
  AUTO,
  /** A packet socket with a ring shared with the kernel. */
  AFPACKET,
  /** libpcap: every kind of interface, and the pseudo-device "any". */
  PCAP;

  /** The way taken for an interface. */
  LiveSource of(String name) {
    return this != AUTO ? this : PacketInterface.usable(name) ? AFPACKET : PCAP;
  }

  /** The word for the way taken for several; pcap if they differ. */
  String of(List<String> names) {
    return (names.stream().allMatch(n -> of(n) == AFPACKET) ? AFPACKET : PCAP).toString();
  }

  /**
   * Opens an interface.
   *
   * @param snapLength bytes captured of each frame at most
   */
  FrameSource open(String name, boolean promiscuous, int snapLength) {
    return of(name) == AFPACKET
        ? PacketInterface.open(name, promiscuous, snapLength)
        : PcapInterface.open(name, promiscuous, snapLength);
  }

  /** Opens several interfaces as one source; none stays open if one cannot be opened. */
  FrameSource openAll(List<String> names, boolean promiscuous, int snapLength) {
    List<FrameSource> sources = new ArrayList<>();
    try {
      for (String name : names) {
        sources.add(open(name, promiscuous, snapLength));
      }
    } catch (CaptureException e) {
      sources.forEach(FrameSource::close);
      throw e;
    }
    return MergedSource.of(sources);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
