package io.vipscope.capture.live;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The blocks of a packet socket's ring in turn, as the kernel hands them over and gets them back
 * (linux/if_packet.h). One thread takes them.
 */
sealed interface KernelBlocks extends AutoCloseable permits OwnBlocks, HandedBlocks {

  /** None: what {@link #take} returns. */
  long NONE = -1;

  /**
   * Takes the next block.
   *
   * @return its offset in the ring, or {@link #NONE} if the kernel still fills it
   */
  long take();

  /**
   * Waits until the next block is there or the time is over.
   *
   * @throws io.vipscope.capture.CaptureException if none will come any more
   */
  void await(int timeoutMs);

  /** The block taken last goes back. */
  void giveBack();

  @Override
  void close();

  /** The word by which the kernel and we hand blocks to each other. */
  final class Status {

    /** In struct tpacket_block_desc, behind version and private area. */
    private static final int OFFSET = 8;

    private static final int KERNEL = 0;
    private static final int USER = 1;
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private Status() {}

    /** Whether the block at an offset is ours. */
    static boolean isOurs(MemorySegment ring, long block) {
      return ((int) WORD.getAcquire(ring, block + OFFSET) & USER) != 0;
    }

    static void giveBack(MemorySegment ring, long block) {
      WORD.setRelease(ring, block + OFFSET, KERNEL);
    }

    /** The block behind one. */
    static long after(MemorySegment ring, long block) {
      return (block + PacketSocket.BLOCK_BYTES) % ring.byteSize();
    }
  }
}
