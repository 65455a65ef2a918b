package io.vipscope.capture.live;

/** Ways of AF_XDP to receive, the best first. */
enum XdpMode {
  /** The interface's hardware writes into our memory. */
  ZERO_COPY("native zero-copy", 4, 4),
  /** The driver runs the program, the kernel copies each frame. */
  NATIVE("native copy", 2, 4),
  /** The stack runs the program and copies: every driver. */
  GENERIC("generic (SKB) copy", 2, 2);

  private final String text;
  private final int bindFlags;
  private final int attachFlags;

  /**
   * @param bindFlags XDP_COPY or XDP_ZEROCOPY (linux/if_xdp.h)
   * @param attachFlags XDP_FLAGS_DRV_MODE or XDP_FLAGS_SKB_MODE (linux/if_link.h)
   */
  XdpMode(String text, int bindFlags, int attachFlags) {
    this.text = text;
    this.bindFlags = bindFlags;
    this.attachFlags = attachFlags;
  }

  int bindFlags() {
    return bindFlags;
  }

  int attachFlags() {
    return attachFlags;
  }

  @Override
  public String toString() {
    return text;
  }
}
