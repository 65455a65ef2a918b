package io.vipscope.tools.capacity;

import io.vipscope.capture.FrameSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The frames of a capture, or of its beginning, in memory. */
public final class FrameMemory {

  /** Where a frame begins: some processors like that better. */
  private static final int ALIGNMENT = 8;

  private final MemorySegment data;
  private long bytes;
  private long wireBytes;
  private int count;
  private long[] offsets = new long[1 << 12];
  private long[] timesNs = new long[1 << 12];
  private int[] captured = new int[1 << 12];
  private int[] wire = new int[1 << 12];
  private int[] links = new int[1 << 12];
  private boolean whole = true;

  private FrameMemory(long maxBytes) {
    data = Arena.ofAuto().allocate(maxBytes, ALIGNMENT);
  }

  /**
   * Reads a source to its end, or until this many bytes are full.
   *
   * @throws io.vipscope.capture.CaptureException if the source cannot be read
   */
  public static FrameMemory read(FrameSource source, long maxBytes) {
    FrameMemory memory = new FrameMemory(maxBytes);
    while (source.next() == FrameSource.Next.FRAME) {
      if (!memory.add(source)) {
        memory.whole = false;
        break;
      }
    }
    return memory;
  }

  private boolean add(FrameSource source) {
    int length = source.capturedLength();
    if (bytes + length > data.byteSize()) {
      return false;
    }
    if (count == offsets.length) {
      int larger = 2 * count;
      offsets = Arrays.copyOf(offsets, larger);
      timesNs = Arrays.copyOf(timesNs, larger);
      captured = Arrays.copyOf(captured, larger);
      wire = Arrays.copyOf(wire, larger);
      links = Arrays.copyOf(links, larger);
    }
    MemorySegment.copy(source.data(), source.dataOffset(), data, bytes, length);
    offsets[count] = bytes;
    timesNs[count] = source.timestampNs();
    captured[count] = length;
    wire[count] = source.wireLength();
    links[count] = source.linkType();
    wireBytes += source.wireLength();
    bytes += length + ALIGNMENT - 1 & -ALIGNMENT;
    count++;
    return true;
  }

  /** Frames. */
  public int count() {
    return count;
  }

  /** Whether all of the source is here. */
  public boolean isWhole() {
    return whole;
  }

  /** Bytes on the wire of all frames. */
  public long wireBytes() {
    return wireBytes;
  }

  /** From the first frame to the last, in ns. */
  public long spanNs() {
    return count == 0 ? 0 : Math.max(0, timesNs[count - 1] - timesNs[0]);
  }

  MemorySegment data() {
    return data;
  }

  long offset(int i) {
    return offsets[i];
  }

  long timeNs(int i) {
    return timesNs[i];
  }

  int captured(int i) {
    return captured[i];
  }

  int wire(int i) {
    return wire[i];
  }

  int link(int i) {
    return links[i];
  }
}
