package io.vipscope.core.pipeline;

import io.vipscope.core.flow.VipFrames;
import io.vipscope.core.worker.ColdQueue;
import io.vipscope.core.worker.Due;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What is due, taken in its order. What comes from one source comes almost in that order by itself:
 * each source has a lane, and one for its frames of VIPs, of which only the head is compared. What
 * would stand before the end of its lane goes to a heap.
 */
final class DueQueue {

  private static final long NEVER = Long.MAX_VALUE;

  /** Things in their order. */
  private interface Lane {
    boolean isEmpty();

    // Of the first.

    /** {@link #NEVER} if there is none. */
    long atNs();

    int rank();

    long frame();

    /** Takes the first. */
    Due remove();
  }

  /** Things one by one. */
  private static final class Tasks implements Lane {
    private final Queue<Due> tasks;
    private @Nullable Due last;

    Tasks(Queue<Due> tasks) {
      this.tasks = tasks;
    }

    /** Adds one; false, and nothing is done, if it stands before the last. */
    boolean append(Due due) {
      if (!tasks.isEmpty() && last != null && last.compareTo(due) > 0) {
        return false;
      }
      last = due;
      tasks.add(due);
      return true;
    }

    @Override
    public boolean isEmpty() {
      return tasks.isEmpty();
    }

    @Override
    public long atNs() {
      return tasks.isEmpty() ? NEVER : tasks.element().atNs();
    }

    @Override
    public int rank() {
      return tasks.element().rank();
    }

    @Override
    public long frame() {
      return tasks.element().frame();
    }

    @Override
    public Due remove() {
      return tasks.remove();
    }
  }

  /** Frames of VIPs, which become objects when they are taken. */
  private static final class Uses implements Lane {
    private final Deque<VipFrames> runs = new ArrayDeque<>();

    /** How many of the first run are taken. */
    private int taken;

    boolean add(VipFrames run) {
      if (!run.isSorted() || !runs.isEmpty() && isBefore(run, runs.getLast())) {
        return false;
      }
      runs.addLast(run);
      return true;
    }

    private static boolean isBefore(VipFrames run, VipFrames other) {
      int last = other.count() - 1;
      return run.atNs(0) < other.atNs(last)
          || run.atNs(0) == other.atNs(last) && run.frame(0) < other.frame(last);
    }

    @Override
    public boolean isEmpty() {
      return runs.isEmpty();
    }

    @Override
    public long atNs() {
      return runs.isEmpty() ? NEVER : runs.getFirst().atNs(taken);
    }

    @Override
    public int rank() {
      return Due.USED;
    }

    @Override
    public long frame() {
      return runs.getFirst().frame(taken);
    }

    @Override
    public Due remove() {
      VipFrames run = runs.getFirst();
      Due due = new ColdQueue.Used(run.get(taken), run.atNs(taken));
      if (++taken == run.count()) {
        runs.removeFirst();
        taken = 0;
      }
      return due;
    }
  }

  private final Tasks[] tasks;
  private final Uses[] uses;

  /** What has no place in a lane. */
  private final Tasks strays = new Tasks(new PriorityQueue<>());

  private final int straysLane;

  /** All of them. */
  private final List<Lane> lanes = new ArrayList<>();

  /** {@link Lane#atNs} of each. */
  private final long[] headNs;

  /**
   * @param producers who give frames of VIPs beside other things; their numbers begin at 0
   * @param others who do not; their numbers follow
   */
  DueQueue(int producers, int others) {
    tasks = new Tasks[producers + others];
    Arrays.setAll(tasks, _ -> new Tasks(new ArrayDeque<>()));
    uses = new Uses[producers];
    Arrays.setAll(uses, _ -> new Uses());
    lanes.addAll(List.of(tasks));
    lanes.addAll(List.of(uses));
    straysLane = lanes.size();
    lanes.add(strays);
    headNs = new long[lanes.size()];
    Arrays.fill(headNs, NEVER);
  }

  /** Adds something of a source. */
  void add(int source, Due due) {
    if (tasks[source].append(due)) {
      headNs[source] = tasks[source].atNs();
    } else {
      stray(due);
    }
  }

  /** Adds frames of VIPs of a producer. The list is not changed any more. */
  void add(int producer, VipFrames frames) {
    if (frames.count() == 0) {
      return;
    }
    if (uses[producer].add(frames)) {
      headNs[tasks.length + producer] = uses[producer].atNs();
      return;
    }
    for (int i = 0; i < frames.count(); i++) {
      stray(new ColdQueue.Used(frames.get(i), frames.atNs(i)));
    }
  }

  private void stray(Due due) {
    strays.tasks.add(due);
    headNs[straysLane] = strays.atNs();
  }

  /** Takes the first if it is due before a time; null if none is. The highest time means any. */
  @Nullable Due before(long lowNs) {
    int first = 0;
    for (int lane = 1; lane < headNs.length; lane++) {
      if (headNs[lane] < headNs[first] || headNs[lane] == headNs[first] && isBefore(lane, first)) {
        first = lane;
      }
    }
    Lane of = lanes.get(first);
    if (of.isEmpty() || headNs[first] >= lowNs && lowNs != NEVER) {
      return null;
    }
    Due due = of.remove();
    headNs[first] = of.atNs();
    return due;
  }

  /** Of two lanes whose heads are due at the same time. */
  private boolean isBefore(int lane, int other) {
    Lane a = lanes.get(lane);
    Lane b = lanes.get(other);
    if (a.isEmpty() || b.isEmpty()) {
      return b.isEmpty();
    }
    return a.rank() < b.rank() || a.rank() == b.rank() && a.frame() < b.frame();
  }
}
