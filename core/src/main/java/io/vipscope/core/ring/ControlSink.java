package io.vipscope.core.ring;

import io.vipscope.core.frame.FrameHeader;
import java.lang.foreign.MemorySegment;

/** Where the reader hands control frames; called on the reader's thread. */
public interface ControlSink {

  /**
   * Takes a VRRP, ARP, ND, IGMP or MLD frame.
   *
   * @param h what the decoder found; valid during the call
   * @param frame the captured bytes; valid during the call
   * @param number its number in the capture, from 1
   * @param clockNs the capture clock: the highest time seen so far
   */
  void control(FrameHeader h, MemorySegment frame, long number, long tsNs, long clockNs);

  /** Time went by without a frame, in a live capture: it is now at least this. */
  void passed(long clockNs);

  /** Nothing that happened at or before this time will come any more. */
  void upTo(long clockNs);

  /** No further frame comes, and nothing that happened at this time will. */
  void closing(long clockNs);

  /** The capture is over. */
  void finish();
}
