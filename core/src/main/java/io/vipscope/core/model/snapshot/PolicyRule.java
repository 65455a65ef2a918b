package io.vipscope.core.model.snapshot;

import io.vipscope.core.net.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code ip rule show} ({@code struct fib_rule}). A selector that is null, or zero
 * where it is a number with its own mask, is absent and matches everything.
 *
 * @param inverted {@code not}: the conjunction of all selectors is inverted
 * @param from null = all
 * @param to null = all
 * @param mark compared under {@code markMask}; a mask of 0 = no selector
 * @param tos 0 = any
 * @param ipproto 0 = any
 * @param suppressPrefixLength -1 = not set
 * @param suppressGroup device group; null = not set
 * @param unmodelled selectors that this program cannot evaluate, as printed
 */
public record PolicyRule(
    boolean v6,
    long priority,
    boolean inverted,
    @Nullable IpPrefix from,
    @Nullable IpPrefix to,
    @Nullable String iif,
    @Nullable String oif,
    int mark,
    int markMask,
    int tos,
    int ipproto,
    @Nullable Range sport,
    @Nullable Range dport,
    @Nullable Range uid,
    RuleAction action,
    int suppressPrefixLength,
    @Nullable String suppressGroup,
    List<String> unmodelled) {

  public PolicyRule {
    unmodelled = List.copyOf(unmodelled);
  }

  /** A rule without selectors. */
  public static PolicyRule lookup(boolean v6, long priority, String table) {
    return new PolicyRule(
        v6,
        priority,
        false,
        null,
        null,
        null,
        null,
        0,
        0,
        0,
        0,
        null,
        null,
        null,
        new RuleAction.Lookup(table),
        -1,
        null,
        List.of());
  }

  /** The rules of a network namespace in which none was ever added or deleted. */
  public static List<PolicyRule> defaults(boolean v6) {
    PolicyRule local = lookup(v6, 0, TableName.LOCAL);
    PolicyRule main = lookup(v6, 32766, TableName.MAIN);
    return v6
        ? List.of(local, main)
        : List.of(local, main, lookup(false, 32767, TableName.DEFAULT));
  }

  public PolicyRule withPriority(long newPriority) {
    return new PolicyRule(
        v6,
        newPriority,
        inverted,
        from,
        to,
        iif,
        oif,
        mark,
        markMask,
        tos,
        ipproto,
        sport,
        dport,
        uid,
        action,
        suppressPrefixLength,
        suppressGroup,
        unmodelled);
  }

  /** Whether this is one of the kernel's default rules. */
  public boolean isDefault() {
    return defaults(v6).contains(this);
  }

  /** Family and priority, {@code rule4 32766}: how reports name a rule. */
  public String id() {
    return (v6 ? "rule6 " : "rule4 ") + priority;
  }
}
