package io.vipscope.tools.web;

import io.vipscope.core.net.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where the page listens.
 *
 * @param address an address of this machine
 * @param port 0 = any free one
 */
public record ListenAddress(IpAddress address, int port) {

  private static final int MAX_PORT = 65_535;

  /**
   * Reads {@code PORT}, {@code ADDR:PORT} or {@code [ADDR6]:PORT}; without an address 127.0.0.1.
   *
   * @throws IllegalArgumentException if the text is none of these
   */
  public static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port >= 0 && port <= MAX_PORT) {
        return new ListenAddress(
            host.equals("localhost") ? IpAddress.LOOPBACK4 : IpAddress.parse(host), port);
      }
    } catch (IllegalArgumentException _) {
      // one message for all
    }
    throw new IllegalArgumentException(
        "expected [ADDR:]PORT, as 8080 or 192.0.2.1:8080, found '" + text + "'");
  }

  /** Whether only this machine reaches it. */
  public boolean loopback() {
    return address.isLoopback();
  }

  InetSocketAddress socketAddress() {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }
}
