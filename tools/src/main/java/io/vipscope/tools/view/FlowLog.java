package io.vipscope.tools.view;

import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The latest flows, and beside them the latest that differ: these stay longer where most flows are
 * as expected. Not thread-safe.
 */
final class FlowLog {

  private final Map<Long, FlowRow> latest;
  private final Map<Long, FlowRow> differing;
  private long seen;

  /**
   * @param capacity flows of either kind
   */
  FlowLog(int capacity) {
    latest = bounded(capacity);
    differing = bounded(capacity);
  }

  private static Map<Long, FlowRow> bounded(int capacity) {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Long, FlowRow> eldest) {
        return size() > capacity;
      }
    };
  }

  /** Adds a flow, or what is known of it now in the place where it stands. */
  void add(FlowRow row) {
    boolean differs =
        row.verdict().verdict() == Verdict.MISMATCH
            || row.verdict().verdict() == Verdict.CONDITIONAL;
    long id = row.flow().flowId();
    if (latest.put(id, row) == null && differing.get(id) == null) {
      seen++;
    }
    if (differs) {
      differing.put(id, row);
    } else {
      differing.remove(id);
    }
  }

  /** Flows that were added, those that are no longer kept included. */
  long seen() {
    return seen;
  }

  @Nullable FlowRow find(long id) {
    FlowRow row = latest.get(id);
    return row == null ? differing.get(id) : row;
  }

  List<FlowRow> latestFirst() {
    Map<Long, FlowRow> all = new LinkedHashMap<>(differing);
    all.keySet().removeAll(latest.keySet());
    List<FlowRow> rows = new ArrayList<>(latest.size() + all.size());
    rows.addAll(all.values());
    rows.addAll(latest.values());
    return rows.reversed();
  }
}
