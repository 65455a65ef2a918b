package io.vipscope.tools.picture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The colours and shapes that report, page and pictures share, light and dark. */
public final class Stylesheet {

  private Stylesheet() {}

  /** The CSS. */
  public static String css() {
    try (InputStream in = Stylesheet.class.getResourceAsStream("style.css")) {
      if (in == null) {
        throw new IllegalStateException("style.css is missing in the program");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
