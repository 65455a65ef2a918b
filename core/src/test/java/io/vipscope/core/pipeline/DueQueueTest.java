package io.vipscope.core.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vipscope.core.worker.Due;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The order of a heap, whatever comes from which source. */
class DueQueueTest {

  private record Task(long atNs, int rank, long frame) implements Due {}

  @Test
  void takesInTheOrderOfAHeap() {
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      int lanes = 1 + random.nextInt(6);
      DueQueue queue = new DueQueue(lanes);
      PriorityQueue<Due> wanted = new PriorityQueue<>();
      long nowNs = 0;
      long frame = 0;
      for (int i = 0; i < 500; i++) {
        if (random.nextInt(3) > 0) {
          nowNs += random.nextInt(3);
          long atNs = random.nextInt(10) == 0 ? nowNs - random.nextInt(20) : nowNs;
          atNs = random.nextInt(200) == 0 ? Long.MAX_VALUE : atNs;
          Due due = due(atNs, random.nextInt(4), random.nextBoolean() ? ++frame : frame / 2);
          queue.add(random.nextInt(lanes), due);
          wanted.add(due);
        } else {
          long lowNs = nowNs - random.nextInt(10);
          Due next = wanted.peek();
          assertSame(
              next != null && next.atNs() < lowNs ? wanted.remove() : null, queue.before(lowNs));
        }
      }
      while (!wanted.isEmpty()) {
        assertSame(wanted.remove(), queue.before(Long.MAX_VALUE));
      }
      assertNull(queue.before(Long.MAX_VALUE));
    }
  }

  private static Due due(long atNs, int rank, long frame) {
    return new Task(atNs, rank, frame);
  }

  /** Equal ones may come in any order. */
  private static void assertSame(@Nullable Due wanted, @Nullable Due got) {
    if (wanted == null) {
      assertNull(got);
    } else {
      assertNotNull(got);
      assertEquals(0, wanted.compareTo(got), () -> wanted + " before " + got);
    }
  }
}
