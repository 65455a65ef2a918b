package io.vipscope.core.net;

import java.util.HexFormat;

/**
 * A 48-bit Ethernet address as a value.
 *
 * @param bits the address in the low 48 bits, network order
 */
public record MacAddress(long bits) {

  private static final long VRRP4 = 0x00005e0001_00L;
  private static final long VRRP6 = 0x00005e0002_00L;

  /**
   * Parses {@code 52:54:00:00:00:01}; {@code -} as separator is accepted too.
   *
   * @throws IllegalArgumentException if the text is not six octets
   */
  public static MacAddress parse(String text) {
    if (text.length() != 17) {
      throw new IllegalArgumentException("not a MAC address: '" + text + "'");
    }
    long bits = 0;
    for (int i = 0; i < 17; i++) {
      char c = text.charAt(i);
      if (i % 3 == 2) {
        if (c != ':' && c != '-') {
          throw new IllegalArgumentException("not a MAC address: '" + text + "'");
        }
        continue;
      }
      if (!HexFormat.isHexDigit(c)) {
        throw new IllegalArgumentException("not a MAC address: '" + text + "'");
      }
      bits = bits << 4 | HexFormat.fromHexDigit(c);
    }
    return new MacAddress(bits);
  }

  /**
   * A virtual router's address, 00:00:5e:00:01:VRID or 00:00:5e:00:02:VRID (RFC 9568 section 7.3).
   */
  public boolean isVirtualRouter() {
    return isVirtualRouter(bits);
  }

  /** As {@link #isVirtualRouter()}, for an address held as a number. */
  public static boolean isVirtualRouter(long bits) {
    return (bits & ~0xffL) == VRRP4 || (bits & ~0xffL) == VRRP6;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(17);
    for (int shift = 40; shift >= 0; shift -= 8) {
      int octet = (int) (bits >>> shift) & 0xff;
      out.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 15, 16));
      if (shift > 0) {
        out.append(':');
      }
    }
    return out.toString();
  }
}
