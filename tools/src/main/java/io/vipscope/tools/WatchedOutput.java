package io.vipscope.tools;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * An output that remembers its first failure, which the writers over it keep to themselves. One
 * that is a file can be opened anew, under the name that it had: for logrotate.
 */
final class WatchedOutput extends FilterOutputStream {

  private final @Nullable Path file;
  private volatile @Nullable IOException failure;
  private volatile boolean reopen;

  WatchedOutput(OutputStream out) {
    super(out);
    file = null;
  }

  /** Begins the file; what it had is gone. */
  WatchedOutput(Path file) throws IOException {
    super(Files.newOutputStream(file));
    this.file = file;
  }

  /**
   * Lets the file be opened anew at the next flush, when what was written so far is whole lines:
   * what somebody has moved away stays as it is. For any thread.
   */
  void reopen() {
    reopen = true;
  }

  /** Why writing failed, in a few words; null if it did not, or if only the reader went away. */
  @Nullable String failure() {
    IOException e = failure;
    String text = e == null ? "" : String.valueOf(e.getMessage());
    return e == null || text.contains("Broken pipe") ? null : text;
  }

  @Override
  public void write(int b) throws IOException {
    try {
      out.write(b);
    } catch (IOException e) {
      throw kept(e);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw kept(e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
      if (reopen && file != null) {
        reopen = false;
        OutputStream old = out;
        out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        old.close();
      }
    } catch (IOException e) {
      throw kept(e);
    }
  }

  private IOException kept(IOException e) {
    if (failure == null) {
      failure = e;
    }
    return e;
  }
}
