package io.vipscope.capture.file;

import io.vipscope.capture.CaptureException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A stream read in large blocks, with a window of bytes that are there at once. One thread uses an
 * instance.
 */
final class ByteInput implements AutoCloseable {

  private static final int BLOCK_BYTES = 1 << 20;

  private final InputStream in;
  private final @Nullable ReadAhead stoppable;
  private final String name;
  private String place = "";
  private volatile boolean stopped;
  private byte[] bytes = new byte[BLOCK_BYTES];
  private MemorySegment segment = MemorySegment.ofArray(bytes);
  private int from;
  private int to;

  ByteInput(ReadAhead in, String name) {
    this(in, in, name);
  }

  /**
   * @param stoppable what a blocked read is waiting for, or null for a file, which never blocks
   */
  ByteInput(InputStream in, @Nullable ReadAhead stoppable, String name) {
    this.in = in;
    this.stoppable = stoppable;
    this.name = name;
  }

  /** Says which record or block is read next, for messages. */
  void reading(String unit, long number) {
    place = unit + " " + number + " ";
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
    if (to - from >= count) {
      return count;
    }
    if (from + count > bytes.length) {
      if (count > bytes.length) {
        bytes = Arrays.copyOfRange(bytes, from, from + Math.max(count, bytes.length));
        segment = MemorySegment.ofArray(bytes);
      } else {
        System.arraycopy(bytes, from, bytes, 0, to - from);
      }
      to -= from;
      from = 0;
    }
    try {
      while (to - from < count) {
        int read = in.read(bytes, to, bytes.length - to);
        if (read < 0) {
          return to - from;
        }
        to += read;
      }
    } catch (IOException e) {
      throw new CaptureException(name + ": " + place + "cannot be read: " + e.getMessage(), e);
    }
    return count;
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
    return bytes[from + at] & 0xff;
  }

  int u16(int at, boolean bigEndian) {
    return bigEndian ? u8(at) << 8 | u8(at + 1) : u8(at + 1) << 8 | u8(at);
  }

  int i32(int at, boolean bigEndian) {
    return bigEndian
        ? u16(at, true) << 16 | u16(at + 2, true)
        : u16(at + 2, false) << 16 | u16(at, false);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException _) {
      // Nothing was written: what could be read has been read.
    }
  }
}
