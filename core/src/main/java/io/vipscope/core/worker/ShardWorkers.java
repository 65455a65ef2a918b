package io.vipscope.core.worker;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import io.vipscope.core.ring.FrameBlock;
import io.vipscope.core.ring.Helper;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The threads that work on the shards. No thread has shards of its own: each does what is to be
 * done next, beginning elsewhere than the others. So the work is shared evenly whatever the flows
 * are, and the reader, when the ring is full, does a part of it instead of waiting.
 */
public final class ShardWorkers implements Helper {

  /** About 20 to 50 microseconds. */
  private static final int SPINS = 500;

  private final RingBuffer<FrameBlock> ring;
  private final List<Shard> shards;
  private final List<Thread> threads = new ArrayList<>();
  private final SequenceBarrier barrier;
  private final Consumer<Throwable> failures;

  /** Makes the threads; {@link #start} starts them. */
  public ShardWorkers(
      RingBuffer<FrameBlock> ring, List<Shard> shards, int workers, Consumer<Throwable> failures) {
    this.ring = ring;
    this.shards = List.copyOf(shards);
    this.failures = failures;
    barrier = ring.newBarrier();
    for (int i = 0; i < workers; i++) {
      int first = i * shards.size() / workers;
      threads.add(Thread.ofPlatform().daemon().name("worker-" + i).unstarted(() -> run(first)));
    }
  }

  public void start() {
    threads.forEach(Thread::start);
  }

  /** Ends the threads: whatever is in the ring stays there. */
  public void halt() {
    barrier.alert();
    threads.forEach(Thread::interrupt);
  }

  @Override
  public boolean help() throws InterruptedException {
    return work(shards.size() - 1, ring.getCursor());
  }

  private boolean work(int first, long available) throws InterruptedException {
    boolean worked = false;
    for (int i = 0; i < shards.size() && !worked; i++) {
      worked = shards.get((first + shards.size() - i) % shards.size()).work(available);
    }
    return worked;
  }

  /** Waking a thread takes the reader longer than a block: it is worth a short wait. */
  private boolean comesSoon(long available) {
    for (int i = 0; i < SPINS; i++) {
      if (ring.getCursor() > available) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private void run(int first) {
    try {
      while (true) {
        long available = ring.getCursor();
        boolean worked = false;
        for (int i = 0; i < shards.size(); i++) {
          worked |= shards.get((first + i) % shards.size()).work(available);
        }
        if (!worked && !comesSoon(available)) {
          barrier.waitFor(available + 1);
        }
      }
    } catch (AlertException | InterruptedException _) {
      // Halted.
    } catch (TimeoutException | RuntimeException | Error e) {
      failures.accept(e);
    }
  }
}
