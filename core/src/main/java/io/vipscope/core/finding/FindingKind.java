package io.vipscope.core.finding;

import java.util.Locale;

/** Kinds of finding. Each watch says when exactly its kinds open. */
public enum FindingKind {
  SPLIT_BRAIN,
  VRID_COLLISION,
  STALE_OWNER,
  STALE_NEIGHBOUR,
  NO_GARP_AFTER_HEAL,
  ADDRESS_CONFLICT,
  ADVERT_FROM_VIP,
  VIP_FLOW_OUTLIVES_OWNERSHIP,
  VIP_FLOW_MOVED,
  REPLY_SOURCE_MISMATCH,
  UNEXPECTED_VIP_SOURCE,
  WRONG_EGRESS,
  EXPECTATION,
  MODEL_DRIFT,
  DEAD_RULE,
  UNNAMED_VIP,
  SENSOR_BLIND;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word used in records. */
  @Override
  public String toString() {
    return text;
  }
}
