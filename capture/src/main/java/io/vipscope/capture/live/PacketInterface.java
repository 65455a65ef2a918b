package io.vipscope.capture.live;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.InterfaceSource;
import io.vipscope.capture.SourceCounters;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frames of an interface from a ring that the kernel fills (TPACKET_V3, linux/if_packet.h): they
 * are read where the kernel put them, and a block goes back when its last frame has been taken. One
 * thread uses an instance, except {@link #stop()}.
 */
public final class PacketInterface implements InterfaceSource {

  private static final int POLL_MS = 50;

  // struct tpacket_block_desc
  private static final int BLOCK_FRAMES = 12;
  private static final int BLOCK_FIRST = 16;

  // struct tpacket3_hdr
  private static final int NEXT_OFFSET = 0;
  private static final int SECONDS = 4;
  private static final int NANOSECONDS = 8;
  private static final int CAPTURED = 12;
  private static final int WIRE = 16;
  private static final int STATUS = 20;
  private static final int FRAME = 24;
  private static final int VLAN_TCI = 32;
  private static final int VLAN_TPID = 36;

  private static final int STATUS_VLAN = 1 << 4;
  private static final int STATUS_TPID = 1 << 6;
  private static final int STATUS_ADAPTER_TIME = 1 << 31;
  private static final short TPID_8021Q = (short) 0x8100;
  private static final int TAG_BYTES = 4;
  private static final int MACS_BYTES = 12;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfShort NETWORK_SHORT = SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  private final String name;
  private final PacketSocket socket;
  private final MemorySegment ring;
  private final @Nullable InterfaceStatistics statistics;
  private volatile boolean stopped;
  private boolean closed;
  private boolean idle;

  /** Whether the adapter's clock has still to be compared with the system's. */
  private boolean asksForTime;

  private final KernelBlocks blocks;

  /** Whether a block is in hand, and how many of its frames have not been taken. */
  private boolean ours;

  private int left;
  private long header;

  private long timestampNs;
  private long dataOffset;
  private int wireLength;
  private int capturedLength;

  /** Whether an interface can be captured in this way. */
  public static boolean usable(String name) {
    return PacketSocket.usable(name);
  }

  /**
   * Opens an interface for one thread or several (PACKET_FANOUT): the kernel gives each frame to
   * one of them, both directions of a TCP connection to the same one, and all that is not TCP to
   * the first. The same connection that comes by another interface, opened for as many, has the
   * same number there.
   *
   * @param members how many threads
   * @throws CaptureException if there is no such interface, it is not up, its frames are of another
   *     kind, or permission is missing
   */
  public static List<InterfaceSource> open(String name, LiveOptions options, int members) {
    List<PacketSocket> sockets = new ArrayList<>();
    try {
      int group = 0;
      for (int n = 0; n < members; n++) {
        PacketSocket socket = new PacketSocket(name, options.promiscuous());
        sockets.add(socket);
        if (options.timeStamps() == TimeStamps.ADAPTER) {
          socket.stampByAdapter();
        }
        if (n > 0) {
          socket.joinGroup(group);
        } else if (members > 1) {
          group = socket.beginGroup();
        }
      }
      // Not before all are in the group: no frame comes to two of them.
      for (PacketSocket socket : sockets) {
        socket.take(options.expression(), options.snapLength(), options.vxlanPort());
      }
    } catch (CaptureException e) {
      sockets.forEach(PacketSocket::close);
      throw e;
    }
    List<InterfaceSource> opened = new ArrayList<>();
    for (PacketSocket socket : sockets) {
      int n = opened.size();
      opened.add(
          new PacketInterface(
              name,
              socket,
              n == 0 ? new InterfaceStatistics(name) : null,
              options.timeStamps() == TimeStamps.ADAPTER,
              options.handsOver()
                  ? new HandedBlocks(socket, "receiver-" + n, POLL_MS)
                  : new OwnBlocks(socket)));
    }
    return opened;
  }

  private PacketInterface(
      String name,
      PacketSocket socket,
      @Nullable InterfaceStatistics statistics,
      boolean asksForTime,
      KernelBlocks blocks) {
    this.name = name;
    this.socket = socket;
    this.statistics = statistics;
    this.asksForTime = asksForTime;
    this.blocks = blocks;
    ring = socket.ring();
  }

  @Override
  public Next next() {
    while (left == 0) {
      if (ours) {
        blocks.giveBack();
        ours = false;
      }
      if (stopped) {
        return Next.END;
      }
      if (take()) {
        idle = false;
      } else if (!idle) {
        // Said before waiting, so that the frames read so far need not wait for the next.
        idle = true;
        return Next.IDLE;
      } else {
        blocks.await(POLL_MS);
        if (!take()) {
          return stopped ? Next.END : Next.IDLE;
        }
        idle = false;
      }
    }
    left--;
    frame();
    header += ring.get(INT, header + NEXT_OFFSET);
    return Next.FRAME;
  }

  /** The block in turn, if the kernel has handed it over. */
  private boolean take() {
    long block = blocks.take();
    ours = block != KernelBlocks.NONE;
    if (ours) {
      left = ring.get(INT, block + BLOCK_FRAMES);
      header = block + ring.get(INT, block + BLOCK_FIRST);
      if (asksForTime && left > 0 && (ring.get(INT, header + STATUS) & STATUS_ADAPTER_TIME) != 0) {
        asksForTime = false;
        AdapterClock.check(name, timeNs(), socket.nowNs());
      }
    }
    return ours;
  }

  private void frame() {
    capturedLength = ring.get(INT, header + CAPTURED);
    wireLength = ring.get(INT, header + WIRE);
    dataOffset = header + Short.toUnsignedInt(ring.get(SHORT, header + FRAME));
    timestampNs = timeNs();
    int status = ring.get(INT, header + STATUS);
    if ((status & STATUS_VLAN) != 0 && capturedLength >= MACS_BYTES) {
      restoreTag(status);
    }
  }

  private long timeNs() {
    return Integer.toUnsignedLong(ring.get(INT, header + SECONDS)) * 1_000_000_000L
        + ring.get(INT, header + NANOSECONDS);
  }

  /**
   * Puts the VLAN tag, which the kernel keeps beside the frame, back to where it was on the wire:
   * the addresses move into the room in front that the socket reserved.
   */
  private void restoreTag(int status) {
    MemorySegment.copy(ring, dataOffset, ring, dataOffset - TAG_BYTES, MACS_BYTES);
    dataOffset -= TAG_BYTES;
    short tpid = (status & STATUS_TPID) != 0 ? ring.get(SHORT, header + VLAN_TPID) : TPID_8021Q;
    ring.set(NETWORK_SHORT, dataOffset + MACS_BYTES, tpid);
    ring.set(NETWORK_SHORT, dataOffset + MACS_BYTES + 2, (short) ring.get(INT, header + VLAN_TCI));
    capturedLength += TAG_BYTES;
    wireLength += TAG_BYTES;
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
    return socket.linkType();
  }

  @Override
  public MemorySegment data() {
    return ring;
  }

  @Override
  public long dataOffset() {
    return dataOffset;
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
      socket.count();
    }
    // The interface's own drops are told once, by the first member of its group.
    long dropped = statistics == null ? 0 : statistics.drops();
    return new SourceCounters(socket.received(), socket.drops(), dropped);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    socket.count();
    closed = true;
    blocks.close();
    socket.close();
  }
}
