package io.vipscope.bench;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Prints how long a word takes from one thread to another, each on a core of its own: half of the
 * time that a number takes there and back, in nanoseconds. What the threads of an audit hand over
 * costs a multiple of it. Cores that share a cache are some 30 ns apart, others 100 ns and more; a
 * virtual machine's may be moved from one to the other at any time, and rates change with it.
 */
final class CoreDistance {

  private static final int TURNS = 500_000;
  private static final int ROUNDS = 3;

  private CoreDistance() {}

  public static void main(String[] args) throws InterruptedException {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      System.err.println("bench/run distance: there is but one core");
      System.exit(1);
    }
    double least = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      least = Math.min(least, oneWayNs());
    }
    System.out.printf("%.0f%n", least);
  }

  private static double oneWayNs() throws InterruptedException {
    AtomicLong turn = new AtomicLong();
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              for (long n = 0; n < TURNS; n++) {
                await(turn, 2 * n + 1);
                turn.set(2 * n + 2);
              }
            });
    long startNs = System.nanoTime();
    for (long n = 0; n < TURNS; n++) {
      turn.set(2 * n + 1);
      await(turn, 2 * n + 2);
    }
    long tookNs = System.nanoTime() - startNs;
    other.join();
    return tookNs / 2.0 / TURNS;
  }

  private static void await(AtomicLong turn, long value) {
    while (turn.get() != value) {
      Thread.onSpinWait();
    }
  }
}
