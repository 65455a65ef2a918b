package io.vipscope.capture.host;

import org.jspecify.annotations.Nullable;

/** The named sets and maps of a table. */
interface NftSets {

  /** The declaration; null if there is none of that name. */
  @Nullable JsonPlace named(String name);
}
