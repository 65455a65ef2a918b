package io.vipscope.capture.file;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Reads a stream on a thread of its own, a few blocks ahead: decompression beside decoding. */
final class ReadAhead extends InputStream {

  private static final int BLOCK_BYTES = 1 << 18;
  private static final int BLOCKS = 8;

  /** A block of bytes, or the stream's end, or its failure. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  private record Block(byte[] bytes, int length, @Nullable IOException failure) {}

  private final InputStream in;
  private final BlockingQueue<Block> blocks = new ArrayBlockingQueue<>(BLOCKS);
  private final Thread reader;
  private Block current = new Block(new byte[0], 0, null);
  private int at;
  private boolean ended;

  private ReadAhead(InputStream in) {
    this.in = in;
    reader = Thread.ofPlatform().daemon().name("decompress").unstarted(this::readAll);
  }

  static ReadAhead of(InputStream in) {
    ReadAhead ahead = new ReadAhead(in);
    ahead.reader.start();
    return ahead;
  }

  private void readAll() {
    try {
      try {
        while (true) {
          byte[] bytes = new byte[BLOCK_BYTES];
          int length = in.read(bytes, 0, bytes.length);
          blocks.put(new Block(bytes, Math.max(length, 0), null));
          if (length < 0) {
            return;
          }
        }
      } catch (IOException e) {
        blocks.put(new Block(new byte[0], 0, e));
      }
    } catch (InterruptedException _) {
      // Closed early: nobody waits for more.
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (ended) {
      return -1;
    }
    while (at == current.length()) {
      try {
        current = blocks.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      at = 0;
      IOException failure = current.failure();
      if (failure != null) {
        ended = true;
        throw failure;
      }
      if (current.length() == 0) {
        ended = true;
        return -1;
      }
    }
    int count = Math.min(length, current.length() - at);
    System.arraycopy(current.bytes(), at, bytes, offset, count);
    at += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    reader.interrupt();
    in.close();
  }
}
