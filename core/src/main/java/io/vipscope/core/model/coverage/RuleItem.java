package io.vipscope.core.model.coverage;

import java.util.Locale;

/**
 * Something of a host's state that may decide a source: a policy rule, a route that names a source,
 * a rule of netfilter that maps sources.
 *
 * @param text what it says; tells the items of one kind apart
 * @param observable whether flows that it decides can be told on a mirror: not where it tests a
 *     mark, a user, a device or chance, nor where only such rules lead to it
 * @param own false: the kernel has made it by itself
 */
public record RuleItem(Kind kind, String text, boolean observable, boolean own) {

  /** Kinds of item. */
  public enum Kind {
    RULE,
    ROUTE,
    SNAT;

    /** The word used in records. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Kind and text. */
  public String key() {
    return kind + " " + text;
  }
}
