package io.vipscope.core.worker;

import io.vipscope.core.flow.AckSight;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.FlowSink;
import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.flow.VipFrames;
import io.vipscope.core.ownership.ControlEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;

/**
 * The hot side's end of the way to the cold thread: collects what one producer found in a block and
 * hands it over in one piece, with the time up to which that producer has told everything. One
 * producer thread owns an instance.
 *
 * <p>The queue is bounded. When the cold thread cannot keep up, the producer waits, and through the
 * ring so does the reader.
 */
public final class ColdQueue implements FlowSink {

  /** Something that a producer found, and when by the capture clock. */
  public sealed interface Item extends Due {}

  /** A flow that touches an audited host began. */
  public record Opened(FlowRecord flow, long atNs) implements Item {
    @Override
    public int rank() {
      return OPENED;
    }

    @Override
    public long frame() {
      return flow.flowId();
    }
  }

  /** A flow's record is due. */
  public record Ended(FlowRecord flow, long atNs) implements Item {
    @Override
    public int rank() {
      return ENDED;
    }

    @Override
    public long frame() {
      return flow.flowId();
    }
  }

  /** A frame from or to a VIP. Batches have them packed: {@link Batch#uses}. */
  public record Used(VipFrame use, long atNs) implements Item {
    @Override
    public int rank() {
      return USED;
    }

    @Override
    public long frame() {
      return use.frame();
    }
  }

  /** What acknowledgements told. */
  public record Acknowledged(AckSight sight, long atNs) implements Item {
    @Override
    public int rank() {
      return ACKNOWLEDGED;
    }

    @Override
    public long frame() {
      return sight.flowId();
    }
  }

  /** Time went by without a frame: what waits for it may go on. */
  public record Passed(long atNs) implements Item {
    @Override
    public int rank() {
      return PASSED;
    }

    @Override
    public long frame() {
      return CONTROL;
    }
  }

  /** VRRP, ARP or ND said something. */
  public record Control(ControlEvent event, long atNs) implements Item {
    @Override
    public int rank() {
      return CONTROL;
    }

    @Override
    public long frame() {
      return event.frame();
    }
  }

  /**
   * What one producer hands over.
   *
   * @param producer its number
   * @param uses frames of VIPs, beside the items
   * @param watermarkNs it will send nothing that happened at or before this time any more
   */
  public record Batch(int producer, List<Item> items, VipFrames uses, long watermarkNs) {}

  /** Items of one batch at most, roughly: a batch is closed at the end of a block. */
  private static final int BATCH_ITEMS = 128;

  /** So many are not kept until then. */
  private static final int MANY_ITEMS = 256;

  /** A watermark alone is worth a batch when it has moved this far. */
  private static final long WATERMARK_STEP_NS = 50_000_000L;

  /** Stays empty. */
  private static final VipFrames NO_USES = new VipFrames();

  private final int producer;
  private final BlockingQueue<Batch> queue;
  private List<Item> items = new ArrayList<>();
  private VipFrames uses = new VipFrames();
  private long sentWatermarkNs = Long.MIN_VALUE;

  public ColdQueue(int producer, BlockingQueue<Batch> queue) {
    this.producer = producer;
    this.queue = queue;
  }

  @Override
  public void opened(FlowRecord flow, long clockNs) {
    items.add(new Opened(flow, clockNs));
  }

  @Override
  public void ended(FlowRecord flow, long dueNs) {
    items.add(new Ended(flow, dueNs));
    if (items.size() >= MANY_ITEMS) {
      try {
        send(sentWatermarkNs); // a sweep or the end of the capture may find millions
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void used(VipFrame frame, long clockNs) {
    uses.add(frame, clockNs);
  }

  @Override
  public void acknowledged(AckSight sight, long clockNs) {
    items.add(new Acknowledged(sight, clockNs));
  }

  /** Adds that time went by. */
  void passed(long clockNs) {
    items.add(new Passed(clockNs));
  }

  /** Adds a control event. */
  void control(ControlEvent event, long clockNs) {
    items.add(new Control(event, clockNs));
  }

  /**
   * Hands over what there is, if it is worth it.
   *
   * @param watermarkNs everything that happened at or before this time has been added
   * @param idle no further block waits
   */
  void endOfBlock(long watermarkNs, boolean idle) throws InterruptedException {
    boolean moved =
        sentWatermarkNs == Long.MIN_VALUE
            ? watermarkNs != Long.MIN_VALUE
            : watermarkNs - sentWatermarkNs >= WATERMARK_STEP_NS;
    int waiting = items.size() + uses.count();
    if (waiting >= BATCH_ITEMS || moved || idle && waiting > 0) {
      send(watermarkNs);
    }
  }

  /**
   * Hands over everything.
   *
   * @param watermarkNs everything that happened at or before this time has been added, but for the
   *     ends of flows
   */
  void closing(long watermarkNs) throws InterruptedException {
    send(watermarkNs);
  }

  /** Hands over the rest: this producer is done. */
  void finish() throws InterruptedException {
    send(Long.MAX_VALUE);
  }

  private void send(long watermarkNs) throws InterruptedException {
    // What was handed over is the cold thread's: it is never written again.
    if (uses.count() == 0) {
      queue.put(new Batch(producer, items, NO_USES, watermarkNs));
    } else {
      queue.put(new Batch(producer, items, uses, watermarkNs));
      uses = new VipFrames();
    }
    items = new ArrayList<>();
    sentWatermarkNs = watermarkNs;
  }
}
