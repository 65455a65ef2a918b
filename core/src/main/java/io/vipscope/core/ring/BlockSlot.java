package io.vipscope.core.ring;

/**
 * A place in the ring. The reader fills a block of its own and lays it here, for the one that lay
 * here before: so several readers fill theirs at the same time, and none that is slow holds up what
 * another one has published since.
 */
public final class BlockSlot {

  /** What was published here last. Shards read it, nobody writes it until all of them are done. */
  public FrameBlock block;

  /**
   * @param shards parts of the flow table
   */
  public BlockSlot(int shards) {
    block = new FrameBlock(shards);
  }

  /** Lays a block here and takes the one that lay here. */
  FrameBlock exchange(FrameBlock filled) {
    FrameBlock free = block;
    block = filled;
    return free;
  }
}
