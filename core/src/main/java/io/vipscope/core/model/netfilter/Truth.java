package io.vipscope.core.model.netfilter;

/**
 * Whether a match holds.
 *
 * @param name of a condition that is hidden or unknown; empty for yes and no
 * @param ordinarily of a hidden one: what is taken where nothing speaks for the condition
 */
record Truth(Kind kind, String name, boolean ordinarily) {

  enum Kind {
    YES,
    NO,
    HIDDEN,
    UNKNOWN
  }

  static final Truth YES = new Truth(Kind.YES, "", true);
  static final Truth NO = new Truth(Kind.NO, "", false);

  static Truth of(boolean value) {
    return value ? YES : NO;
  }

  static Truth hidden(String condition, boolean ordinarily) {
    return new Truth(Kind.HIDDEN, condition, ordinarily);
  }

  static Truth unknown(String name) {
    return new Truth(Kind.UNKNOWN, name, false);
  }

  Truth not() {
    return switch (kind) {
      case YES -> NO;
      case NO -> YES;
      case HIDDEN, UNKNOWN -> new Truth(kind, name, !ordinarily);
    };
  }

  Truth and(Truth other) {
    if (kind == Kind.NO || other.kind == Kind.NO) {
      return NO;
    }
    if (kind == Kind.YES) {
      return other;
    }
    if (other.kind == Kind.YES) {
      return this;
    }
    Kind both = kind == Kind.UNKNOWN || other.kind == Kind.UNKNOWN ? Kind.UNKNOWN : Kind.HIDDEN;
    String names = name.equals(other.name) ? name : name + ", " + other.name;
    return new Truth(both, names, ordinarily && other.ordinarily);
  }

  Truth or(Truth other) {
    return not().and(other.not()).not();
  }
}
