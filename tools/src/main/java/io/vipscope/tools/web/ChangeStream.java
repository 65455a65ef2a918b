package io.vipscope.tools.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Tells a page by server-sent events that there is something new: within a twentieth of a second,
 * but four times a second at most, for a page then asks for all that it shows.
 */
final class ChangeStream {

  private static final long LOOK_MS = 50;
  private static final long REST_MS = 250;
  private static final long SIGN_OF_LIFE_MS = 10_000;

  private final PageSource source;

  ChangeStream(PageSource source) {
    this.source = source;
  }

  /** Writes until the reader goes away or the server is closed. */
  void write(OutputStream out) throws IOException {
    long sent = -1;
    boolean running = true;
    long quietMs = 0;
    try {
      while (true) {
        long version = source.view().version();
        boolean runs = source.running();
        if (version != sent || runs != running) {
          send(
              out,
              "event: change\ndata: {\"version\":" + version + ",\"running\":" + runs + "}\n\n");
          sent = version;
          running = runs;
          quietMs = 0;
        } else if (quietMs >= SIGN_OF_LIFE_MS) {
          send(out, ": still here\n\n");
          quietMs = 0;
        }
        long waitMs = quietMs == 0 ? REST_MS : LOOK_MS; // something was just sent
        Thread.sleep(waitMs);
        quietMs += waitMs;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
  }
}
