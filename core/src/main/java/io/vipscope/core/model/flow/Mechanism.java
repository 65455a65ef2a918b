package io.vipscope.core.model.flow;

/** What fixed the predicted source. */
public enum Mechanism {
  DEFAULT("default"),
  ROUTE_SRC("route-src"),
  POLICY_RULE("policy-rule"),
  SNAT("snat"),
  MASQUERADE("masquerade");

  private final String text;

  Mechanism(String text) {
    this.text = text;
  }

  /** The word of the records. */
  @Override
  public String toString() {
    return text;
  }
}
