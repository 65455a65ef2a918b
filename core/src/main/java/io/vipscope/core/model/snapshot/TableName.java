package io.vipscope.core.model.snapshot;

/** Names of routing tables: text, with the three numbers the kernel reserves mapped to theirs. */
public final class TableName {

  public static final String LOCAL = "local";
  public static final String MAIN = "main";
  public static final String DEFAULT = "default";

  private TableName() {}

  /** One spelling per table, whether the command printed a name or a number. */
  public static String of(String text) {
    return switch (text) {
      case "255" -> LOCAL;
      case "254" -> MAIN;
      case "253" -> DEFAULT;
      default -> text;
    };
  }
}
