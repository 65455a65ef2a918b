package io.vipscope.tools;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** An output that remembers its first failure, which the writers over it keep to themselves. */
final class WatchedOutput extends FilterOutputStream {

  private volatile @Nullable IOException failure;

  WatchedOutput(OutputStream out) {
    super(out);
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
