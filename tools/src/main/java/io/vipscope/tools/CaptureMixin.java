package io.vipscope.tools;

import io.vipscope.capture.live.LiveOptions;
import io.vipscope.capture.live.TimeStamps;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Options about how frames are taken. */
final class CaptureMixin {

  @Option(
      names = "--source",
      paramLabel = "WAY",
      description =
          "How to capture live: afpacket (a ring shared with the kernel), afxdp (AF_XDP: mirror"
              + " ports alone, the host itself no longer gets their frames), pcap (libpcap), or"
              + " auto: afpacket where it can, else pcap. Default: auto.")
  private LiveSource way = LiveSource.AUTO;

  @Option(
      names = {"-j", "--time-stamp-type"},
      paramLabel = "WHOSE",
      description =
          "Whose time frames have: host (the kernel's) or adapter (the network adapter's, for"
              + " --source afpacket; its clock must be kept at the system's time). Default: host.")
  private TimeStamps timeStamps = TimeStamps.HOST;

  @Option(
      names = "--decode",
      paramLabel = "WHERE",
      description =
          "Which thread decodes frames: the reader, which receives them (one switch of threads"
              + " less), or worker: another one, so that receiving costs next to nothing"
              + " (--source afpacket, files). Default: reader.")
  private Decode decode = Decode.READER;

  @Option(names = "-s", paramLabel = "BYTES", description = "Snap length of a live capture.")
  private int snapLength = 262_144;

  @Option(
      names = "-p",
      description = "Do not put the interface into promiscuous mode. With --host self it never is.")
  private boolean notPromiscuous;

  /**
   * Minds what goes together.
   *
   * @param interfaces all that are read; none: files are
   * @throws ParameterException if something does not
   */
  void check(List<String> interfaces, CommandLine line) {
    boolean live = !interfaces.isEmpty();
    boolean sockets = live && way.usesPacketSockets(interfaces);
    OptionCheck.check(line, snapLength >= 64 && snapLength <= 262_144, "-s", "64 to 262144");
    OptionCheck.check(
        line,
        decode == Decode.READER || !live || sockets,
        "--decode worker",
        "--source afpacket, or files");
    OptionCheck.check(
        line,
        timeStamps == TimeStamps.HOST || sockets,
        "-j adapter",
        "a live audit with --source afpacket");
  }

  /** How interfaces are captured. */
  LiveSource way() {
    return way;
  }

  /** Whether another thread than the one that reads decodes. */
  boolean decodesApart() {
    return decode == Decode.WORKER;
  }

  /** Bytes captured of each frame at most. */
  int snapLength() {
    return snapLength;
  }

  /**
   * What is wanted of interfaces; for the other parameters see {@link LiveOptions}.
   *
   * @param self whether the host itself is audited: frames to others do not matter
   */
  LiveOptions options(boolean self, @Nullable String expression, int vxlanPort) {
    return new LiveOptions(
        !notPromiscuous && !self, snapLength, expression, vxlanPort, timeStamps, decodesApart());
  }
}
