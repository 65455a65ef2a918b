package io.vipscope.tools.view;

import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The latest flows, and beside them the latest that differ: these stay longer where most flows are
 * as expected. Not thread-safe.
 */
final class FlowLog {

  private final Map<String, FlowRow> latest;
  private final Map<String, FlowRow> differing;
  private long seen;

  /**
   * @param capacity flows of either kind
   */
  FlowLog(int capacity) {
    latest = bounded(capacity);
    differing = bounded(capacity);
  }

  private static Map<String, FlowRow> bounded(int capacity) {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, FlowRow> eldest) {
        return size() > capacity;
      }
    };
  }

  /** Adds a flow, or what is known of it now in the place where it stands. */
  void add(FlowRow row) {
    boolean differs =
        row.verdict().verdict() == Verdict.MISMATCH
            || row.verdict().verdict() == Verdict.CONDITIONAL;
    String key = row.key();
    if (latest.put(key, row) == null && differing.get(key) == null) {
      seen++;
    }
    if (differs) {
      differing.put(key, row);
    } else {
      differing.remove(key);
    }
  }

  /** Flows that were added, those that are no longer kept included. */
  long seen() {
    return seen;
  }

  /** By {@link FlowRow#key}. */
  @Nullable FlowRow find(String key) {
    FlowRow row = latest.get(key);
    return row == null ? differing.get(key) : row;
  }

  /** By their beginning: they come by their ends, and run by run. */
  List<FlowRow> latestFirst() {
    Map<String, FlowRow> all = new LinkedHashMap<>(differing);
    all.keySet().removeAll(latest.keySet());
    List<FlowRow> rows = new ArrayList<>(latest.size() + all.size());
    rows.addAll(all.values());
    rows.addAll(latest.values());
    rows.sort(Comparator.comparingLong(row -> row.flow().startNs()));
    return rows.reversed();
  }
}
