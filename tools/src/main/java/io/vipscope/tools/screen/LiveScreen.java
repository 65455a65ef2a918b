package io.vipscope.tools.screen;

import io.vipscope.tools.report.Why;
import io.vipscope.tools.view.FlowRow;
import io.vipscope.tools.view.ViewCopy;
import io.vipscope.tools.web.PageSource;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.NonBlockingReader;
import org.jspecify.annotations.Nullable;

/**
 * Shows an audit on the terminal until it ends. A thread of its own reads keys and draws; the audit
 * never waits for it.
 */
public final class LiveScreen implements AutoCloseable {

  private static final long LOOK_MS = 250;
  private static final double RATE_SECONDS = 1;
  private static final int LEAST_WIDTH = 20;
  private static final int LEAST_HEIGHT = 6;

  /** What the screen asks for beside the page's view. */
  public interface Counts {

    /** Frames taken so far. */
    long frames();

    /** What was lost, in words. */
    String lost();
  }

  private final Terminal terminal;
  private final Attributes before;
  private final PageSource source;
  private final Counts counts;
  private final Runnable quit;
  private final ScreenState state = new ScreenState();
  private final boolean colour;
  private final PrintStream giveBack = new PrintStream(new FileOutputStream(FileDescriptor.out));
  private final Thread thread;
  private volatile boolean closing;
  private ViewCopy shown;
  private ViewCopy rateFrom;
  private long rateNs = System.nanoTime();
  private Rates rates = Rates.NONE;
  private List<FlowRow> flows = List.of();

  private LiveScreen(
      Terminal terminal, PageSource source, Counts counts, Runnable quit, boolean colour) {
    this.terminal = terminal;
    this.source = source;
    this.counts = counts;
    this.quit = quit;
    this.colour = colour;
    shown = source.view().copy();
    rateFrom = shown;
    before = terminal.enterRawMode();
    terminal.writer().print("\u001b[?1049h\u001b[?25l");
    thread = Thread.ofPlatform().daemon().name("screen").start(this::run);
  }

  /**
   * Takes over the terminal; null if there is none that can be drawn on.
   *
   * @param quit asked for when the one in front of it wants to end the audit
   */
  public static @Nullable LiveScreen open(
      PageSource source, Counts counts, Runnable quit, boolean colour) {
    try {
      Terminal terminal = TerminalBuilder.builder().system(true).dumb(false).build();
      Size size = terminal.getSize();
      if (size.getColumns() < LEAST_WIDTH || size.getRows() < LEAST_HEIGHT) {
        terminal.close();
        return null;
      }
      return new LiveScreen(terminal, source, counts, quit, colour);
    } catch (IOException | IllegalStateException _) {
      return null;
    }
  }

  private void run() {
    NonBlockingReader keys = terminal.reader();
    try {
      while (!closing) {
        draw();
        int key = keys.read(LOOK_MS);
        if (key == NonBlockingReader.EOF) {
          quit.run(); // nobody is in front of it any more
          return;
        }
        while (key >= 0) {
          state.key(key == ScreenState.ESCAPE ? escape(keys) : key);
          if (state.quit) {
            quit.run();
            return;
          }
          key = keys.peek(1) >= 0 ? keys.read(1) : -1;
        }
      }
    } catch (IOException | IllegalStateException _) {
      quit.run(); // the terminal is gone: closed, or a signal ends the process
    }
  }

  /** An arrow is sent as ESC [ A; ESC alone is a key of its own. */
  private static int escape(NonBlockingReader keys) throws IOException {
    if (keys.peek(30) != '[' && keys.peek(1) != 'O') {
      return ScreenState.ESCAPE;
    }
    keys.read(1);
    return switch (keys.read(30)) {
      case 'A' -> ScreenState.UP;
      case 'B' -> ScreenState.DOWN;
      default -> 0;
    };
  }

  private void draw() {
    if (!state.paused) {
      shown = source.view().copy();
      flows = state.table == ScreenState.Table.FLOWS ? source.view().flows() : List.of();
      double seconds = (System.nanoTime() - rateNs) / 1e9;
      if (seconds >= RATE_SECONDS) {
        rates = Rates.between(rateFrom, shown, seconds);
        rateFrom = shown;
        rateNs = System.nanoTime();
      }
    }
    Size size = terminal.getSize();
    int width = Math.max(LEAST_WIDTH, size.getColumns());
    int height = Math.max(LEAST_HEIGHT, size.getRows());
    ScreenLines.Moment moment =
        new ScreenLines.Moment(
            source.title(),
            shown,
            state.entries(shown, flows),
            counts.frames(),
            counts.lost(),
            System.currentTimeMillis() * 1_000_000L,
            rates,
            source.latency());
    FlowRow explained = state.explained;
    List<Row> rows =
        explained == null
            ? ScreenLines.overview(moment, state, width, height)
            : ScreenLines.explanation(moment, state, why(explained), width, height);
    StringBuilder out = new StringBuilder("\u001b[H");
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      boolean styled = !row.style().code.isEmpty() && (colour || plainStyle(row.style()));
      out.append(styled ? "\u001b[" + row.style().code + "m" : "")
          .append(row.text())
          .append(styled ? "\u001b[0m" : "")
          .append("\u001b[K")
          .append(i + 1 < rows.size() ? "\r\n" : "");
    }
    terminal.writer().print(out.append("\u001b[J"));
    terminal.writer().flush();
  }

  /** Reverse and bold are no colours. */
  private static boolean plainStyle(Row.Style style) {
    return style == Row.Style.BAR || style == Row.Style.SELECTED || style == Row.Style.BOLD;
  }

  private @Nullable Why why(FlowRow row) {
    return source.why(row);
  }

  /** Gives the terminal back. */
  @Override
  public void close() {
    closing = true;
    try {
      if (!thread.equals(Thread.currentThread())) {
        thread.join(2 * LOOK_MS);
      }
      // Not by the terminal's writer: at a signal JLine closes that by a hook of its own, at any
      // moment. The attributes are then as they were.
      giveBack.print("\u001b[?25h\u001b[?1049l");
      giveBack.flush();
      terminal.setAttributes(before);
      terminal.close();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (IOException | IllegalStateException _) {
      // it is closed
    }
  }
}
