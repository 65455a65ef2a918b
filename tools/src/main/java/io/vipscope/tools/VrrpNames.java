package io.vipscope.tools;

import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.pipeline.HostIndex;
import org.jspecify.annotations.Nullable;

/**
 * What the configurations call the VRRP instance of a VIP; null where they do not name it.
 *
 * @param pair the pair of its holder, else one whose VIP it is
 * @param group its {@code vrrp_sync_group}
 */
record VrrpNames(@Nullable String pair, @Nullable String instance, @Nullable String group) {

  static VrrpNames of(Ownership o, HostIndex index) {
    String pair = index.pairOf(o.host());
    return new VrrpNames(
        pair != null ? pair : index.pairOf(o.segment(), o.vip()),
        index.instanceOf(o.vip(), o.host()),
        index.groupOf(o.vip(), o.host()));
  }
}
