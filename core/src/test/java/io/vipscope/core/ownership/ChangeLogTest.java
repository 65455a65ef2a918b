package io.vipscope.core.ownership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.OwnershipTimeline.Change;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeLogTest {

  private static final IpAddress VIP = new IpAddress(false, 0, 0x0a000064);
  private static final IpAddress OTHER = new IpAddress(false, 0, 0x0a000065);

  private final ChangeLog log = new ChangeLog();
  private final List<Change> all = new ArrayList<>();

  private void add(long tsNs, IpAddress vip) {
    Change change = new Change(tsNs, "lb1", vip, tsNs % 2 == 0, false);
    log.add(change);
    all.add(change);
  }

  @Test
  void anEmptyOneHasNoLatestTime() {
    assertEquals(Long.MIN_VALUE, log.latestNs());
    assertEquals(List.of(), log.after(Long.MIN_VALUE));
  }

  @Test
  void whatCannotBeLaterIsLeftOut() {
    for (long tsNs : new long[] {10, 20, 40, 30, 50, 60, 70, 80, 90, 100}) {
      add(tsNs, VIP);
    }
    assertEquals(100, log.latestNs());
    assertEquals(all, log.after(Long.MIN_VALUE));
    assertEquals(all.subList(2, all.size()), log.after(25), "30 comes after 40");
    assertEquals(all.subList(2, all.size()), log.after(39));
    assertEquals(all.subList(4, all.size()), log.after(40));
    assertEquals(List.of(), log.after(100));
  }

  @Test
  void eachVipHasItsOwn() {
    add(1, VIP);
    add(2, OTHER);
    add(3, VIP);
    assertEquals(
        List.of(List.of(all.get(0), all.get(2)), List.of(all.get(1))), List.copyOf(log.byVip()));
    assertEquals(3, log.size());
  }
}
