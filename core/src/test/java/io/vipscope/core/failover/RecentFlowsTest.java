package io.vipscope.core.failover;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.net.IpAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Flows in use, against a list of all that was ever seen. */
class RecentFlowsTest {

  private static final long WINDOW_NS = 1L << 30;
  private static final IpAddress CLIENT = IpAddress.parse("198.51.100.1");

  private record Seen(int segment, IpAddress src, IpAddress dst, long tsNs) {}

  @Test
  void countsWhatHadAFrameWithinTheWindow() {
    Random random = new Random(7);
    RecentFlows recent = new RecentFlows();
    Map<Long, Seen> all = new HashMap<>();
    long nowNs = 0;
    for (int i = 0; i < 100_000; i++) {
      nowNs += random.nextInt(2_000_000);
      long flow =
          random.nextBoolean() ? 1L + random.nextInt(100) : 1L + i / 20 + random.nextInt(2_000);
      int segment = random.nextInt(3) - 1;
      IpAddress vip = vip(flow % 4);
      boolean answer = random.nextBoolean();
      IpAddress src = answer ? vip : CLIENT;
      IpAddress dst = answer ? CLIENT : vip;
      recent.seen(flow, segment, src, dst, nowNs);
      all.put(flow, new Seen(segment, src, dst, nowNs));
      if (i % 997 == 0) {
        long atNs = nowNs - random.nextInt(500_000_000);
        for (int s = -1; s < 2; s++) {
          Set<IpAddress> vips = Set.of(vip(0), vip(3));
          assertEquals(count(all, s, vips, atNs), recent.inUse(s, vips, atNs), "frame " + i);
        }
      }
    }
  }

  private static IpAddress vip(long n) {
    return IpAddress.parse("192.0.2." + (n + 1));
  }

  private static int count(Map<Long, Seen> all, int segment, Set<IpAddress> vips, long atNs) {
    return (int)
        all.values().stream()
            .filter(s -> s.segment() == segment)
            .filter(s -> s.tsNs() <= atNs && s.tsNs() >= atNs - WINDOW_NS)
            .filter(s -> vips.contains(s.src()) || vips.contains(s.dst()))
            .count();
  }
}
