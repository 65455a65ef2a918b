package io.vipscope.tools.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a slow or dead receiver does to the one who hands over: nothing. */
class SinkQueueTest {

  @Test
  void slowReceiverCostsRecordsAndNoTime() throws Exception {
    CountDownLatch slow = new CountDownLatch(1);
    List<Integer> taken = Collections.synchronizedList(new ArrayList<>());
    SinkQueue<Integer> queue =
        new SinkQueue<>(
            "slow",
            10,
            item -> {
              slow.await();
              taken.add(item);
            });
    long startNs = System.nanoTime();
    for (int i = 0; i < 100_000; i++) {
      queue.offer(i);
    }
    assertTrue(System.nanoTime() - startNs < 2_000_000_000L, "nobody waited");
    slow.countDown();
    queue.close(10_000);
    assertEquals(100_000, taken.size() + queue.drops());
    assertTrue(taken.size() >= 10, () -> taken.size() + " taken");
  }

  @Test
  void whatADeadReceiverDidNotTakeIsCounted() {
    SinkQueue<Integer> queue = new SinkQueue<>("dead", 10, _ -> new CountDownLatch(1).await());
    for (int i = 0; i < 5; i++) {
      queue.offer(i);
    }
    queue.close(200);
    assertEquals(5, queue.drops());
    queue.offer(6);
    assertEquals(6, queue.drops());
  }

  @Test
  void whatComesWhileTheReceiverTidiesUpIsSentBeforeTheEnd() throws Exception {
    CountDownLatch tidying = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    List<Integer> taken = Collections.synchronizedList(new ArrayList<>());
    SinkQueue<Integer> queue =
        new SinkQueue<>(
            "tidy",
            10,
            new SinkQueue.Receiver<>() {
              @Override
              public void send(Integer item) {
                taken.add(item);
              }

              @Override
              public void idle() throws InterruptedException {
                tidying.countDown();
                closed.await();
              }
            });
    queue.offer(1);
    tidying.await();
    queue.offer(2);
    Thread closes = Thread.ofPlatform().start(() -> queue.close(10_000));
    while (closes.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    closed.countDown();
    closes.join();
    assertEquals(List.of(1, 2), taken);
    assertEquals(0, queue.drops());
  }

  @Test
  void everythingArrivesInOrder() {
    List<Integer> taken = Collections.synchronizedList(new ArrayList<>());
    SinkQueue<Integer> queue = new SinkQueue<>("quick", 10_000, taken::add);
    for (int i = 0; i < 10_000; i++) {
      queue.offer(i);
    }
    queue.close(10_000);
    assertEquals(IntStream.range(0, 10_000).boxed().toList(), taken);
    assertEquals(0, queue.drops());
  }
}
