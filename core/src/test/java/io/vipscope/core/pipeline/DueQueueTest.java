package io.vipscope.core.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.flow.VipFrames;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.worker.ColdQueue;
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
      int producers = 1 + random.nextInt(lanes);
      DueQueue queue = new DueQueue(producers, lanes - producers);
      PriorityQueue<Due> wanted = new PriorityQueue<>();
      long nowNs = 0;
      long frame = 0;
      for (int i = 0; i < 500; i++) {
        if (random.nextInt(20) == 0) {
          VipFrames uses = new VipFrames();
          for (int n = random.nextInt(4); n > 0; n--) {
            nowNs += random.nextInt(2);
            long atNs = random.nextInt(20) == 0 ? nowNs - 1 : nowNs;
            VipFrame use = use(random, ++frame);
            uses.add(use, atNs);
            wanted.add(new ColdQueue.Used(use, atNs));
          }
          queue.add(random.nextInt(producers), uses);
        } else if (random.nextInt(3) > 0) {
          nowNs += random.nextInt(3);
          long atNs = random.nextInt(10) == 0 ? nowNs - random.nextInt(20) : nowNs;
          atNs = random.nextInt(200) == 0 ? Long.MAX_VALUE : atNs;
          Due due =
              due(atNs, 1 + 2 * random.nextInt(2), random.nextBoolean() ? ++frame : frame / 2);
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

  private static VipFrame use(Random random, long frame) {
    boolean v6 = random.nextBoolean();
    return new VipFrame(
        frame,
        random.nextLong(),
        random.nextInt(4096) - 1,
        address(random, v6),
        random.nextInt(1 << 16),
        address(random, v6),
        random.nextInt(1 << 16),
        random.nextInt(256),
        random.nextBoolean(),
        random.nextBoolean() ? FrameHeader.NO_MAC : random.nextLong() >>> 16,
        random.nextLong() >>> 16,
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextInt(),
        random.nextLong(),
        random.nextLong());
  }

  private static IpAddress address(Random random, boolean v6) {
    return v6 ? IpAddress.v6(random.nextLong(), random.nextLong()) : IpAddress.v4(random.nextInt());
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
      if (wanted instanceof ColdQueue.Used) {
        assertEquals(wanted, got);
      }
    }
  }
}
