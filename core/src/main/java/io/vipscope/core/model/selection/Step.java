package io.vipscope.core.model.selection;

/**
 * One step of an explanation.
 *
 * @param kind rule, table, route, source or nat
 * @param text one sentence
 */
public record Step(Kind kind, String text) {

  /** What decided in this step. */
  public enum Kind {
    RULE,
    TABLE,
    ROUTE,
    SOURCE,
    NAT
  }
}
