package io.vipscope.core.worker;

import com.lmax.disruptor.Sequence;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets any thread do the next work of a sequence, one thread at a time: each sees what those before
 * have done. A thread that finds another one at it goes on to something else.
 */
public final class Turn {

  /** Does the work of one place in the sequence. */
  public interface Work {
    /**
     * Does it.
     *
     * @param last nothing further waits
     */
    void at(long sequence, boolean last) throws InterruptedException;
  }

  /** The last place that is done. */
  private final Sequence done = new Sequence();

  private final AtomicBoolean taken = new AtomicBoolean();

  /** The last place that is done: what gates the ring. */
  public Sequence done() {
    return done;
  }

  /**
   * Does what comes next, if there is any and no other thread is at it.
   *
   * @param available the last place at which there is something to do
   * @param most places at one go
   * @return whether something was done
   */
  public boolean take(long available, int most, Work work) throws InterruptedException {
    if (done.get() >= available || !taken.compareAndSet(false, true)) {
      return false;
    }
    try {
      long first = done.get() + 1;
      long last = Math.min(available, first + most - 1);
      for (long sequence = first; sequence <= last; sequence++) {
        try {
          work.at(sequence, sequence == available);
        } finally {
          done.set(sequence);
        }
      }
      return first <= last;
    } finally {
      taken.set(false);
    }
  }
}
