package io.vipscope.core.worker;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import java.util.Locale;

/** What workers do while no block is there. */
public enum Waiting {
  /** Look for some 20 to 50 microseconds, then sleep until the reader wakes them. */
  BLOCK,
  /** Look all the time, but let other threads go first: a core each, unless others want it. */
  YIELD,
  /** Look all the time: a core each, and the shortest way from the frame to its flow. */
  SPIN;

  /** A new strategy of that kind. */
  public WaitStrategy strategy() {
    return switch (this) {
      case BLOCK -> new BlockingWaitStrategy();
      case YIELD -> new YieldingWaitStrategy();
      case SPIN -> new BusySpinWaitStrategy();
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
