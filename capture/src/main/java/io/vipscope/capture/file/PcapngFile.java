package io.vipscope.capture.file;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FileSource;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A pcapng file (draft-ietf-opsawg-pcapng): sections of either byte order, several interfaces. */
final class PcapngFile implements FileSource {

  static final int SECTION_HEADER = 0x0a0d0d0a;
  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
  private static final int INTERFACE = 1;
  private static final int PACKET = 2; // obsolete
  private static final int SIMPLE_PACKET = 3;
  private static final int ENHANCED_PACKET = 6;
  private static final int OPTION_TSRESOL = 9;
  private static final int OPTION_TSOFFSET = 14;

  /** libpcap's limit for a block: what claims more is broken. */
  private static final int MAX_BLOCK_BYTES = 16 << 20;

  /**
   * An interface description.
   *
   * @param snapLength 0 = no limit
   * @param resolution the if_tsresol byte: power of ten, or of two with the top bit set
   * @param offsetS seconds to add
   */
  private record Interface(int linkType, int snapLength, int resolution, long offsetS) {

    long nanoseconds(long ticks) {
      long whole;
      long ns;
      int exponent = resolution & 0x7f;
      if ((resolution & 0x80) != 0) {
        if (exponent >= 63) {
          return offsetS * 1_000_000_000L;
        }
        whole = ticks >>> exponent;
        long rest = ticks & (1L << exponent) - 1;
        ns = (long) (rest / (double) (1L << exponent) * 1e9);
      } else if (exponent <= 9) {
        long perSecond = pow10(exponent);
        whole = Long.divideUnsigned(ticks, perSecond);
        ns = Long.remainderUnsigned(ticks, perSecond) * pow10(9 - exponent);
      } else {
        long inNs = exponent > 27 ? 0 : Long.divideUnsigned(ticks, pow10(exponent - 9));
        whole = inNs / 1_000_000_000L;
        ns = inNs % 1_000_000_000L;
      }
      return (whole + offsetS) * 1_000_000_000L + ns;
    }

    private static long pow10(int exponent) {
      long value = 1;
      for (int i = 0; i < exponent; i++) {
        value *= 10;
      }
      return value;
    }
  }

  private final ByteInput in;
  private final String name;
  private final List<Interface> interfaces = new ArrayList<>();
  private boolean bigEndian;
  private long block;
  private int blockBytes;
  private long timestampNs;
  private int wireLength;
  private int capturedLength;
  private int linkType;
  private int dataAt;

  PcapngFile(ByteInput in, String name) {
    this.in = in;
    this.name = name;
  }

  @Override
  public Next next() {
    while (nextBlock()) {
      int type = in.i32(0, bigEndian);
      switch (type) {
        case SECTION_HEADER -> interfaces.clear();
        case INTERFACE -> describe();
        case ENHANCED_PACKET, PACKET -> {
          packet(type);
          return Next.FRAME;
        }
        case SIMPLE_PACKET -> {
          simplePacket();
          return Next.FRAME;
        }
        default -> {}
      }
    }
    return Next.END;
  }

  /** Brings the next block into the window, checked for its lengths; false at the end. */
  private boolean nextBlock() {
    in.skip(blockBytes);
    blockBytes = 0;
    block++;
    in.reading("block", block);
    int available = in.want(12);
    if (available == 0 || in.isStopped()) {
      return false;
    }
    if (available < 12) {
      throw broken("is cut off: " + available + " bytes, expected at least 12");
    }
    if (in.i32(0, true) == SECTION_HEADER) {
      if (in.i32(8, true) != BYTE_ORDER_MAGIC && in.i32(8, false) != BYTE_ORDER_MAGIC) {
        throw broken("is a section header without a byte-order magic");
      }
      bigEndian = in.i32(8, true) == BYTE_ORDER_MAGIC;
    }
    int length = in.i32(4, bigEndian);
    if (length < 12 || length > MAX_BLOCK_BYTES || (length & 3) != 0) {
      throw broken(
          "claims a length of "
              + Integer.toUnsignedString(length)
              + " bytes, expected a multiple of 4 from 12 to "
              + MAX_BLOCK_BYTES);
    }
    available = in.want(length);
    if (in.isStopped()) {
      return false;
    }
    if (available < length) {
      throw broken("is cut off: " + available + " of " + length + " bytes");
    }
    if (in.i32(length - 4, bigEndian) != length) {
      throw broken("has different lengths at its two ends");
    }
    blockBytes = length;
    return true;
  }

  private CaptureException broken(String what) {
    return new CaptureException(name + ": block " + block + " " + what);
  }

  private void need(int bytes) {
    if (blockBytes < bytes + 4) {
      throw broken("is too short for its type: " + blockBytes + " bytes");
    }
  }

  private void describe() {
    need(16);
    int resolution = 6;
    long offsetS = 0;
    int at = 16;
    while (at + 8 <= blockBytes) {
      int code = in.u16(at, bigEndian);
      int length = in.u16(at + 2, bigEndian);
      if (code == 0 || at + 4 + length > blockBytes - 4) {
        break;
      }
      if (code == OPTION_TSRESOL && length >= 1) {
        resolution = in.u8(at + 4);
      } else if (code == OPTION_TSOFFSET && length >= 8) {
        long first = in.i32(at + 4, bigEndian);
        long second = in.i32(at + 8, bigEndian);
        offsetS =
            bigEndian ? first << 32 | second & 0xffffffffL : second << 32 | first & 0xffffffffL;
      }
      at += 4 + (length + 3 & ~3);
    }
    interfaces.add(new Interface(in.u16(8, bigEndian), in.i32(12, bigEndian), resolution, offsetS));
  }

  private Interface describedBy(int id) {
    if (id < 0 || id >= interfaces.size()) {
      throw broken(
          "refers to interface "
              + Integer.toUnsignedString(id)
              + ", but only "
              + interfaces.size()
              + " are described");
    }
    return interfaces.get(id);
  }

  private void packet(int type) {
    need(28);
    Interface from =
        describedBy(type == ENHANCED_PACKET ? in.i32(8, bigEndian) : in.u16(8, bigEndian));
    long ticks = (long) in.i32(12, bigEndian) << 32 | in.i32(16, bigEndian) & 0xffffffffL;
    take(from, in.i32(20, bigEndian), in.i32(24, bigEndian), 28);
    timestampNs = from.nanoseconds(ticks);
  }

  /** No time stamp and no captured length of its own: that follows from the snap length. */
  private void simplePacket() {
    need(12);
    Interface from = describedBy(0);
    int wire = in.i32(8, bigEndian);
    int captured = Math.min(PcapFile.unsigned(wire), blockBytes - 16);
    if (from.snapLength() > 0) {
      captured = Math.min(captured, from.snapLength());
    }
    take(from, captured, wire, 12);
  }

  private void take(Interface from, int captured, int wire, int headerBytes) {
    if (captured < 0
        || captured > PcapFile.MAX_CAPTURED_BYTES
        || captured > blockBytes - headerBytes - 4) {
      throw broken(
          "claims "
              + Integer.toUnsignedString(captured)
              + " captured bytes, but has room for "
              + (blockBytes - headerBytes - 4));
    }
    capturedLength = captured;
    wireLength = PcapFile.unsigned(wire);
    linkType = from.linkType();
    dataAt = headerBytes;
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
    return in.segment();
  }

  @Override
  public long dataOffset() {
    return (long) in.position() + dataAt;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void stop() {
    in.stop();
  }

  @Override
  public void close() {
    in.close();
  }
}
