package io.vipscope.core.model.change;

import io.vipscope.core.model.netfilter.Ruleset.Chain;
import org.jspecify.annotations.Nullable;

/**
 * Names chains of netfilter.
 *
 * @param family null = of every family
 * @param table null = of every table
 * @param name null = all of the table
 */
public record ChainName(@Nullable String family, @Nullable String table, @Nullable String name) {

  boolean means(Chain chain) {
    return (family == null || family.equals(chain.family()))
        && (table == null || table.equals(chain.table()))
        && (name == null || name.equals(chain.name()));
  }

  /** Of a chain or a table: the whole ruleset is always there, no message names it. */
  @Override
  public String toString() {
    return (name == null ? "table " : "chain ")
        + family
        + " "
        + table
        + (name == null ? "" : " " + name);
  }
}
