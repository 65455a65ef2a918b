package io.vipscope.capture.file;

import com.github.luben.zstd.ZstdInputStream;
import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.MergedSource;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Opens capture files: the format is told by the first bytes, never by the name. */
public final class Captures {

  private static final int MAGIC_BYTES = 4;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int GZIP = 0x1f8b;
  private static final int ZSTD = 0x28b52ffd;

  private Captures() {}

  /**
   * Opens captures to read them as one, merged by time.
   *
   * @throws CaptureException as {@link #open}; then none stays open
   */
  public static FrameSource openAll(List<String> names) {
    return openAll(names, /* ahead= */ false);
  }

  /**
   * The same where files may be read on another thread.
   *
   * @param ahead whether each file is read by a thread of its own
   * @throws CaptureException as {@link #open}; then none stays open
   */
  public static FrameSource openAll(List<String> names, boolean ahead) {
    List<FrameSource> sources = new ArrayList<>();
    try {
      for (String name : names) {
        sources.add(ahead && !name.equals("-") ? openAhead(name) : open(name));
      }
    } catch (CaptureException e) {
      sources.forEach(FrameSource::close);
      throw e;
    }
    return MergedSource.of(sources);
  }

  /**
   * Opens a capture.
   *
   * @param name path, or {@code -} for standard input, which stays open
   * @throws CaptureException if it cannot be opened or is no capture
   */
  public static FrameSource open(String name) {
    if (!name.equals("-")) {
      return open(file(name), name);
    }
    InputStream unclosed =
        new FilterInputStream(System.in) {
          @Override
          public void close() {}
        };
    return open(ReadAhead.of(() -> unclosed), name);
  }

  private static FrameSource openAhead(String name) {
    ReadableByteChannel channel = file(name);
    return open(ReadAhead.of(() -> Channels.newInputStream(channel)), name);
  }

  private static ReadableByteChannel file(String name) {
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        throw new CaptureException(name + ": is a directory, expected a capture file");
      }
      return Files.newByteChannel(path);
    } catch (InvalidPathException | NoSuchFileException e) {
      throw new CaptureException(name + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new CaptureException(name + ": no permission to read it", e);
    } catch (IOException e) {
      throw new CaptureException(name + ": cannot be opened: " + e.getMessage(), e);
    }
  }

  /** A file, or what the system shows as one: a pipe cannot be read twice. */
  private static FrameSource open(ReadableByteChannel channel, String name) {
    ByteBuffer first = ByteBuffer.allocate(MAGIC_BYTES);
    try {
      while (first.hasRemaining() && channel.read(first) >= 0) {
        // a pipe may give fewer bytes than asked for
      }
    } catch (IOException e) {
      throw new CaptureException(name + ": cannot be read: " + e.getMessage(), e);
    }
    first.flip();
    int magic = first.remaining() < MAGIC_BYTES ? 0 : first.getInt(0);
    if (!isPacked(magic)) {
      return reader(new ByteInput(channel, first, name), name);
    }
    InputStream rest = Channels.newInputStream(channel);
    InputStream head = new ByteArrayInputStream(first.array());
    return open(new SequenceInputStream(head, rest), name);
  }

  private static boolean isPacked(int magic) {
    return magic >>> 16 == GZIP || magic == ZSTD;
  }

  /** Opens a capture that is read from a stream; {@code name} is used in messages. */
  static FrameSource open(InputStream stream, String name) {
    PeekStream peek = new PeekStream(stream);
    int magic;
    try {
      magic = peek.magic();
    } catch (IOException e) {
      throw new CaptureException(name + ": cannot be read: " + e.getMessage(), e);
    }
    if (magic >>> 16 == GZIP) {
      ReadAhead unpacked = ReadAhead.of(() -> new GZIPInputStream(peek, BUFFER_BYTES));
      return reader(new ByteInput(unpacked, name), name);
    }
    if (magic == ZSTD) {
      ReadAhead unpacked = ReadAhead.of(() -> new ZstdInputStream(peek));
      return reader(new ByteInput(unpacked, name), name);
    }
    ReadAhead ahead = stream instanceof ReadAhead r ? r : null;
    return reader(new ByteInput(peek, ahead, name), name);
  }

  private static FrameSource reader(ByteInput input, String name) {
    try {
      return format(input, name);
    } catch (CaptureException e) {
      input.close();
      throw e;
    }
  }

  private static FrameSource format(ByteInput input, String name) {
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
}
