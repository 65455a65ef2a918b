package io.vipscope.core.net;

/**
 * An address block: the network address with all host bits zero, and its length in bits.
 *
 * @param network network address, host bits zero
 * @param length 0 to 32 or 0 to 128
 */
public record IpPrefix(IpAddress network, int length) {

  public IpPrefix {
    if (length < 0 || length > network.bits()) {
      throw new IllegalArgumentException("prefix length " + length + " of " + network);
    }
    network = mask(network, length);
  }

  /** The prefix of the given length that contains the address. */
  public static IpPrefix of(IpAddress address, int length) {
    return new IpPrefix(address, length);
  }

  /** The block that holds just this address. */
  public static IpPrefix host(IpAddress address) {
    return new IpPrefix(address, address.bits());
  }

  /**
   * Parses {@code ADDRESS} or {@code ADDRESS/LENGTH}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return host(IpAddress.parse(text));
    }
    IpAddress address = IpAddress.parse(text.substring(0, slash));
    try {
      return new IpPrefix(address, Integer.parseInt(text.substring(slash + 1)));
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("not a prefix: '" + text + "'");
    }
  }

  public boolean v6() {
    return network.v6();
  }

  /** Whether the address lies in this block; false if the families differ. */
  public boolean contains(IpAddress address) {
    return address.v6() == network.v6() && mask(address, length).equals(network);
  }

  private static IpAddress mask(IpAddress address, int length) {
    if (!address.v6()) {
      long mask = length == 0 ? 0 : -1L << (32 - length);
      return new IpAddress(false, 0, address.lo() & mask & 0xffffffffL);
    }
    if (length <= 64) {
      return IpAddress.v6(length == 0 ? 0 : address.hi() & -1L << (64 - length), 0);
    }
    return IpAddress.v6(address.hi(), address.lo() & -1L << (128 - length));
  }

  @Override
  public String toString() {
    return network + "/" + length;
  }
}
