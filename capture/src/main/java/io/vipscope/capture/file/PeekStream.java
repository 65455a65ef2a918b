package io.vipscope.capture.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** A stream whose first bytes can be looked at before anybody reads them. */
final class PeekStream extends PushbackInputStream {

  private static final int MAGIC_BYTES = 4;

  PeekStream(InputStream in) {
    super(in, MAGIC_BYTES);
  }

  /** The first four bytes, big endian; 0 stands for those that are not there. */
  int magic() throws IOException {
    byte[] bytes = readNBytes(MAGIC_BYTES);
    unread(bytes);
    int magic = 0;
    for (int i = 0; i < MAGIC_BYTES; i++) {
      magic = magic << 8 | (i < bytes.length ? bytes[i] & 0xff : 0);
    }
    return magic;
  }

  /**
   * Never 0: GZIPInputStream takes 0 after a member for the end of the file, which a slow pipe is
   * not.
   */
  @Override
  public int available() throws IOException {
    return Math.max(1, super.available());
  }
}
