package io.vipscope.core.model.snapshot;

import java.util.Locale;

/**
 * Something that the wire does not show of a host's own flows and that the user knows: it is taken
 * for a fact, not for a condition.
 *
 * @param protocol IP protocol of the flows; {@link #ANY} = every one
 * @param port their destination port; {@link #ANY} = every one
 */
public record Assumption(Kind kind, int value, int protocol, int port) {

  public static final int ANY = -1;

  /** What is known. */
  public enum Kind {
    /** The socket's mark (SO_MARK). */
    MARK,
    /** The user that opened the socket. */
    UID,
    /** The TOS byte (IP_TOS), or the traffic class. */
    TOS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether flows of this protocol to this port are meant. */
  public boolean isAbout(int ipProtocol, int dport) {
    return (protocol == ANY || protocol == ipProtocol) && (port == ANY || port == dport);
  }
}
