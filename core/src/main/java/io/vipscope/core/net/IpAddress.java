package io.vipscope.core.net;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address as a value.
 *
 * <p>{@code hi} and {@code lo} hold the 128 bits in network order; an IPv4 address has {@code hi ==
 * 0} and its 32 bits at the low end of {@code lo}. The family is part of the value: {@code
 * ::1.2.3.4} and {@code 1.2.3.4} differ.
 */
public record IpAddress(boolean v6, long hi, long lo) implements Comparable<IpAddress> {

  public static final IpAddress ANY4 = new IpAddress(false, 0, 0);
  public static final IpAddress ANY6 = new IpAddress(true, 0, 0);
  public static final IpAddress LOOPBACK4 = v4(0x7f000001);

  public IpAddress {
    if (!v6 && (hi != 0 || lo >>> 32 != 0)) {
      throw new IllegalArgumentException("IPv4 address with more than 32 bits");
    }
  }

  // Written out: looked up for every flow, and what records have by themselves takes thousands of
  // calls until it is compiled.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpAddress a && lo == a.lo && hi == a.hi && v6 == a.v6;
  }

  @Override
  public int hashCode() {
    long mixed = (hi * 31 + lo) * 0x9e37_79b9_7f4a_7c15L;
    return (int) (mixed >>> 32) + (v6 ? 1 : 0);
  }

  /** An IPv4 address from its 32 bits in network order. */
  public static IpAddress v4(int bits) {
    return new IpAddress(false, 0, bits & 0xffffffffL);
  }

  /** An IPv6 address from its two halves in network order. */
  public static IpAddress v6(long hi, long lo) {
    return new IpAddress(true, hi, lo);
  }

  /**
   * Parses a textual address; a zone ({@code %eth0}) is not accepted.
   *
   * @throws IllegalArgumentException if the text is not an address; the message quotes the text
   */
  public static IpAddress parse(String text) {
    return text.indexOf(':') >= 0 ? Ipv6Text.parse(text) : parseV4(text);
  }

  /** Whether {@link #parse} would accept the text. */
  public static boolean isAddress(String text) {
    try {
      parse(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static IpAddress parseV4(String text) {
    int bits = 0;
    int octets = 0;
    int value = -1;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : '.';
      if (c == '.') {
        if (value < 0 || octets == 4) {
          throw new IllegalArgumentException("not an IP address: '" + text + "'");
        }
        bits = bits << 8 | value;
        octets++;
        value = -1;
      } else if (c >= '0' && c <= '9') {
        value = (value < 0 ? 0 : value * 10) + (c - '0');
        if (value > 255) {
          throw new IllegalArgumentException("not an IP address: '" + text + "'");
        }
      } else {
        throw new IllegalArgumentException("not an IP address: '" + text + "'");
      }
    }
    if (octets != 4) {
      throw new IllegalArgumentException("not an IP address: '" + text + "'");
    }
    return v4(bits);
  }

  /** Number of bits of the family: 32 or 128. */
  public int bits() {
    return v6 ? 128 : 32;
  }

  /** 4 or 6. */
  public int family() {
    return v6 ? 6 : 4;
  }

  /** The 32 bits of an IPv4 address. */
  public int asInt() {
    if (v6) {
      throw new IllegalStateException("not an IPv4 address: " + this);
    }
    return (int) lo;
  }

  /** All bits zero: the unspecified address. */
  public boolean isAny() {
    return hi == 0 && lo == 0;
  }

  /** 224.0.0.0/4 or ff00::/8. */
  public boolean isMulticast() {
    return v6 ? hi >>> 56 == 0xff : lo >>> 28 == 0xe;
  }

  /** 127.0.0.0/8 or ::1. */
  public boolean isLoopback() {
    return v6 ? hi == 0 && lo == 1 : lo >>> 24 == 127;
  }

  /** 169.254.0.0/16 or fe80::/10. */
  public boolean isLinkLocal() {
    return v6 ? hi >>> 54 == 0xfe80 >>> 6 : lo >>> 16 == 0xa9fe;
  }

  /** Whether the address is 255.255.255.255. */
  public boolean isLimitedBroadcast() {
    return !v6 && lo == 0xffffffffL;
  }

  /** Length of the common leading bits; 0 if the families differ. */
  public int commonPrefixLength(IpAddress other) {
    if (v6 != other.v6) {
      return 0;
    }
    if (!v6) {
      return Math.min(32, Integer.numberOfLeadingZeros((int) (lo ^ other.lo)));
    }
    long high = hi ^ other.hi;
    return high != 0
        ? Long.numberOfLeadingZeros(high)
        : 64 + Long.numberOfLeadingZeros(lo ^ other.lo);
  }

  /** The next address; the first one after the last. */
  public IpAddress next() {
    return v6 ? v6(lo == -1 ? hi + 1 : hi, lo + 1) : v4((int) lo + 1);
  }

  /** The address in network order, 4 or 16 bytes. */
  public byte[] toBytes() {
    byte[] bytes = new byte[16];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (hi >>> (56 - 8 * i));
      bytes[8 + i] = (byte) (lo >>> (56 - 8 * i));
    }
    return v6 ? bytes : Arrays.copyOfRange(bytes, 12, 16);
  }

  /** By family, then numerically. */
  @Override
  public int compareTo(IpAddress other) {
    if (v6 != other.v6) {
      return v6 ? 1 : -1;
    }
    int high = Long.compareUnsigned(hi, other.hi);
    return high != 0 ? high : Long.compareUnsigned(lo, other.lo);
  }

  /** Dotted quad, or RFC 5952 text. */
  @Override
  public String toString() {
    if (v6) {
      return Ipv6Text.format(hi, lo);
    }
    return (lo >>> 24) + "." + (lo >>> 16 & 255) + "." + (lo >>> 8 & 255) + "." + (lo & 255);
  }
}
