package io.vipscope.tools;

import io.vipscope.capture.FrameSource;
import io.vipscope.capture.file.Captures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Writes part of a capture as another capture, frames untouched, or all of it with a tag. */
final class Reduction {

  /** Which frames stay. */
  interface Choice {
    /** Whether a frame stays whose Ethernet source is these 48 bits. */
    boolean keeps(long srcMac);
  }

  private static final byte[] NOTHING = {};

  private Reduction() {}

  static Choice sentBy(Set<Long> macs) {
    return macs::contains;
  }

  static Choice notSentBy(Set<Long> macs) {
    return mac -> !macs.contains(mac);
  }

  static Choice allBut(int percent, long seed) {
    Random random = new Random(seed);
    return _ -> random.nextInt(100) >= percent;
  }

  /** Returns how many frames were left out. */
  static int write(Path capture, Path to, Choice choice) throws IOException {
    return rewrite(
        capture,
        to,
        frame ->
            choice.keeps(ByteBuffer.wrap(frame).getLong(4) & 0xffff_ffff_ffffL) ? frame : NOTHING);
  }

  /** Writes the whole capture, each frame with an 802.1Q tag. */
  static void tag(Path capture, Path to, int vlan) throws IOException {
    rewrite(
        capture,
        to,
        frame ->
            ByteBuffer.allocate(frame.length + 4)
                .put(frame, 0, 12)
                .putInt(0x8100_0000 | vlan)
                .put(frame, 12, frame.length - 12)
                .array());
  }

  /** Writes the whole capture as a switch mirrors it by ERSPAN type II, session 5. */
  static void erspan(Path capture, Path to) throws IOException {
    rewrite(
        capture,
        to,
        frame ->
            outer(47, 16 + frame.length)
                .putInt(0x1000_88be)
                .putInt(1)
                .putInt(0x1000_0005)
                .putInt(0)
                .put(frame)
                .array());
  }

  /** Writes the whole capture as a cloud mirrors it by VXLAN, to the sensor at 10.0.0.2. */
  static void vxlan(Path capture, Path to) throws IOException {
    rewrite(
        capture,
        to,
        frame ->
            outer(17, 16 + frame.length)
                .putInt(50_000 << 16 | 4789)
                .putInt(16 + frame.length << 16)
                .putInt(0x0800_0000)
                .putInt(7 << 8)
                .put(frame)
                .array());
  }

  /** Ethernet and IPv4 from a switch to a sensor. */
  private static ByteBuffer outer(int protocol, int payload) {
    return ByteBuffer.allocate(34 + payload)
        .putLong(0x0200_0000_0002_0200L)
        .putInt(1)
        .putShort((short) 0x0800)
        .putInt(0x4500_0000 | 20 + payload)
        .putInt(0)
        .putInt(0x4000_0000 | protocol << 16)
        .putInt(0x0a00_0001)
        .putInt(0x0a00_0002);
  }

  /** Writes each frame a second time, 3 us later, as a mirror of both ends' ports does. */
  static void twice(Path capture, Path to) throws IOException {
    rewrite(capture, to, frame -> frame, 3_000);
  }

  private static int rewrite(Path capture, Path to, UnaryOperator<byte[]> change)
      throws IOException {
    return rewrite(capture, to, change, 0);
  }

  /**
   * Writes what becomes of each frame; nothing if it becomes empty.
   *
   * @param copyNs 0 = once; else a second time, so much later
   */
  private static int rewrite(Path capture, Path to, UnaryOperator<byte[]> change, long copyNs)
      throws IOException {
    int left = 0;
    ByteBuffer buffer = ByteBuffer.allocate(300_000).order(ByteOrder.LITTLE_ENDIAN);
    try (FrameSource source = Captures.open(capture.toString());
        FileChannel out =
            FileChannel.open(
                to,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
      buffer.putInt(0xa1b23c4d).putShort((short) 2).putShort((short) 4);
      buffer.putLong(0).putInt(262_144).putInt(1);
      write(buffer, out);
      while (source.next() == FrameSource.Next.FRAME) {
        byte[] was = new byte[source.capturedLength()];
        MemorySegment.copy(
            source.data(), ValueLayout.JAVA_BYTE, source.dataOffset(), was, 0, was.length);
        byte[] frame = change.apply(was);
        if (frame.length == 0) {
          left++;
          continue;
        }
        int wire = source.wireLength() + frame.length - was.length;
        for (long ns = source.timestampNs(); ns >= 0; ns += copyNs) {
          buffer.putInt((int) (ns / 1_000_000_000L)).putInt((int) (ns % 1_000_000_000L));
          buffer.putInt(frame.length).putInt(wire).put(frame);
          write(buffer, out);
          if (copyNs == 0 || ns > source.timestampNs()) {
            break;
          }
        }
      }
    }
    return left;
  }

  private static void write(ByteBuffer buffer, FileChannel out) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
    buffer.clear();
  }
}
