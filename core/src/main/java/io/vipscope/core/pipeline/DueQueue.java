package io.vipscope.core.pipeline;

import io.vipscope.core.worker.Due;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * What is due, taken in its order. What comes from one source comes almost in that order by itself:
 * each source has a lane, of which only the head is compared. What would stand before the end of
 * its lane goes to a heap.
 */
final class DueQueue {

  private static final long NEVER = Long.MAX_VALUE;

  private final Deque<Due>[] lanes;
  private final PriorityQueue<Due> strays = new PriorityQueue<>();

  /**
   * When the first of a lane is due, the strays' lane being the last; {@link #NEVER}: it is empty.
   */
  private final long[] headNs;

  /**
   * @param lanes how many sources there are
   */
  @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of generic types
  DueQueue(int lanes) {
    this.lanes = new Deque[lanes];
    Arrays.setAll(this.lanes, _ -> new ArrayDeque<Due>());
    headNs = new long[lanes + 1];
    Arrays.fill(headNs, NEVER);
  }

  /** Adds something of a source. */
  void add(int lane, Due due) {
    Deque<Due> of = lanes[lane];
    if (of.isEmpty()) {
      headNs[lane] = due.atNs();
    } else if (of.getLast().compareTo(due) > 0) {
      strays.add(due);
      headNs[lanes.length] = strays.element().atNs();
      return;
    }
    of.addLast(due);
  }

  /** Takes the first if it is due before a time; null if none is. The highest time means any. */
  @Nullable Due before(long lowNs) {
    int first = lanes.length;
    for (int lane = 0; lane < lanes.length; lane++) {
      if (headNs[lane] < headNs[first] || headNs[lane] == headNs[first] && isBefore(lane, first)) {
        first = lane;
      }
    }
    if (headNs[first] >= lowNs && lowNs != NEVER) {
      return null;
    }
    if (first == lanes.length) {
      Due due = strays.poll();
      headNs[first] = strays.isEmpty() ? NEVER : strays.element().atNs();
      return due;
    }
    Deque<Due> of = lanes[first];
    Due due = of.pollFirst();
    headNs[first] = of.isEmpty() ? NEVER : of.getFirst().atNs();
    return due;
  }

  private @Nullable Due head(int lane) {
    return lane == lanes.length ? strays.peek() : lanes[lane].peekFirst();
  }

  /** Of two lanes whose heads are due at the same time. */
  private boolean isBefore(int lane, int other) {
    Due a = head(lane);
    Due b = head(other);
    return a != null && (b == null || a.compareTo(b) < 0);
  }
}
