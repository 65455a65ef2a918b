package io.vipscope.core.worker;

import com.lmax.disruptor.Sequence;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongPredicate;

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
   * @param waits whether there is something to do at a place
   * @param most places at one go
   * @return whether something was done
   */
  public boolean take(LongPredicate waits, int most, Work work) throws InterruptedException {
    if (!waits.test(done.get() + 1) || !taken.compareAndSet(false, true)) {
      return false;
    }
    try {
      long first = done.get() + 1;
      long sequence = first;
      for (; sequence < first + most && waits.test(sequence); sequence++) {
        try {
          work.at(sequence, !waits.test(sequence + 1));
        } finally {
          done.set(sequence);
        }
      }
      return sequence > first;
    } finally {
      taken.set(false);
    }
  }
}
