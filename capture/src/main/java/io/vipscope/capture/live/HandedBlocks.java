package io.vipscope.capture.live;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutBlockingWaitStrategy;
import com.lmax.disruptor.TimeoutException;
import io.vipscope.capture.CaptureException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Blocks for which a thread of their own waits: it does nothing but hand them over, through a ring
 * of which an event is a block. So frames are decoded by another thread than the one that receives
 * them. A block goes back to the kernel when its frames have been taken.
 */
final class HandedBlocks implements KernelBlocks {

  private static final int POLL_MS = 50;

  /** How long to wait while blocks lie with the thread that takes them: less than one takes. */
  private static final long PARK_NS = 100_000;

  /** A block of the kernel's ring. */
  private static final class Block {
    private long offset;
  }

  private final MemorySegment ring;
  private final PacketPoll poll;
  private final RingBuffer<Block> handed;
  private final SequenceBarrier barrier;

  /** The last block that went back. */
  private final Sequence done = new Sequence();

  private final Thread receiver;
  private volatile boolean closed;
  private volatile @Nullable CaptureException broken;

  HandedBlocks(PacketSocket socket, String thread, int timeoutMs) {
    ring = socket.ring();
    poll = socket.poll();
    handed =
        RingBuffer.createSingleProducer(
            Block::new,
            PacketSocket.BLOCKS,
            new TimeoutBlockingWaitStrategy(timeoutMs, TimeUnit.MILLISECONDS));
    handed.addGatingSequences(done);
    barrier = handed.newBarrier();
    receiver = Thread.ofPlatform().daemon().name(thread).start(this::receive);
  }

  private void receive() {
    long block = 0;
    try {
      while (!closed) {
        if (Status.isOurs(ring, block) && handOver(block)) {
          block = Status.after(ring, block);
        } else if (done.get() < handed.getCursor()) {
          // The kernel does not let us wait before the last block is back (packet_poll).
          LockSupport.parkNanos(PARK_NS);
        } else {
          poll.await(POLL_MS);
        }
      }
    } catch (CaptureException e) {
      broken = e;
    }
  }

  /** False while as many as there are have been handed over: this one is the first of them. */
  private boolean handOver(long block) {
    try {
      long sequence = handed.tryNext();
      handed.get(sequence).offset = block;
      handed.publish(sequence);
      return true;
    } catch (InsufficientCapacityException _) {
      return false;
    }
  }

  @Override
  public long take() {
    long next = done.get() + 1;
    return handed.isAvailable(next) ? handed.get(next).offset : NONE;
  }

  @Override
  public void await(int timeoutMs) {
    try {
      long _ = barrier.waitFor(done.get() + 1);
    } catch (TimeoutException _) {
      CaptureException failure = broken;
      if (failure != null) {
        throw failure;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (AlertException e) {
      throw new IllegalStateException(e); // nobody alerts
    }
  }

  @Override
  public void giveBack() {
    long next = done.get() + 1;
    Status.giveBack(ring, handed.get(next).offset);
    done.set(next);
  }

  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    while (receiver.isAlive()) {
      try {
        receiver.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    poll.close();
  }
}
