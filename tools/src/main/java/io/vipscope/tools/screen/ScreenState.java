package io.vipscope.tools.screen;

import io.vipscope.tools.view.Difference;
import io.vipscope.tools.view.FlowRow;
import io.vipscope.tools.view.ViewCopy;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the one in front of the screen has chosen. One thread. */
final class ScreenState {

  /** What the table lists. */
  enum Table {
    DIFFERENCES,
    FLOWS
  }

  /** In which order. */
  enum Order {
    COUNT,
    LATEST,
    HOST
  }

  Table table = Table.DIFFERENCES;
  Order order = Order.COUNT;
  String filter = "";
  boolean typing;
  boolean paused;
  boolean quit;
  int selected;

  /** The flow that is explained; null: the table is shown. */
  @Nullable FlowRow explained;

  /** Lines of the explanation that are above the screen. */
  int scrolled;

  /** What stood in the table last, by row. */
  private List<FlowRow> rows = List.of();

  /** A row of the table. */
  record Entry(FlowRow row, long flows) {}

  /** The table's rows, as chosen. */
  List<Entry> entries(ViewCopy view, List<FlowRow> flows) {
    List<Entry> all =
        table == Table.FLOWS
            ? flows.stream().map(f -> new Entry(f, 1)).toList()
            : view.differences().entrySet().stream().map(ScreenState::entry).toList();
    Comparator<Entry> latest =
        Comparator.comparingLong((Entry e) -> e.row().flow().startNs()).reversed();
    Comparator<Entry> by =
        switch (order) {
          case COUNT -> Comparator.comparingLong(Entry::flows).reversed().thenComparing(latest);
          case LATEST -> latest;
          case HOST ->
              Comparator.comparing((Entry e) -> String.valueOf(e.row().verdict().host()))
                  .thenComparing(latest);
        };
    List<Entry> chosen = all.stream().filter(this::matches).sorted(by).toList();
    rows = chosen.stream().map(Entry::row).toList();
    selected = Math.clamp(selected, 0, Math.max(0, rows.size() - 1));
    return chosen;
  }

  private static Entry entry(Map.Entry<Difference, Difference.Tally> e) {
    return new Entry(e.getValue().example(), e.getValue().flows());
  }

  private boolean matches(Entry e) {
    return filter.isEmpty() || ScreenTable.text(e).toLowerCase(Locale.ROOT).contains(filter);
  }

  /**
   * Takes a key.
   *
   * @param key its character; arrows as {@link #UP} and {@link #DOWN}
   */
  void key(int key) {
    if (typing) {
      type(key);
      return;
    }
    switch (key) {
      case 'q', 3 -> quit = true;
      case 'p', ' ' -> paused = !paused;
      case 'f', '\t' -> {
        table = table == Table.FLOWS ? Table.DIFFERENCES : Table.FLOWS;
        order = table == Table.FLOWS ? Order.LATEST : Order.COUNT;
        selected = 0;
      }
      case 's' -> order = Order.values()[(order.ordinal() + 1) % Order.values().length];
      case '/' -> {
        typing = true;
        filter = "";
      }
      case UP, 'k' -> move(-1);
      case DOWN, 'j' -> move(1);
      case '\r', '\n' -> {
        explained = selected < rows.size() ? rows.get(selected) : null;
        scrolled = 0;
      }
      case ESCAPE, 127, 8 -> explained = null;
      default -> {}
    }
  }

  private void move(int by) {
    if (explained == null) {
      selected = Math.max(0, selected + by);
    } else {
      scrolled = Math.max(0, scrolled + by);
    }
  }

  private void type(int key) {
    switch (key) {
      case '\r', '\n' -> typing = false;
      case ESCAPE, 3 -> {
        typing = false;
        filter = "";
      }
      case 127, 8 -> filter = filter.isEmpty() ? "" : filter.substring(0, filter.length() - 1);
      default -> {
        if (key >= ' ' && key < 127) {
          filter += Character.toLowerCase((char) key);
        }
      }
    }
  }

  static final int ESCAPE = 27;
  static final int UP = 0x10001;
  static final int DOWN = 0x10002;
}
