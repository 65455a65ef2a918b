package io.vipscope.core.model.snapshot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A nexthop object ({@code ip nexthop}): a single way, a group of others, or a blackhole.
 *
 * @param single null for a group and for a blackhole
 * @param group ids of the members; empty if not a group
 */
public record NexthopObject(
    long id, @Nullable Nexthop single, List<Member> group, boolean blackhole, int scope) {

  /** One member of a group. */
  public record Member(long id, int weight) {}

  public NexthopObject {
    group = List.copyOf(group);
  }
}
