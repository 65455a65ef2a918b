package io.vipscope.tools.export;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hands what an audit found to a receiver that may be slow or gone, on a thread of its own. The
 * audit's thread never waits: what the queue has no room for is dropped and counted.
 *
 * @param <T> what is handed over
 */
final class SinkQueue<T> {

  /** The receiver's side: called on the queue's thread alone. */
  interface Receiver<T> {

    /** Sends one; takes as long as it takes, or until the queue is closed and out of patience. */
    void send(T item) throws InterruptedException;

    /** Nothing waits now: sends what was collected, does what is due. */
    default void idle() throws InterruptedException {}
  }

  private static final long IDLE_MS = 100;

  private final BlockingQueue<T> queue;
  private final Receiver<T> receiver;
  private final AtomicLong drops = new AtomicLong();
  private volatile String reason = "";
  private final Thread thread;
  private volatile boolean closing;

  /**
   * Starts the thread.
   *
   * @param capacity how many may wait
   */
  SinkQueue(String name, int capacity, Receiver<T> receiver) {
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.receiver = receiver;
    thread = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /** Hands over; never waits. */
  void offer(T item) {
    if (closing || !queue.offer(item)) {
      drops.incrementAndGet();
    }
  }

  /** What was dropped so far. */
  long drops() {
    return drops.get();
  }

  /** Adds what the receiver itself had to give up. */
  void lost(long count) {
    drops.addAndGet(count);
  }

  /** Remembers why the receiver failed. */
  void failed(String why) {
    reason = why;
  }

  /** Why the receiver failed last; empty if it never did. */
  String reason() {
    return reason;
  }

  private void run() {
    int sending = 0;
    try {
      while (true) {
        T item = queue.poll(IDLE_MS, TimeUnit.MILLISECONDS);
        if (item != null) {
          sending = 1;
          receiver.send(item);
          sending = 0;
        }
        boolean last = closing; // read first: what comes in during idle() takes another turn
        if (queue.isEmpty()) {
          receiver.idle();
          if (last) {
            return;
          }
        }
      }
    } catch (InterruptedException _) {
      drops.addAndGet(queue.size() + sending);
      queue.clear();
    }
  }

  /** Waits until all is sent, for so long at most; the rest counts as dropped. */
  void close(long patienceMs) {
    closing = true;
    try {
      if (!thread.join(Duration.ofMillis(patienceMs))) {
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException _) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
