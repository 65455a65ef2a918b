package io.vipscope.core.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table against a map, with hashes that collide often. */
class FlowTableFuzzTest {

  private static final int LIMIT = 2000;

  /** Few values, some of them at the index's end, so that chains are long and wrap around. */
  private static final class Colliding extends FlowHash {
    Colliding() {
      super(0);
    }

    @Override
    public int of(
        long srcHi, long srcLo, int srcPort, long dstHi, long dstLo, int dstPort, int protocol) {
      return (int) (srcLo % 300 - 150) << 22;
    }
  }

  private final FlowHash hash = new Colliding();

  private int hash(long key) {
    return hash.of(0, key, 0, 0, 0, 0, 0);
  }

  @ParameterizedTest
  @CsvSource({"1, true", "2, false", "3, true", "4, false"})
  void sameAsAMap(long seed, boolean v6) {
    Random random = new Random(seed);
    FlowTable table = new FlowTable(hash, v6, LIMIT);
    Map<Integer, Long> expected = new HashMap<>();
    for (long step = 1; step <= 40_000; step++) {
      boolean growing = step / 5000 % 2 == 0;
      if (random.nextInt(10) < (growing ? 8 : 3)) {
        int slot = table.insert(hash(step));
        assertEquals(expected.size() == LIMIT, slot == FlowTable.NONE);
        if (slot != FlowTable.NONE) {
          long line = table.line(slot);
          FlowTable.set(line, FlowTable.FROM_BYTES, step);
          FlowTable.set(line, FlowTable.PORTS, FlowTable.ports(v6, 0, 0, 0));
          FlowTable.set(
              line, v6 ? FlowTable.V6_ADDRESSES : FlowTable.ADDRESSES, v6 ? step : step << 32);
          FlowTable.set(table.rest(slot), FlowTable.FIRST, step);
          assertEquals(null, expected.put(slot, step));
        }
      } else if (!expected.isEmpty()) {
        List<Integer> slots = new ArrayList<>(expected.keySet());
        int slot = slots.get(random.nextInt(slots.size()));
        table.remove(slot);
        expected.remove(slot);
      }
      assertEquals(expected.size(), table.size());
      if (step % 997 == 0) {
        assertSame(table, expected);
      }
    }
  }

  private void assertSame(FlowTable table, Map<Integer, Long> expected) {
    expected.forEach((slot, frame) -> {
      int wanted = hash(frame);
      int place = table.start(wanted);
      while (table.slotOf(table.entry(place), wanted) != slot) {
        if (table.entry(place) == 0) {
          throw new AssertionError("slot " + slot + " is lost");
        }
        place = table.after(place);
      }
      assertEquals(frame, FlowTable.get(table.line(slot), FlowTable.FROM_BYTES));
      assertEquals(frame, FlowTable.get(table.rest(slot), FlowTable.FIRST));
    });
    int used = 0;
    for (int slot = 0; slot < table.highWater(); slot++) {
      used += table.isUsed(slot) ? 1 : 0;
    }
    assertEquals(expected.size(), used);
  }
}
