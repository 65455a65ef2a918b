package io.vipscope.core.model.netfilter;

/** One part of a netfilter rule: parts are evaluated in order until a match fails. */
public sealed interface Expression permits Match, Statement {}
