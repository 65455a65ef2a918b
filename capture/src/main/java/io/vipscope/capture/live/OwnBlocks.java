package io.vipscope.capture.live;

import java.lang.foreign.MemorySegment;

/** Blocks for which the thread that takes them waits itself. */
final class OwnBlocks implements KernelBlocks {

  private final MemorySegment ring;
  private final PacketPoll poll;
  private long block;

  OwnBlocks(PacketSocket socket) {
    ring = socket.ring();
    poll = socket.poll();
  }

  @Override
  public long take() {
    return Status.isOurs(ring, block) ? block : NONE;
  }

  @Override
  public void await(int timeoutMs) {
    poll.await(timeoutMs);
  }

  @Override
  public void giveBack() {
    Status.giveBack(ring, block);
    block = Status.after(ring, block);
  }

  @Override
  public void close() {
    poll.close();
  }
}
