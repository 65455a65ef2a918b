package io.vipscope.capture.live;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vipscope.capture.CaptureException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdapterClockTest {

  private static final long NOW_NS = 1_767_225_600_000_000_000L;

  private static @Nullable String refusal(long offsetNs) {
    return assertThrows(
            CaptureException.class, () -> AdapterClock.check("eth1", NOW_NS + offsetNs, NOW_NS))
        .getMessage();
  }

  @Test
  void thatGoesByTheSystemsIsTaken() {
    assertDoesNotThrow(() -> AdapterClock.check("eth1", NOW_NS - 1_900_000_000L, NOW_NS));
    assertDoesNotThrow(() -> AdapterClock.check("eth1", NOW_NS + 1_900_000_000L, NOW_NS));
  }

  /** Under ptp4l an adapter has TAI, 37 s ahead of UTC; without, often the time since its start. */
  @Test
  void thatGoesItsOwnWayIsNot() {
    assertEquals(
        "eth1: the clock of the adapter is 37.0 s ahead of the system's; keep them together"
            + " (phc2sys), or use -j host",
        refusal(37_000_000_000L));
    assertEquals(
        "eth1: the clock of the adapter is 1767225600.0 s behind the system's; keep them together"
            + " (phc2sys), or use -j host",
        refusal(-NOW_NS));
  }
}
