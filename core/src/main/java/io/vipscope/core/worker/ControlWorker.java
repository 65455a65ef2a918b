package io.vipscope.core.worker;

import com.lmax.disruptor.EventHandler;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.ControlParser;
import io.vipscope.core.ring.FrameBlock;
import java.lang.foreign.MemorySegment;

/** The ring's consumer of control frames: reads VRRP, ARP and ND in capture order. */
public final class ControlWorker implements EventHandler<FrameBlock> {

  private final ColdQueue queue;

  public ControlWorker(ColdQueue queue) {
    this.queue = queue;
  }

  @Override
  public void onEvent(FrameBlock block, long sequence, boolean endOfBatch)
      throws InterruptedException {
    MemorySegment bytes = MemorySegment.ofArray(block.control);
    for (int i = 0; i < block.count; i++) {
      if (block.worker[i] >= 0) {
        continue;
      }
      MemorySegment frame = bytes.asSlice(block.controlOffset[i], block.controlLength[i]);
      for (ControlEvent event :
          ControlParser.parse(block.headers[i], frame, block.frame[i], block.tsNs[i])) {
        queue.control(event, block.clockAtNs[i]);
      }
    }
    if (block.last) {
      queue.finish();
    } else {
      queue.endOfBlock(block.clockNs, endOfBatch);
    }
  }
}
