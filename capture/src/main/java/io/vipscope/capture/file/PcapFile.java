package io.vipscope.capture.file;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FileSource;
import java.lang.foreign.MemorySegment;

/** A pcap file: microseconds or nanoseconds, either byte order. */
final class PcapFile implements FileSource {

  private static final int MICROSECONDS = 0xa1b2c3d4;
  private static final int NANOSECONDS = 0xa1b23c4d;
  private static final int FILE_HEADER_BYTES = 24;
  private static final int RECORD_HEADER_BYTES = 16;

  /** libpcap's MAXIMUM_SNAPLEN: no sound record is longer. */
  static final int MAX_CAPTURED_BYTES = 262_144;

  private final ByteInput in;
  private final String name;
  private final boolean bigEndian;
  private final int tickNs;
  private final int linkType;
  private long record;
  private int previousBytes;
  private long timestampNs;
  private int wireLength;
  private int capturedLength;

  static boolean isMagic(int word) {
    return word == MICROSECONDS || word == NANOSECONDS;
  }

  PcapFile(ByteInput in, String name) {
    this.in = in;
    this.name = name;
    bigEndian = isMagic(in.i32(0, true));
    tickNs = in.i32(0, bigEndian) == NANOSECONDS ? 1 : 1000;
    if (in.want(FILE_HEADER_BYTES) < FILE_HEADER_BYTES) {
      throw new CaptureException(name + ": ends within the pcap file header (24 bytes expected)");
    }
    linkType = in.i32(20, bigEndian) & 0x0fff_ffff; // above it: FCS length
    in.skip(FILE_HEADER_BYTES);
  }

  @Override
  public Next next() {
    in.skip(previousBytes);
    previousBytes = 0;
    record++;
    in.reading("record", record);
    int available = in.want(RECORD_HEADER_BYTES);
    if (available == 0 || in.isStopped()) {
      return Next.END;
    }
    if (available < RECORD_HEADER_BYTES) {
      throw new CaptureException(
          name + ": record " + record + " is cut off: " + available + " of its 16 header bytes");
    }
    long seconds = in.i32(0, bigEndian) & 0xffffffffL;
    long fraction = in.i32(4, bigEndian) & 0xffffffffL;
    capturedLength = in.i32(8, bigEndian);
    wireLength = unsigned(in.i32(12, bigEndian));
    if (capturedLength < 0 || capturedLength > MAX_CAPTURED_BYTES) {
      throw new CaptureException(
          name
              + ": record "
              + record
              + " claims "
              + Integer.toUnsignedString(capturedLength)
              + " captured bytes, expected at most "
              + MAX_CAPTURED_BYTES);
    }
    in.skip(RECORD_HEADER_BYTES);
    available = in.want(capturedLength);
    if (in.isStopped()) {
      return Next.END;
    }
    if (available < capturedLength) {
      throw new CaptureException(
          name
              + ": record "
              + record
              + " is cut off: "
              + available
              + " of "
              + capturedLength
              + " captured bytes are there");
    }
    previousBytes = capturedLength;
    timestampNs = seconds * 1_000_000_000L + fraction * tickNs;
    return Next.FRAME;
  }

  /** A 32-bit length as far as an int goes. */
  static int unsigned(int length) {
    return length < 0 ? Integer.MAX_VALUE : length;
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
    return in.position();
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
