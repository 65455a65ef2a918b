package io.vipscope.tools.export;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.net.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * A receiver's address.
 *
 * @param host a name or an address
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {

  private static final int MAX_PORT = 65_535;

  /**
   * Reads {@code HOST:PORT} or {@code [ADDR6]:PORT}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0) {
      String host = text.substring(0, colon);
      boolean bracketed = host.startsWith("[") && host.endsWith("]");
      if (bracketed) {
        host = host.substring(1, host.length() - 1);
      }
      boolean fits =
          bracketed ? IpAddress.isAddress(host) : !host.isEmpty() && host.indexOf(':') < 0;
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (fits && port >= 1 && port <= MAX_PORT) {
          return new HostPort(host, port);
        }
      } catch (NumberFormatException _) {
        // one message for all
      }
    }
    throw new IllegalArgumentException("expected HOST:PORT, found '" + text + "'");
  }

  /**
   * Finds out whether there is such a host.
   *
   * @throws CaptureException if its name stands for no address
   */
  public void check() {
    try {
      resolve();
    } catch (UnknownHostException e) {
      throw new CaptureException(this + ": no address is known for this name", e);
    }
  }

  InetSocketAddress resolve() throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
