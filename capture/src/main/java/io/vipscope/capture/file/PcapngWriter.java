package io.vipscope.capture.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a pcapng file (draft-ietf-opsawg-pcapng): one section, an interface for each source and
 * link type, frames with times in ns and with comments. One thread uses an instance.
 */
public final class PcapngWriter implements Closeable {

  private static final int SECTION = 0x0a0d0d0a;
  private static final int INTERFACE = 1;
  private static final int ENHANCED_PACKET = 6;
  private static final int BYTE_ORDER = 0x1a2b3c4d;

  // Options.
  private static final int END = 0;
  private static final int COMMENT = 1;
  private static final int USER_APPLICATION = 4;
  private static final int IF_NAME = 2;
  private static final int IF_TSRESOL = 9;
  private static final int NANOSECONDS = 9;

  /** A comment's length has 16 bits. */
  private static final int MAX_TEXT = 60_000;

  private record Interface(String name, int linkType) {}

  private final BufferedOutputStream buffered;
  private final WritableByteChannel out;
  private final int snapLength;
  private final Map<Interface, Integer> interfaces = new HashMap<>();

  /**
   * Begins the file.
   *
   * @param application that writes it
   * @param snapLength bytes of each frame at most
   */
  public PcapngWriter(OutputStream out, String application, int snapLength) throws IOException {
    this.buffered = new BufferedOutputStream(out);
    this.out = Channels.newChannel(buffered);
    this.snapLength = snapLength;
    ByteBuffer body = buffer(64 + 2 * application.length());
    body.putInt(BYTE_ORDER).putShort((short) 1).putShort((short) 0).putLong(-1);
    option(body, USER_APPLICATION, text(application));
    option(body, END, new byte[0]);
    block(SECTION, body);
  }

  /**
   * Writes a frame.
   *
   * @param source names where it was captured
   * @param tsNs ns since 1970
   * @param comment null = none
   */
  public void frame(
      String source,
      int linkType,
      long tsNs,
      MemorySegment data,
      long offset,
      int capturedLength,
      int wireLength,
      @Nullable String comment)
      throws IOException {
    int id = interfaceOf(new Interface(source, linkType));
    int length = Math.min(capturedLength, snapLength);
    byte[] text = comment == null ? new byte[0] : text(comment);
    ByteBuffer body = buffer(64 + length + text.length);
    body.putInt(id).putInt((int) (tsNs >>> 32)).putInt((int) tsNs);
    body.putInt(length).putInt(wireLength);
    byte[] bytes = new byte[length];
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
    body.put(bytes);
    pad(body);
    if (comment != null) {
      option(body, COMMENT, text);
      option(body, END, new byte[0]);
    }
    block(ENHANCED_PACKET, body);
  }

  private int interfaceOf(Interface wanted) throws IOException {
    Integer known = interfaces.get(wanted);
    if (known != null) {
      return known;
    }
    byte[] name = text(wanted.name());
    ByteBuffer body = buffer(64 + name.length);
    body.putShort((short) wanted.linkType()).putShort((short) 0).putInt(snapLength);
    option(body, IF_NAME, name);
    option(body, IF_TSRESOL, new byte[] {NANOSECONDS});
    option(body, END, new byte[0]);
    block(INTERFACE, body);
    interfaces.put(wanted, interfaces.size());
    return interfaces.size() - 1;
  }

  private static byte[] text(String value) {
    byte[] bytes = value.getBytes(UTF_8);
    return bytes.length <= MAX_TEXT ? bytes : Arrays.copyOf(bytes, MAX_TEXT);
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void option(ByteBuffer body, int code, byte[] value) {
    body.putShort((short) code).putShort((short) value.length).put(value);
    pad(body);
  }

  private static void pad(ByteBuffer body) {
    while ((body.position() & 3) != 0) {
      body.put((byte) 0);
    }
  }

  private void block(int type, ByteBuffer body) throws IOException {
    int total = body.position() + 12;
    write(buffer(8).putInt(type).putInt(total));
    write(body);
    write(buffer(4).putInt(total));
  }

  private void write(ByteBuffer filled) throws IOException {
    filled.flip();
    while (filled.hasRemaining()) {
      out.write(filled);
    }
  }

  /** Hands on what was written so far: a reader finds whole frames. */
  public void flush() throws IOException {
    buffered.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
