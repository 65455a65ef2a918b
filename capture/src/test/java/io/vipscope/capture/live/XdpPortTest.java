package io.vipscope.capture.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class XdpPortTest {

  private static final long GIB = 1L << 30;

  /** As many as are worth it, as the machine can spare, and as a driver needs to begin with. */
  @Test
  void chunksAreShared() {
    assertEquals(1 << 18, XdpPort.chunks(24 * GIB, 1, 2048));
    assertEquals(1 << 16, XdpPort.chunks(24 * GIB, 3, 2048));
    assertEquals(1 << 16, XdpPort.chunks(2 * GIB, 1, 2048));
    assertEquals(1 << 15, XdpPort.chunks(2 * GIB, 1, 4096));
    assertEquals(1 << 12, XdpPort.chunks(2 * GIB, 64, 4096));
    assertEquals(1 << 12, XdpPort.chunks(0, 1, 2048));
  }
}
