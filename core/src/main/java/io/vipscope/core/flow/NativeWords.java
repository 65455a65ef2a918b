package io.vipscope.core.flow;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Memory outside the heap, by address. An address is not checked: who asks must hold the memory and
 * have compared the length. That is for the few places that every frame passes.
 */
final class NativeWords {

  /** One constant segment for all memory: its checks cost nothing once compiled. */
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final ValueLayout.OfShort BIG_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BIG_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private NativeWords() {}

  /** A word of 8 bytes, as this machine writes it. */
  static long get(long address) {
    return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
  }

  static void set(long address, long value) {
    ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
  }

  // In network byte order.

  static int u16(long address) {
    return ALL.get(BIG_SHORT, address) & 0xffff;
  }

  static int i32(long address) {
    return ALL.get(BIG_INT, address);
  }

  static long i64(long address) {
    return ALL.get(BIG_LONG, address);
  }
}
