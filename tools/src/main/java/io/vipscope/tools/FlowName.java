package io.vipscope.tools;

import io.vipscope.core.net.IpAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How a user names a flow on the command line. */
sealed interface FlowName {

  /** The records on standard input: {@code -}. */
  record Records() implements FlowName {}

  /** A record's {@code flow_id}. */
  record Id(long flowId) implements FlowName {

    @Override
    public boolean names(ExplainedFlow flow) {
      return flow.flowId() == flowId;
    }

    @Override
    public String toString() {
      return Long.toString(flowId);
    }
  }

  /** A record's {@code community_id}. */
  record Community(String id) implements FlowName {

    @Override
    public boolean names(ExplainedFlow flow) {
      return id.equals(flow.communityId());
    }

    @Override
    public String toString() {
      return id;
    }
  }

  /**
   * Addresses, ports and protocol; ports are 0 where none was given.
   *
   * @param src of the opener
   */
  record Tuple(IpAddress src, int srcPort, IpAddress dst, int dstPort, int protocol)
      implements FlowName {

    /** Also the other way round, as an answer's frame shows it. */
    @Override
    public boolean names(ExplainedFlow f) {
      return f.protocol() == protocol
          && (is(f.src(), f.srcPort(), f.dst(), f.dstPort())
              || is(f.dst(), f.dstPort(), f.src(), f.srcPort()));
    }

    private boolean is(IpAddress from, int fromPort, IpAddress to, int toPort) {
      return from.equals(src)
          && to.equals(dst)
          && (srcPort == 0 || srcPort == fromPort)
          && (dstPort == 0 || dstPort == toPort);
    }

    @Override
    public String toString() {
      return FlowText.tuple(src, srcPort, dst, dstPort, protocol);
    }
  }

  /** Whether the name means this flow. */
  default boolean names(ExplainedFlow flow) {
    return false;
  }

  /** 2^53: every number below it is exact in JSON. */
  long MAX_FLOW_ID = 1L << 53;

  int MAX_PORT = 65_535;

  /** Version 1: a SHA-1 digest in base64. */
  Pattern COMMUNITY = Pattern.compile("1:[A-Za-z0-9+/]{27}=");

  /**
   * Parses it.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static FlowName parse(String text) {
    String word = text.strip();
    if (word.equals("-")) {
      return new Records();
    }
    if (COMMUNITY.matcher(word).matches()) {
      return new Community(word);
    }
    if (word.matches("\\d{1,16}") && Long.parseLong(word) < MAX_FLOW_ID) {
      return new Id(Long.parseLong(word));
    }
    int arrow = word.indexOf('>');
    int slash = word.lastIndexOf('/');
    if (arrow < 0) {
      throw bad(
          text,
          "expected a flow_id, a community id (1:...), 'SRC:PORT > DST:PORT/tcp', or - for records");
    }
    if (slash < arrow) {
      throw bad(text, "the protocol is missing, as in 'SRC:PORT > DST:PORT/tcp'");
    }
    End src = end(text, word.substring(0, arrow).strip());
    End dst = end(text, word.substring(arrow + 1, slash).strip());
    if (src.address().v6() != dst.address().v6()) {
      throw bad(text, "the addresses differ in family");
    }
    int protocol;
    try {
      protocol = QueryReader.protocol(word.substring(slash + 1).strip().toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw bad(text, "'" + word.substring(slash + 1).strip() + "' is no protocol");
    }
    return new Tuple(src.address(), src.port(), dst.address(), dst.port(), protocol);
  }

  /** One end of a flow; port 0 = not given. */
  record End(IpAddress address, int port) {}

  /**
   * {@code A:PORT}, {@code [A]:PORT}, {@code A PORT} as summaries write it, or an address alone.
   */
  private static End end(String text, String word) {
    String address = word;
    @Nullable String port = null;
    int space = word.indexOf(' ');
    int colon = word.lastIndexOf(':');
    if (space >= 0) {
      address = word.substring(0, space);
      port = word.substring(space).strip();
    } else if (word.startsWith("[")) {
      int close = word.indexOf(']');
      address = word.substring(0, close + 1);
      String rest = word.substring(close + 1);
      if (close < 0 || !rest.isEmpty() && !rest.startsWith(":")) {
        throw bad(text, "'" + word + "' is no address and port");
      }
      port = rest.isEmpty() ? null : rest.substring(1);
    } else if (colon >= 0 && word.indexOf(':') == colon) {
      address = word.substring(0, colon);
      port = word.substring(colon + 1);
    }
    if (address.startsWith("[") && address.endsWith("]")) {
      address = address.substring(1, address.length() - 1);
    }
    if (!IpAddress.isAddress(address)) {
      throw bad(text, "'" + address + "' is not an IP address");
    }
    return new End(IpAddress.parse(address), port == null ? 0 : port(text, port));
  }

  private static int port(String text, String port) {
    if (port.matches("\\d{1,5}") && Integer.parseInt(port) <= MAX_PORT) {
      return Integer.parseInt(port);
    }
    throw bad(text, "'" + port + "' is no port from 0 to " + MAX_PORT);
  }

  private static IllegalArgumentException bad(String text, String what) {
    return new IllegalArgumentException("FLOW '" + text + "': " + what);
  }
}
