package io.vipscope.capture.live;

import org.jspecify.annotations.Nullable;

/**
 * What is wanted of an interface.
 *
 * @param promiscuous frames that are not addressed to the host, too
 * @param snapLength bytes captured of each frame at most
 * @param expression flows that are wanted, in tcpdump's language: frames of others may be left out
 *     where the kernel can do that; null: all
 * @param vxlanPort a further UDP port of VXLAN, whose frames are looked into; 0 = none
 * @param timeStamps whose time frames have
 * @param handsOver whether a thread of its own receives frames for the one that takes them
 */
public record LiveOptions(
    boolean promiscuous,
    int snapLength,
    @Nullable String expression,
    int vxlanPort,
    TimeStamps timeStamps,
    boolean handsOver) {

  /** Everything. */
  public static LiveOptions all(boolean promiscuous, int snapLength) {
    return new LiveOptions(promiscuous, snapLength, null, 0, TimeStamps.HOST, false);
  }
}
