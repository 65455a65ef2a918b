package io.vipscope.core.worker;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import io.vipscope.core.ring.BlockSlot;
import io.vipscope.core.ring.Helper;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The threads that work on the shards. No thread has shards of its own, but each has its
 * favourites: it always begins at the same one, and goes on to the next only where there is nothing
 * to do. So the work is shared evenly whatever the flows are, and yet a shard's lines of the flow
 * table seldom move from core to core. The reader, when the ring is full, does a part of the work
 * instead of waiting, beginning at the last shard.
 */
public final class ShardWorkers implements Helper {

  /** About 20 to 50 microseconds. */
  private static final int SPINS = 500;

  private final RingBuffer<BlockSlot> ring;
  private final List<Shard> shards;
  private final List<Thread> threads = new ArrayList<>();
  private final SequenceBarrier barrier;
  private final Consumer<Throwable> failures;

  /** Makes the threads; {@link #start} starts them. */
  public ShardWorkers(
      RingBuffer<BlockSlot> ring, List<Shard> shards, int workers, Consumer<Throwable> failures) {
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
    boolean worked = false;
    for (int i = shards.size() - 1; i >= 0 && !worked; i--) {
      worked = shards.get(i).work();
    }
    return worked;
  }

  /** The first block that nobody has done anything of. */
  private long next() {
    long done = shards.getFirst().done();
    for (Shard shard : shards) {
      done = Math.max(done, shard.done());
    }
    return done + 1;
  }

  /** Waking a thread takes the reader longer than a block: it is worth a short wait. */
  private boolean comesSoon(long sequence) {
    for (int i = 0; i < SPINS; i++) {
      if (ring.isAvailable(sequence)) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private void run(int first) {
    try {
      while (true) {
        boolean worked = false;
        for (int i = 0; i < shards.size() && !worked; i++) {
          worked = shards.get((first + i) % shards.size()).work();
        }
        if (!worked) {
          long next = next();
          if (!comesSoon(next)) {
            long _ = barrier.waitFor(next);
          }
        }
      }
    } catch (AlertException | InterruptedException _) {
      // Halted.
    } catch (TimeoutException | RuntimeException | Error e) {
      failures.accept(e);
    }
  }
}
