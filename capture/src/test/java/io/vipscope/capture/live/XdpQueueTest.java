package io.vipscope.capture.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A queue against a kernel of our own making. */
class XdpQueueTest {

  private static final int CHUNKS = 16;
  private static final int CHUNK_BYTES = 2048;
  private static final int HEADROOM = 256;
  private static final int MOST = CHUNK_BYTES - HEADROOM;
  private static final long BASE = CHUNKS * CHUNK_BYTES; // a second queue's part
  private static final long SCRATCH = 2 * BASE;
  private static final int SCRATCH_BYTES = 8192;

  private static final int PRODUCER = 0;
  private static final int CONSUMER = 64;
  private static final int FLAGS = 128;
  private static final int ENTRIES = 192;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment memory = arena.allocate(SCRATCH + SCRATCH_BYTES, 8);
  private final MemorySegment rx = arena.allocate(ENTRIES + CHUNKS * 16, 8);
  private final MemorySegment fr = arena.allocate(ENTRIES + 2 * CHUNKS * 8, 8);

  /** The kernel's side: chunks it holds, its counters. */
  private final Deque<Long> empty = new ArrayDeque<>();

  private int rxProduced;
  private int frConsumed;

  private XdpQueue queue(int startedAt) {
    MemorySegment offsets = arena.allocate(32, 8);
    offsets.setAtIndex(ValueLayout.JAVA_LONG, 0, PRODUCER);
    offsets.setAtIndex(ValueLayout.JAVA_LONG, 1, CONSUMER);
    offsets.setAtIndex(ValueLayout.JAVA_LONG, 2, ENTRIES);
    offsets.setAtIndex(ValueLayout.JAVA_LONG, 3, FLAGS);
    for (MemorySegment ring : List.of(rx, fr)) {
      ring.set(ValueLayout.JAVA_INT, PRODUCER, startedAt);
      ring.set(ValueLayout.JAVA_INT, CONSUMER, startedAt);
    }
    rxProduced = startedAt;
    frConsumed = startedAt;
    return new XdpQueue(
        new XdpRing(rx, offsets, CHUNKS, 4),
        new XdpRing(fr, offsets, 2 * CHUNKS, 3),
        memory,
        BASE,
        CHUNKS,
        CHUNK_BYTES,
        SCRATCH);
  }

  /** Takes what is in the fill ring; no chunk may be there twice, or be no chunk. */
  private void refill() {
    int produced = fr.get(ValueLayout.JAVA_INT, PRODUCER);
    for (; frConsumed != produced; frConsumed++) {
      int slot = frConsumed & 2 * CHUNKS - 1;
      empty.add(fr.get(ValueLayout.JAVA_LONG, ENTRIES + slot * 8L));
    }
    fr.set(ValueLayout.JAVA_INT, CONSUMER, frConsumed);
    Set<Long> once = new HashSet<>(empty);
    assertEquals(empty.size(), once.size(), "a chunk came back twice");
    for (long chunk : empty) {
      assertTrue(chunk % CHUNK_BYTES == 0 && chunk >= 0 && chunk < BASE, "chunk " + chunk);
    }
  }

  /** Whether the kernel had chunks for this frame, whose bytes are n, n + 1, ... */
  private boolean deliver(int n, int length) {
    refill();
    int pieces = (length + MOST - 1) / MOST;
    if (empty.size() < pieces) {
      return false;
    }
    for (int piece = 0; piece < pieces; piece++) {
      long chunk = empty.remove() + HEADROOM;
      int bytes = Math.min(MOST, length - piece * MOST);
      for (int i = 0; i < bytes; i++) {
        memory.set(ValueLayout.JAVA_BYTE, BASE + chunk + i, (byte) (n + piece * MOST + i));
      }
      long entry = ENTRIES + (rxProduced & CHUNKS - 1) * 16L;
      rx.set(ValueLayout.JAVA_LONG, entry, chunk);
      rx.set(ValueLayout.JAVA_INT, entry + 8, bytes);
      rx.set(ValueLayout.JAVA_INT, entry + 12, piece == pieces - 1 ? 0 : 1);
      rxProduced++;
    }
    rx.set(ValueLayout.JAVA_INT, PRODUCER, rxProduced);
    return true;
  }

  private void check(XdpQueue queue, int n, int length) {
    assertEquals(length, queue.frameLength());
    assertEquals(Math.min(length, SCRATCH_BYTES), queue.capturedLength());
    for (int i = 0; i < queue.capturedLength(); i++) {
      byte found = memory.get(ValueLayout.JAVA_BYTE, queue.frameOffset() + i);
      assertEquals((byte) (n + i), found, "byte " + i + " of frame " + n);
    }
  }

  /** Batches, frames in several chunks, counters that wrap, a kernel without chunks. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, -100, Integer.MAX_VALUE - 50})
  void everyFrameOnceAndInOrder(int startedAt) {
    Random random = new Random(startedAt);
    XdpQueue queue = queue(startedAt);
    Deque<int[]> sent = new ArrayDeque<>();
    int refused = 0;
    int read = 0;
    for (int n = 0; n < 5000; n++) {
      int length =
          random.nextInt(4) == 0 ? 60 + random.nextInt(9000) : 60 + random.nextInt(MOST - 60);
      if (deliver(n, length)) {
        sent.add(new int[] {n, length});
      } else {
        refused++;
      }
      if (random.nextInt(5) == 0 && queue.take(1 + random.nextInt(8))) {
        while (queue.next()) {
          int[] frame = sent.remove();
          check(queue, frame[0], frame[1]);
          read++;
        }
        queue.giveBack();
      }
    }
    while (queue.take(8)) {
      while (queue.next()) {
        int[] frame = sent.remove();
        check(queue, frame[0], frame[1]);
        read++;
      }
      queue.giveBack();
    }
    assertTrue(sent.isEmpty());
    assertTrue(refused > 0 && read > 1000, read + " read, " + refused + " refused");
    refill();
    assertEquals(CHUNKS, empty.size(), "every chunk is the kernel's again");
  }

  /** The kernel must not write into a frame that is still looked at. */
  @Test
  void chunksStayUntilGivenBack() {
    XdpQueue queue = queue(0);
    List<Integer> lengths = new ArrayList<>();
    for (int n = 0; deliver(n, 100 + n); n++) {
      lengths.add(100 + n);
    }
    assertEquals(CHUNKS, lengths.size());
    assertTrue(queue.take(3));
    for (int n = 0; n < 3; n++) {
      assertTrue(queue.next());
      check(queue, n, 100 + n);
    }
    assertFalse(queue.next());
    assertFalse(deliver(99, 60));
    queue.giveBack();
    refill();
    assertEquals(3, empty.size());
    assertTrue(deliver(99, 60));
  }

  /** Its last chunk may come later. */
  @Test
  void waitsForTheRestOfAFrame() {
    XdpQueue queue = queue(0);
    assertTrue(deliver(7, 3 * MOST));
    rx.set(ValueLayout.JAVA_INT, PRODUCER, rxProduced - 1);
    assertTrue(queue.take(8));
    assertFalse(queue.next());
    queue.giveBack();
    rx.set(ValueLayout.JAVA_INT, PRODUCER, rxProduced);
    assertTrue(queue.take(2));
    assertTrue(queue.next());
    check(queue, 7, 3 * MOST);
    assertFalse(queue.next());
    queue.giveBack();
    refill();
    assertEquals(CHUNKS, empty.size());
  }

  @Test
  void nothingIsThereAtFirst() {
    XdpQueue queue = queue(0);
    assertFalse(queue.take(8));
    assertFalse(queue.next());
    refill();
    assertEquals(CHUNKS, empty.size());
  }
}
