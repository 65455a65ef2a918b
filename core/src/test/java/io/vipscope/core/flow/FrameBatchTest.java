package io.vipscope.core.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.frame.FrameHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Areas of shards do not touch each other, and the first that is full fills the batch. */
class FrameBatchTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 16, 128})
  void everyFrameIsFoundInItsShardInOrder(int shards) {
    Random random = new Random(shards);
    FrameBatch batch = new FrameBatch(shards);
    for (int round = 0; round < 3; round++) {
      batch.clear();
      List<List<Long>> wanted = new ArrayList<>();
      for (int shard = 0; shard < shards; shard++) {
        wanted.add(new ArrayList<>());
      }
      long frame = round * 1_000_000L;
      while (!batch.isFull()) {
        frame++;
        int shard = random.nextInt(shards);
        add(batch, shard, frame);
        wanted.get(shard).add(frame);
      }
      assertEquals(wanted.stream().mapToInt(List::size).sum(), batch.count());
      for (int shard = 0; shard < shards; shard++) {
        assertEquals(wanted.get(shard).size(), batch.size(shard));
        for (int n = 0; n < batch.size(shard); n++) {
          int i = batch.first(shard) + n;
          long number = wanted.get(shard).get(n);
          assertEquals(number, batch.frame(i));
          assertEquals(number, batch.timeNs(i));
          assertEquals(number + 5, batch.clockNs(i));
          assertEquals((int) number, batch.hash(i));
          assertEquals(number & 0xffff, batch.srcMac(i));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 128})
  void oneFlowAloneFillsItsArea(int shards) {
    FrameBatch batch = new FrameBatch(shards);
    int frames = 0;
    assertFalse(batch.isFull());
    while (!batch.isFull()) {
      add(batch, shards - 1, ++frames);
    }
    assertTrue(frames >= 64 && frames <= 512, frames + " frames");
    assertEquals(frames, batch.size(shards - 1));
    batch.clear();
    assertFalse(batch.isFull());
    assertEquals(0, batch.size(shards - 1));
  }

  private static void add(FrameBatch batch, int shard, long number) {
    FrameHeader h = new FrameHeader();
    h.srcMac = number & 0xffff;
    h.protocol = Protocols.UDP;
    batch.add(h, number, number + 5, number, (int) number, 0, shard);
  }
}
