package io.vipscope.core.model.snapshot;

/**
 * Address and route scopes as the kernel numbers them ({@code enum rt_scope_t}): the smaller the
 * number, the wider the scope.
 */
public final class Scope {

  public static final int UNIVERSE = 0;
  public static final int SITE = 200;
  public static final int LINK = 253;
  public static final int HOST = 254;
  public static final int NOWHERE = 255;

  private Scope() {}

  /**
   * The number of a scope as {@code ip} prints it.
   *
   * @throws IllegalArgumentException if it is neither a known name nor a number from 0 to 255
   */
  public static int parse(String text) {
    return switch (text) {
      case "global" -> UNIVERSE;
      case "site" -> SITE;
      case "link" -> LINK;
      case "host" -> HOST;
      case "nowhere" -> NOWHERE;
      default -> {
        int number = Integer.decode(text);
        if (number < 0 || number > 255) {
          throw new IllegalArgumentException("not a scope: '" + text + "'");
        }
        yield number;
      }
    };
  }

  /** The name {@code ip} prints. */
  public static String name(int scope) {
    return switch (scope) {
      case UNIVERSE -> "global";
      case SITE -> "site";
      case LINK -> "link";
      case HOST -> "host";
      case NOWHERE -> "nowhere";
      default -> Integer.toString(scope);
    };
  }
}
