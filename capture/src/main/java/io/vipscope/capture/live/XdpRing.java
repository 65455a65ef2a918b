package io.vipscope.capture.live;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A ring shared with the kernel, one side ours (linux/if_xdp.h): two counters that wrap at 2^32,
 * and entries. What the kernel wrote before it moved its counter is seen after that was read, and
 * the other way round. One thread uses an instance.
 */
@SuppressWarnings("restricted") // native access is granted on the command line
final class XdpRing {

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final int MAP_POPULATE = 0x8000;
  private static final int XDP_RING_NEED_WAKEUP = 1;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final VarHandle COUNTER = INT.varHandle();

  private final MemorySegment memory;
  private final long producer;
  private final long consumer;
  private final long entries;
  private final long flags;
  private final int mask;
  private final int shift;

  /**
   * Maps a ring of a socket.
   *
   * @param offsets of its parts: {@code struct xdp_ring_offset}
   * @param page where the socket keeps it: XDP_PGOFF_RX_RING, ...
   * @param size entries, a power of two
   * @param entryShift log2 of an entry's bytes
   */
  static XdpRing map(
      Posix posix, int fd, MemorySegment offsets, long page, int size, int entryShift) {
    long bytes = offsets.get(LONG, 16) + ((long) size << entryShift);
    MemorySegment mapped = posix.mmap(fd, bytes, PROT_READ_WRITE, MAP_SHARED | MAP_POPULATE, page);
    XdpFailure.check(posix, mapped.address() == -1 ? -1 : 0, "mapping a ring");
    return new XdpRing(mapped.reinterpret(bytes), offsets, size, entryShift);
  }

  XdpRing(MemorySegment memory, MemorySegment offsets, int size, int entryShift) {
    this.memory = memory;
    producer = offsets.get(LONG, 0);
    consumer = offsets.get(LONG, 8);
    entries = offsets.get(LONG, 16);
    flags = offsets.get(LONG, 24);
    mask = size - 1;
    shift = entryShift;
  }

  /** How far its producer has come. */
  int produced() {
    return (int) COUNTER.getAcquire(memory, producer);
  }

  /** How far its consumer has come. */
  int consumed() {
    return (int) COUNTER.getAcquire(memory, consumer);
  }

  /** As producer: everything before this is the consumer's. */
  void produce(int upTo) {
    COUNTER.setRelease(memory, producer, upTo);
  }

  /** As consumer: everything before this has been taken. */
  void consume(int upTo) {
    COUNTER.setRelease(memory, consumer, upTo);
  }

  /** Whether the kernel sleeps and has to be called. */
  boolean needsWakeup() {
    return ((int) COUNTER.getOpaque(memory, flags) & XDP_RING_NEED_WAKEUP) != 0;
  }

  /** Where the entry of a counter's value is in {@link #memory()}. */
  long entry(int counter) {
    return entries + ((long) (counter & mask) << shift);
  }

  MemorySegment memory() {
    return memory;
  }

  void unmap(Posix posix) {
    int _ = posix.munmap(memory, memory.byteSize());
  }
}
