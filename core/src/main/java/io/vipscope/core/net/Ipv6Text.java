package io.vipscope.core.net;

/** Textual form of IPv6 addresses: RFC 4291 section 2.2 in, RFC 5952 out. */
final class Ipv6Text {

  private Ipv6Text() {}

  static IpAddress parse(String text) {
    int[] groups = new int[8];
    int count = 0;
    int gap = -1;
    int i = 0;
    if (text.startsWith("::")) {
      gap = 0;
      i = 2;
    }
    while (i < text.length()) {
      int end = i;
      while (end < text.length() && text.charAt(end) != ':') {
        end++;
      }
      String part = text.substring(i, end);
      if (part.indexOf('.') >= 0) {
        if (end != text.length() || count > 6) {
          throw bad(text);
        }
        int v4 = v4Tail(part, text);
        groups[count++] = v4 >>> 16;
        groups[count++] = v4 & 0xffff;
        i = end;
        break;
      }
      if (count == 8) {
        throw bad(text);
      }
      groups[count++] = hexGroup(part, text);
      i = end;
      if (i == text.length()) {
        break;
      }
      i++; // the ':'
      if (i == text.length()) {
        throw bad(text);
      }
      if (text.charAt(i) == ':') {
        if (gap >= 0) {
          throw bad(text);
        }
        gap = count;
        i++;
      }
    }
    if (gap < 0 ? count != 8 : count == 8) {
      throw bad(text);
    }
    long hi = 0;
    long lo = 0;
    int zeros = 8 - count;
    for (int g = 0; g < 8; g++) {
      int value;
      if (gap < 0 || g < gap) {
        value = groups[g];
      } else {
        value = g < gap + zeros ? 0 : groups[g - zeros];
      }
      if (g < 4) {
        hi = hi << 16 | value;
      } else {
        lo = lo << 16 | value;
      }
    }
    return IpAddress.v6(hi, lo);
  }

  private static int v4Tail(String part, String text) {
    try {
      return IpAddress.parse(part).asInt();
    } catch (IllegalArgumentException _) {
      throw bad(text);
    }
  }

  private static int hexGroup(String part, String text) {
    if (part.isEmpty() || part.length() > 4) {
      throw bad(text);
    }
    int value = 0;
    for (int i = 0; i < part.length(); i++) {
      int digit = Character.digit(part.charAt(i), 16);
      if (digit < 0 || part.charAt(i) > 'f') {
        throw bad(text);
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException("not an IP address: '" + text + "'");
  }

  static String format(long hi, long lo) {
    if (hi == 0 && lo >>> 32 == 0xffff) {
      return "::ffff:" + IpAddress.v4((int) lo);
    }
    int bestStart = -1;
    int bestLength = 1; // one zero group is not compressed (RFC 5952 section 4.2.2)
    int start = -1;
    for (int g = 0; g <= 8; g++) {
      if (g < 8 && group(hi, lo, g) == 0) {
        if (start < 0) {
          start = g;
        }
      } else if (start >= 0) {
        if (g - start > bestLength) {
          bestStart = start;
          bestLength = g - start;
        }
        start = -1;
      }
    }
    StringBuilder out = new StringBuilder(39);
    for (int g = 0; g < 8; g++) {
      if (g == bestStart) {
        out.append("::");
        g += bestLength - 1;
        continue;
      }
      if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
        out.append(':');
      }
      out.append(Integer.toHexString(group(hi, lo, g)));
    }
    return out.toString();
  }

  private static int group(long hi, long lo, int index) {
    long half = index < 4 ? hi : lo;
    return (int) (half >>> (48 - 16 * (index & 3))) & 0xffff;
  }
}
