package io.vipscope.core.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table against a map, with hashes that collide often. */
class FlowTableFuzzTest {

  private static final int LIMIT = 2000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void sameAsAMap(long seed) {
    Random random = new Random(seed);
    FlowTable table = new FlowTable(LIMIT);
    Map<Integer, Long> expected = new HashMap<>();
    Map<Integer, Integer> hashOf = new HashMap<>();
    for (int step = 1; step <= 40_000; step++) {
      boolean growing = step / 5000 % 2 == 0;
      if (random.nextInt(10) < (growing ? 8 : 3)) {
        // Few hashes, some of them at the index's end, so that chains wrap around.
        int hash = random.nextInt(300) - 150;
        int slot = table.insert(hash);
        assertEquals(expected.size() == LIMIT, slot == FlowTable.NONE);
        if (slot != FlowTable.NONE) {
          table.words[table.base + FlowTable.FRAME] = step;
          assertEquals(null, expected.put(slot, (long) step));
          hashOf.put(slot, hash);
        }
      } else if (!expected.isEmpty()) {
        List<Integer> slots = new ArrayList<>(expected.keySet());
        int slot = slots.get(random.nextInt(slots.size()));
        table.remove(slot);
        expected.remove(slot);
        hashOf.remove(slot);
      }
      assertEquals(expected.size(), table.size());
      if (step % 997 == 0) {
        assertSame(table, expected, hashOf);
      }
    }
  }

  private static void assertSame(
      FlowTable table, Map<Integer, Long> expected, Map<Integer, Integer> hashOf) {
    expected.forEach((slot, frame) -> {
      int hash = hashOf.getOrDefault(slot, 0);
      int place = table.start(hash);
      while (table.slotAt(place, hash) != slot) {
        if (table.slotAt(place, hash) == FlowTable.NONE) {
          throw new AssertionError("slot " + slot + " is lost");
        }
        place = table.after(place);
      }
      table.at(slot);
      assertEquals(frame, table.words[table.base + FlowTable.FRAME]);
    });
    int used = 0;
    for (int slot = 0; slot < table.highWater(); slot++) {
      used += table.used(slot) ? 1 : 0;
    }
    assertEquals(expected.size(), used);
  }
}
