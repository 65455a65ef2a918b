package io.vipscope.core.model.selection;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** Addresses that are none: {@code ipv4_is_zeronet} (include/linux/in.h). */
public final class ZeroNetwork {

  private ZeroNetwork() {}

  /**
   * Whether an IPv4 address is of 0.0.0.0/8, which Linux 5.3 made ordinary addresses except the
   * first.
   *
   * @param kernel the release; null, which is not known, stands for a newer one
   */
  public static boolean contains(IpAddress address, @Nullable String kernel) {
    return kernel == null || KernelRelease.atLeast(kernel, 5, 3)
        ? address.isAny()
        : address.lo() >>> 24 == 0;
  }
}
