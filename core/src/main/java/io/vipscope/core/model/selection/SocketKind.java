package io.vipscope.core.model.selection;

/** How a program sends: it decides how often and with what the kernel looks up. */
public enum SocketKind {
  /** {@code connect()} of TCP. */
  TCP_CONNECT,
  /** {@code connect()} of UDP; its port is bound before the lookup. */
  UDP_CONNECT,
  /** {@code sendto()} of an unconnected UDP socket. */
  UDP_SENDTO,
  /** A ping: raw or ping socket. */
  ICMP_ECHO,
  /** Any other protocol, from a raw socket. */
  RAW
}
