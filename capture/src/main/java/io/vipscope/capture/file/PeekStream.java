package io.vipscope.capture.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** A stream whose first bytes can be looked at before anybody reads them. */
final class PeekStream extends PushbackInputStream {

  private static final int LIMIT = 16;

  PeekStream(InputStream in) {
    super(in, LIMIT);
  }

  /** The first bytes; fewer than asked for only if the stream is shorter. */
  byte[] peek(int count) throws IOException {
    byte[] bytes = readNBytes(count);
    unread(bytes);
    return bytes;
  }
}
