package io.vipscope.core.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;

/** What was handed over stays as it is, however late the cold thread looks at it. */
class ColdQueueTest {

  private static VipFrame frame(long number) {
    IpAddress vip = IpAddress.parse("192.0.2.1");
    IpAddress client = IpAddress.parse("198.51.100.7");
    return new VipFrame(
        number, number, -1, vip, 1, client, 2, 6, true, 3, 4, true, false, 5, number, number);
  }

  @Test
  void everyUseIsInOneBatchAlone() throws InterruptedException {
    BlockingQueue<ColdQueue.Batch> batches = new ArrayBlockingQueue<>(1_000);
    ColdQueue queue = new ColdQueue(0, batches);
    long frame = 0;
    for (int i = 0; i < 100; i++) {
      for (int n = 0; n < i % 3; n++) {
        queue.used(frame(++frame), frame);
      }
      queue.endOfBlock(i * 1_000_000_000L, /* idle= */ true);
    }
    queue.finish();
    List<Long> told = new ArrayList<>();
    for (ColdQueue.Batch batch : batches) {
      for (int i = 0; i < batch.uses().count(); i++) {
        told.add(batch.uses().get(i).frame());
        assertEquals(frame(told.getLast()), batch.uses().get(i));
      }
    }
    assertEquals(frame, told.size());
    for (int i = 0; i < told.size(); i++) {
      assertEquals(i + 1, told.get(i));
    }
  }
}
