package io.vipscope.capture.file;

import com.github.luben.zstd.ZstdInputStream;
import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Opens capture files: the format is told by the first bytes, never by the name. */
public final class Captures {

  private static final int MAGIC_BYTES = 4;
  private static final int BUFFER_BYTES = 1 << 16;

  private Captures() {}

  /**
   * Opens a capture.
   *
   * @param name path, or {@code -} for standard input
   * @throws CaptureException if it cannot be opened or is no capture
   */
  public static FrameSource open(String name) {
    return open(name.equals("-") ? System.in : file(name), name);
  }

  private static InputStream file(String name) {
    Path path = Path.of(name);
    try {
      if (Files.isDirectory(path)) {
        throw new CaptureException(name + ": is a directory, expected a capture file");
      }
      return Files.newInputStream(path);
    } catch (NoSuchFileException e) {
      throw new CaptureException(name + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new CaptureException(name + ": no permission to read it", e);
    } catch (IOException e) {
      throw new CaptureException(name + ": cannot be opened: " + e.getMessage(), e);
    }
  }

  /** Opens a capture that is read from a stream; {@code name} is used in messages. */
  static FrameSource open(InputStream stream, String name) {
    ByteInput input = new ByteInput(decompressed(stream, name), name);
    int available = input.want(MAGIC_BYTES);
    if (available == 0) {
      throw new CaptureException(name + ": is empty, expected a pcap or pcapng file");
    }
    if (available == MAGIC_BYTES) {
      if (PcapFile.isMagic(input.i32(0, true)) || PcapFile.isMagic(input.i32(0, false))) {
        return new PcapFile(input, name);
      }
      if (input.i32(0, true) == PcapngFile.SECTION_HEADER) {
        return new PcapngFile(input, name);
      }
    }
    throw new CaptureException(
        name + ": is not a pcap or pcapng file (it starts with " + start(input, available) + ")");
  }

  private static String start(ByteInput input, int available) {
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < available; i++) {
      hex.append(i == 0 ? "" : " ").append("%02x".formatted(input.u8(i)));
    }
    return hex.toString();
  }

  private static InputStream decompressed(InputStream stream, String name) {
    PeekStream peek = new PeekStream(stream);
    try {
      byte[] first = peek.peek(MAGIC_BYTES);
      if (first.length >= 2 && (first[0] & 0xff) == 0x1f && (first[1] & 0xff) == 0x8b) {
        return ReadAhead.of(new GZIPInputStream(peek, BUFFER_BYTES));
      }
      if (first.length == 4
          && (first[0] & 0xff) == 0x28
          && (first[1] & 0xff) == 0xb5
          && first[2] == 0x2f
          && (first[3] & 0xff) == 0xfd) {
        return ReadAhead.of(new ZstdInputStream(peek));
      }
      return peek;
    } catch (IOException e) {
      throw new CaptureException(name + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
