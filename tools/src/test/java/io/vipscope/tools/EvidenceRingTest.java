package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.FileSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The frames that a live audit keeps for a while. */
class EvidenceRingTest {

  private static final int CAPACITY = 4_096;
  private static final int SNAP = 128;

  /** A frame whose every byte is its number. */
  private record Numbered(int number, int length) implements FileSource {
    @Override
    public Next next() {
      return Next.FRAME;
    }

    @Override
    public long timestampNs() {
      return number * 1_000L;
    }

    @Override
    public int wireLength() {
      return length + 1;
    }

    @Override
    public int capturedLength() {
      return length;
    }

    @Override
    public int linkType() {
      return 1;
    }

    @Override
    public MemorySegment data() {
      byte[] bytes = new byte[length];
      java.util.Arrays.fill(bytes, (byte) number);
      return MemorySegment.ofArray(bytes);
    }

    @Override
    public long dataOffset() {
      return 0;
    }

    @Override
    public String name() {
      return "numbered";
    }

    @Override
    public void stop() {}

    @Override
    public void close() {}
  }

  private final EvidenceRing ring = new EvidenceRing(CAPACITY, SNAP);
  private final List<Long> taken = new ArrayList<>();

  private boolean take(long beforeNs) {
    return ring.take(
        beforeNs,
        (data, offset, kept, wire, linkType, source, tsNs, number) -> {
          assertEquals(number * 1_000, tsNs);
          assertTrue(kept <= SNAP && wire > kept);
          for (int i = 0; i < kept; i++) {
            assertEquals((byte) number, data.get(ValueLayout.JAVA_BYTE, offset + i));
          }
          taken.add(number);
        });
  }

  @Test
  void framesStayUntilTheirTime() {
    for (int n = 1; n <= 5; n++) {
      ring.put(new Numbered(n, 60));
    }
    assertTrue(take(3_000));
    assertEquals(List.of(1L, 2L), taken);
    assertFalse(take(3_000));
    assertTrue(take(Long.MAX_VALUE));
    assertEquals(List.of(1L, 2L, 3L, 4L, 5L), taken);
  }

  @Test
  void sizesOfAllKindsGoRoundTheRing() {
    for (int n = 1; n <= 2_000; n++) {
      ring.put(new Numbered(n, 14 + n * 37 % 1_500));
      if (n % 7 == 0) {
        assertTrue(take(Long.MAX_VALUE));
        assertEquals(n, taken.size());
      }
    }
    assertEquals(0, ring.lost());
  }

  @Test
  void whatHasNoRoomIsCountedAndTheOthersAreWhole() {
    for (int n = 1; n <= 100; n++) {
      ring.put(new Numbered(n, 200));
    }
    assertTrue(take(Long.MAX_VALUE));
    assertEquals(100, taken.size() + ring.lost());
    assertTrue(ring.lost() > 0);
    ring.put(new Numbered(101, 200));
    assertTrue(take(Long.MAX_VALUE));
    assertEquals(101L, taken.getLast(), "places go on");
  }

  @Test
  void fullRingIsTakenBeforeItsTime() {
    for (int n = 1; n <= 20; n++) {
      ring.put(new Numbered(n, 200));
    }
    assertTrue(take(0));
    assertTrue(taken.size() > 5 && taken.size() < 20, taken::toString);
  }
}
