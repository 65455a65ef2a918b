package io.vipscope.core.model.selection;

import org.jspecify.annotations.Nullable;

/** Comparison of kernel releases such as {@code 6.18.44-generic}. */
public final class KernelRelease {

  private KernelRelease() {}

  /** Whether the release is at least that; false if it is not known. */
  public static boolean atLeast(@Nullable String release, int major, int minor) {
    if (release == null) {
      return false;
    }
    String[] parts = release.split("[^0-9]", 3);
    try {
      int first = Integer.parseInt(parts[0]);
      return first > major
          || first == major && parts.length > 1 && Integer.parseInt(parts[1]) >= minor;
    } catch (NumberFormatException _) {
      return false;
    }
  }
}
