package io.vipscope.core.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import io.vipscope.core.frame.FrameDecoder;
import io.vipscope.core.frame.FrameHeader;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DuplicatesTest {

  private static final long WINDOW_NS = 100_000;

  private final Duplicates duplicates = new Duplicates(WINDOW_NS);
  private final FrameDecoder decoder = new FrameDecoder();
  private final FrameHeader h = new FrameHeader();

  private boolean isCopy(byte[] frame, long tsNs) {
    MemorySegment data = MemorySegment.ofArray(frame);
    decoder.decode(data, 0, frame.length, frame.length, 1, h);
    return duplicates.isCopy(data, 0, frame.length, h, tsNs);
  }

  private static FrameBuilder syn(int port) {
    return FrameBuilder.tcp("10.0.0.1", port, "10.0.0.2", 443, FrameBuilder.SYN);
  }

  @Test
  void copyWithinTheWindowIsOne() {
    assertFalse(isCopy(syn(1).ethernet(), 1_000));
    assertTrue(isCopy(syn(1).ethernet(), 1_000 + WINDOW_NS));
    assertTrue(isCopy(syn(1).ethernet(), 1_000 + WINDOW_NS), "a third one too");
    assertFalse(isCopy(syn(1).ethernet(), 1_002 + WINDOW_NS), "a repetition is none");
    assertFalse(isCopy(syn(1).ethernet(), 1_001), "time went back");
  }

  @Test
  void tagsAndPaddingMakeNoDifference() {
    byte[] plain = syn(1).ethernet();
    assertFalse(isCopy(plain, 0));
    assertTrue(isCopy(syn(1).vlan(100).ethernet(), 1));
    assertTrue(isCopy(Arrays.copyOf(plain, 64), 2));
  }

  @Test
  void anyByteMakesADifference() {
    byte[] frame = FrameBuilder.udp("10.0.0.1", 5, "10.0.0.2", 53).ethernet();
    assertFalse(isCopy(frame, 0));
    for (int i = 0; i < frame.length; i++) {
      if (i >= 12 && i < 24) {
        continue; // type, version, length, fragment bits: not the same kind of frame any more
      }
      byte[] other = frame.clone();
      other[i] ^= 1;
      assertFalse(isCopy(other, 1), "byte " + i);
    }
    assertTrue(isCopy(frame, 2));
  }

  @Test
  void manyFramesBetweenDoNotMatter() {
    int copies = 0;
    for (int i = 0; i < 1000; i++) {
      isCopy(syn(i).ethernet(), i);
    }
    for (int i = 0; i < 1000; i++) {
      copies += isCopy(syn(i).ethernet(), 1000 + i) ? 1 : 0;
    }
    assertTrue(copies > 900, copies + " of 1000; those whose place was taken are let through");
    assertEquals(false, Duplicates.NONE.isCopy(MemorySegment.NULL, 0, 0, h, 0));
  }
}
