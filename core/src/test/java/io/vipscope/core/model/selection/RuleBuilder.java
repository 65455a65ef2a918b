package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds a policy rule of priority 1000, selector by selector. */
public final class RuleBuilder {

  private final boolean v6;
  private final RuleAction action;
  private boolean inverted;
  private @Nullable IpPrefix from;
  private @Nullable String iif;
  private @Nullable String oif;
  private int mark;
  private int markMask;
  private int tos;
  private int protocol;
  private @Nullable Range sport;
  private @Nullable Range dport;
  private @Nullable Range uid;
  private int suppressed = -1;
  private List<String> open = List.of();

  private RuleBuilder(boolean v6, RuleAction action) {
    this.v6 = v6;
    this.action = action;
  }

  /** One that leads to a table. */
  public static RuleBuilder lookup(boolean v6, String table) {
    return new RuleBuilder(v6, new RuleAction.Lookup(table));
  }

  public static RuleBuilder of(boolean v6, RuleAction action) {
    return new RuleBuilder(v6, action);
  }

  public RuleBuilder inverted(boolean inverted) {
    this.inverted = inverted;
    return this;
  }

  public RuleBuilder from(@Nullable IpPrefix from) {
    this.from = from;
    return this;
  }

  public RuleBuilder devices(@Nullable String iif, @Nullable String oif) {
    this.iif = iif;
    this.oif = oif;
    return this;
  }

  public RuleBuilder mark(int mark, int mask) {
    this.mark = mark;
    markMask = mask;
    return this;
  }

  public RuleBuilder tos(int tos) {
    this.tos = tos;
    return this;
  }

  public RuleBuilder protocol(int protocol) {
    this.protocol = protocol;
    return this;
  }

  public RuleBuilder ports(@Nullable Range sport, @Nullable Range dport) {
    this.sport = sport;
    this.dport = dport;
    return this;
  }

  public RuleBuilder uid(@Nullable Range uid) {
    this.uid = uid;
    return this;
  }

  public RuleBuilder suppressed(int prefixLength) {
    suppressed = prefixLength;
    return this;
  }

  /** Selectors that are not modelled. */
  public RuleBuilder open(String... selectors) {
    open = List.of(selectors);
    return this;
  }

  public PolicyRule build() {
    return new PolicyRule(
        v6,
        1000,
        inverted,
        from,
        null,
        iif,
        oif,
        mark,
        markMask,
        tos,
        protocol,
        sport,
        dport,
        uid,
        action,
        suppressed,
        null,
        open);
  }
}
