package io.vipscope.capture.live;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.InterfaceSource;
import io.vipscope.capture.SourceCounters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapHandle.BlockingMode;
import org.pcap4j.core.PcapHandle.TimestampPrecision;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;
import org.pcap4j.core.PcapStat;

/** Frames of an interface through libpcap. One thread uses an instance, except {@link #stop()}. */
public final class PcapInterface implements InterfaceSource {

  private static final int BUFFER_BYTES = 64 << 20;

  /** How long the kernel may keep a block of frames that is not full. */
  private static final int BLOCK_TIMEOUT_MS = 50;

  private static final int POLL_MS = 50;
  private static final int MAX_SNAP_LENGTH = 262_144;

  // Return codes of pcap_activate.
  private static final int NO_SUCH_DEVICE = -5;
  private static final int PERMISSION_DENIED = -8;
  private static final int NOT_UP = -9;
  private static final int PROMISCUOUS_PERMISSION_DENIED = -11;

  private final String name;
  private final PcapHandle handle;
  private final PcapReader reader;
  private final int linkType;
  private final int tickNs;
  private final InterfaceStatistics statistics;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment frame;

  private long timestampNs;
  private int wireLength;
  private int capturedLength;
  private long received;
  private long drops;
  private boolean closed;
  private volatile boolean stopped;

  /**
   * Opens an interface.
   *
   * @param snapLength bytes captured of each frame at most; 0 for all
   * @throws CaptureException if there is no such interface, no permission, or no libpcap
   */
  public static PcapInterface open(String name, boolean promiscuous, int snapLength) {
    int snap = snapLength <= 0 ? MAX_SNAP_LENGTH : Math.min(snapLength, MAX_SNAP_LENGTH);
    try {
      PcapHandle handle =
          new PcapHandle.Builder(name)
              .snaplen(snap)
              .promiscuousMode(
                  promiscuous ? PromiscuousMode.PROMISCUOUS : PromiscuousMode.NONPROMISCUOUS)
              .timeoutMillis(BLOCK_TIMEOUT_MS)
              .bufferSize(BUFFER_BYTES)
              .timestampPrecision(TimestampPrecision.NANO)
              .build();
      handle.setBlockingMode(BlockingMode.NONBLOCKING);
      return new PcapInterface(name, handle, snap);
    } catch (PcapNativeException | NotOpenException e) {
      throw new CaptureException(name + ": " + reason(e), e);
    } catch (LinkageError e) {
      throw new CaptureException(
          name + ": libpcap cannot be loaded, install the Debian package libpcap0.8", e);
    }
  }

  private static String reason(Exception e) {
    int code =
        e instanceof PcapNativeException p && p.getReturnCode() != null ? p.getReturnCode() : 0;
    return switch (code) {
      case NO_SUCH_DEVICE -> "no such interface";
      case PERMISSION_DENIED, PROMISCUOUS_PERMISSION_DENIED ->
          "no permission to capture, run as root or with CAP_NET_RAW";
      case NOT_UP -> "the interface is not up";
      default -> "cannot be opened for capture: " + e.getMessage();
    };
  }

  private PcapInterface(String name, PcapHandle handle, int snapLength) {
    this.name = name;
    this.handle = handle;
    reader = new PcapReader(handle);
    linkType = handle.getDlt().value();
    tickNs = handle.getTimestampPrecision() == TimestampPrecision.NANO ? 1 : 1000;
    statistics = new InterfaceStatistics(name);
    frame = arena.allocate(snapLength, 8);
  }

  @Override
  public Next next() {
    if (stopped) {
      return Next.END;
    }
    int result = reader.next();
    if (result == 0) {
      reader.await(POLL_MS);
      result = stopped ? 0 : reader.next();
    }
    if (result == 1) {
      take();
      return Next.FRAME;
    }
    if (stopped) {
      return Next.END;
    }
    if (result < 0) {
      throw new CaptureException(name + ": capture broke off: " + error());
    }
    return Next.IDLE;
  }

  private void take() {
    capturedLength = (int) Math.min(reader.capturedLength() & 0xffffffffL, frame.byteSize());
    wireLength = reader.wireLength();
    timestampNs = reader.seconds() * 1_000_000_000L + reader.fraction() * tickNs;
    reader.copy(frame, capturedLength);
  }

  private String error() {
    try {
      return handle.getError();
    } catch (NotOpenException _) {
      return "it is closed";
    }
  }

  @Override
  public long timestampNs() {
    return timestampNs;
  }

  @Override
  public int wireLength() {
    return wireLength;
  }

  @Override
  public int capturedLength() {
    return capturedLength;
  }

  @Override
  public int linkType() {
    return linkType;
  }

  @Override
  public MemorySegment data() {
    return frame;
  }

  @Override
  public long dataOffset() {
    return 0;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  /** As of now, or of the end once it is closed. */
  @Override
  public SourceCounters counters() {
    if (!closed) {
      try {
        PcapStat stat = handle.getStats();
        // libpcap's counters have 32 bits.
        received += (int) stat.getNumPacketsReceived() - (int) received & 0xffffffffL;
        drops += (int) stat.getNumPacketsDropped() - (int) drops & 0xffffffffL;
      } catch (PcapNativeException | NotOpenException _) {
        return new SourceCounters(-1, -1, statistics.drops());
      }
    }
    return new SourceCounters(received, drops, statistics.drops());
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    SourceCounters _ = counters();
    closed = true;
    reader.close();
    handle.close();
    arena.close();
  }
}
