package io.vipscope.bench.stress;

import io.vipscope.core.worker.Turn;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two threads take turns at six blocks of a shard: every block is done once, in order, and the
 * shard's plain fields are never those of a moment before.
 */
@JCStressTest
@Outcome(id = "6, 0", expect = Expect.ACCEPTABLE, desc = "each once, in order")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost, done twice, or out of order")
@State
public class TurnStress {

  private static final int LAST = 5;
  private static final int BURST = 2;

  private final Turn turn = new Turn();
  private int count;
  private long before = -1;
  private int disorder;

  private void block(long sequence, boolean last) {
    count++;
    disorder += sequence == before + 1 ? 0 : 1;
    before = sequence;
  }

  private void work() {
    try {
      while (turn.done().get() < LAST) {
        boolean _ = turn.take(place -> place <= LAST, BURST, this::block);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Actor
  public void reader() {
    work();
  }

  @Actor
  public void worker() {
    work();
  }

  @Arbiter
  public void end(II_Result r) {
    r.r1 = count;
    r.r2 = disorder;
  }
}
