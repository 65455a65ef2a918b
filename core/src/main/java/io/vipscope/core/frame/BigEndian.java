package io.vipscope.core.frame;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Reads unsigned numbers in network byte order. The segment checks the bounds. */
final class BigEndian {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private BigEndian() {}

  static int u8(MemorySegment data, long at) {
    return data.get(ValueLayout.JAVA_BYTE, at) & 0xff;
  }

  static int u16(MemorySegment data, long at) {
    return data.get(SHORT, at) & 0xffff;
  }

  static int i32(MemorySegment data, long at) {
    return data.get(INT, at);
  }

  static long u48(MemorySegment data, long at) {
    return (long) u16(data, at) << 32 | data.get(INT, at + 2) & 0xffffffffL;
  }

  static long i64(MemorySegment data, long at) {
    return data.get(LONG, at);
  }
}
