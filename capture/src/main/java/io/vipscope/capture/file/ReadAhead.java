package io.vipscope.capture.file;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream on a thread of its own, a few blocks ahead: decompression beside decoding, and a
 * reader of a pipe that can be stopped. That thread alone touches the stream, and closes it.
 */
final class ReadAhead extends InputStream {

  private static final int BLOCK_BYTES = 1 << 18;
  private static final int BLOCKS = 8;
  private static final int POLL_MS = 50;

  /** A block of bytes, or the stream's end (no bytes), or its failure. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  private record Block(byte[] bytes, int length, @Nullable Throwable failure) {}

  /** What is opened on the reading thread: opening may itself read. */
  interface Opener {
    InputStream open() throws IOException;
  }

  private final BlockingQueue<Block> blocks = new ArrayBlockingQueue<>(BLOCKS);
  private final Thread reader;
  private Block current = new Block(new byte[0], 0, null);
  private int at;
  private boolean ended;
  private volatile boolean stopped;

  private ReadAhead(Opener opener) {
    reader = Thread.ofPlatform().daemon().name("read-ahead").unstarted(() -> run(opener));
  }

  static ReadAhead of(Opener opener) {
    ReadAhead ahead = new ReadAhead(opener);
    ahead.reader.start();
    return ahead;
  }

  private void run(Opener opener) {
    try {
      try (InputStream in = opener.open()) {
        readAll(in);
      } catch (IOException | RuntimeException | Error e) {
        blocks.put(new Block(new byte[0], 0, e)); // the other side must never wait in vain
      }
    } catch (InterruptedException _) {
      // Closed early: nobody waits for more.
    }
  }

  private void readAll(InputStream in) throws IOException, InterruptedException {
    while (true) {
      byte[] bytes = new byte[BLOCK_BYTES];
      int length = in.read(bytes, 0, bytes.length);
      if (length != 0) {
        blocks.put(new Block(bytes, Math.max(length, 0), null));
      }
      if (length < 0) {
        return;
      }
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** Returns -1 at the end and after {@link #stop()}. */
  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (!ended && at == current.length()) {
      ended = !take();
    }
    if (ended) {
      return -1;
    }
    int count = Math.min(length, current.length() - at);
    System.arraycopy(current.bytes(), at, bytes, offset, count);
    at += count;
    return count;
  }

  /** Waits for the next block; false at the end. */
  private boolean take() throws IOException {
    @Nullable Block next = null;
    try {
      while (next == null) {
        if (stopped) {
          return false;
        }
        next = blocks.poll(POLL_MS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    current = next;
    at = 0;
    Throwable failure = next.failure();
    if (failure != null) {
      ended = true;
      String message = failure.getMessage();
      throw new IOException(message == null ? "the packed data ends early" : message, failure);
    }
    return next.length() > 0;
  }

  /** Lets a waiting read return. May be called from any thread. */
  void stop() {
    stopped = true;
  }

  @Override
  public void close() {
    stopped = true;
    reader.interrupt();
  }
}
