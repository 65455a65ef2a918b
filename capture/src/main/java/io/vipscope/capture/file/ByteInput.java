package io.vipscope.capture.file;

import io.vipscope.capture.CaptureException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Input read in large blocks, with a window of bytes that are there at once. One thread uses an
 * instance.
 */
final class ByteInput implements AutoCloseable {

  /** Small enough to stay in a core's own cache between the kernel's copy and the decoder. */
  private static final int BLOCK_BYTES = 1 << 18;

  private static final ValueLayout.OfShort BIG_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort LITTLE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt LITTLE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Where the bytes come from. */
  private interface Supply {
    /** Reads into the buffer's rest: the bytes read, negative at the end. */
    int read(ByteBuffer into) throws IOException;
  }

  private final Supply supply;
  private final Closeable closed;
  private final @Nullable ReadAhead stoppable;
  private final String name;
  private String unit = "byte";
  private long number = 1;
  private volatile boolean stopped;
  private MemorySegment segment = Arena.ofAuto().allocate(BLOCK_BYTES, 64);
  private ByteBuffer buffer = segment.asByteBuffer();
  private int from;
  private int to;

  /** A file or pipe, of which these first bytes have been read. */
  ByteInput(ReadableByteChannel channel, ByteBuffer first, String name) {
    this(channel::read, channel, null, name);
    to = first.remaining();
    buffer.put(0, first, first.position(), to);
  }

  /** What another thread reads. */
  ByteInput(ReadAhead in, String name) {
    this(new StreamSupply(in), in, in, name);
  }

  /**
   * @param stoppable what a blocked read is waiting for, or null for a stream that never blocks
   */
  ByteInput(InputStream in, @Nullable ReadAhead stoppable, String name) {
    this(new StreamSupply(in), in, stoppable, name);
  }

  private ByteInput(Supply supply, Closeable closed, @Nullable ReadAhead stoppable, String name) {
    this.supply = supply;
    this.closed = closed;
    this.stoppable = stoppable;
    this.name = name;
  }

  private static final class StreamSupply implements Supply {
    private final InputStream in;
    private final byte[] bytes = new byte[BLOCK_BYTES];

    StreamSupply(InputStream in) {
      this.in = in;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      int read = in.read(bytes, 0, Math.min(bytes.length, into.remaining()));
      if (read > 0) {
        into.put(bytes, 0, read);
      }
      return read;
    }
  }

  /** Says which record or block is read next, for messages. */
  void reading(String what, long which) {
    unit = what;
    number = which;
  }

  /** Ends the input early. May be called from any thread. */
  void stop() {
    stopped = true;
    if (stoppable != null) {
      stoppable.stop();
    }
  }

  boolean isStopped() {
    return stopped;
  }

  /**
   * Makes {@code count} bytes available from {@link #position()} on, if the input has them.
   *
   * @return how many are available: less than {@code count} only at the end of the input
   */
  int want(int count) {
    return to - from >= count ? count : read(count);
  }

  private int read(int count) {
    if (from + count > buffer.capacity()) {
      makeRoom(count);
    }
    try {
      while (to - from < count) {
        int read = supply.read(buffer.limit(buffer.capacity()).position(to));
        if (read < 0) {
          return to - from;
        }
        to += read;
      }
    } catch (IOException e) {
      throw new CaptureException(
          name + ": " + unit + " " + number + " cannot be read: " + e.getMessage(), e);
    }
    return count;
  }

  /** Moves what is there to the front, of a larger buffer if need be. */
  private void makeRoom(int count) {
    MemorySegment old = segment;
    if (count > buffer.capacity()) {
      segment = Arena.ofAuto().allocate(Math.max(count, 2L * buffer.capacity()), 64);
      buffer = segment.asByteBuffer();
    }
    MemorySegment.copy(old, from, segment, 0, to - from);
    to -= from;
    from = 0;
  }

  /** Where the window begins within {@link #segment()}. */
  int position() {
    return from;
  }

  MemorySegment segment() {
    return segment;
  }

  /** Moves the window's beginning on. */
  void skip(int count) {
    from += count;
  }

  /** A byte of the window. */
  int u8(int at) {
    return segment.get(ValueLayout.JAVA_BYTE, from + at) & 0xff;
  }

  int u16(int at, boolean bigEndian) {
    return segment.get(bigEndian ? BIG_SHORT : LITTLE_SHORT, from + at) & 0xffff;
  }

  int i32(int at, boolean bigEndian) {
    return bigEndian ? segment.get(BIG_INT, from + at) : segment.get(LITTLE_INT, from + at);
  }

  @Override
  public void close() {
    try {
      closed.close();
    } catch (IOException _) {
      // Nothing was written: what could be read has been read.
    }
  }
}
