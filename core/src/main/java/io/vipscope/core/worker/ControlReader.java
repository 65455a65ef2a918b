package io.vipscope.core.worker;

import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.ControlParser;
import io.vipscope.core.ring.ControlSink;
import java.lang.foreign.MemorySegment;

/**
 * Reads VRRP, ARP and ND in capture order, on the reader's thread: they are few, and waking another
 * thread for every block would cost more than reading them.
 */
public final class ControlReader implements ControlSink {

  private final ColdQueue queue;

  public ControlReader(ColdQueue queue) {
    this.queue = queue;
  }

  @Override
  public void control(FrameHeader h, MemorySegment frame, long number, long tsNs, long clockNs) {
    for (ControlEvent event : ControlParser.parse(h, frame, number, tsNs)) {
      queue.control(event, clockNs);
    }
    handOver(clockNs, /* idle= */ false);
  }

  @Override
  public void passed(long clockNs) {
    queue.passed(clockNs);
  }

  @Override
  public void upTo(long clockNs) {
    handOver(clockNs, /* idle= */ true);
  }

  @Override
  public void closing(long clockNs) {
    if (clockNs == Long.MIN_VALUE) {
      return;
    }
    try {
      queue.closing(clockNs + 1);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void handOver(long clockNs, boolean idle) {
    try {
      queue.endOfBlock(clockNs, idle);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void finish() {
    try {
      queue.finish();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
