package io.vipscope.core.frame;

/**
 * What the decoder found in one frame: a view that is filled again for every frame.
 *
 * <p>One thread owns an instance. {@link #kind} says which fields hold: a {@link FrameKind#FLOW}
 * frame has all of them; a {@link FrameKind#CONTROL} frame has addresses where its protocol has
 * them (ARP has none) and {@link #control}; any other kind has {@link #srcMac}, {@link #dstMac} and
 * {@link #vlan} only. Addresses are as in {@link io.vipscope.core.net.IpAddress}: an IPv4 address
 * stands in the low 32 bits of the {@code lo} half.
 */
public final class FrameHeader {

  /** No MAC address: the link type carries none. */
  public static final long NO_MAC = -1;

  /** No VLAN tag. */
  public static final int NO_VLAN = -1;

  public FrameKind kind = FrameKind.NON_IP;

  /** Which control protocol, when {@link #kind} is CONTROL, else NONE. */
  public ControlKind control = ControlKind.NONE;

  /** Source and destination MAC in the low 48 bits, or {@link #NO_MAC}. */
  public long srcMac;

  public long dstMac;

  /** Outermost VLAN id, or {@link #NO_VLAN}. A priority tag (id 0) counts as no VLAN. */
  public int vlan;

  /** Second VLAN id, or {@link #NO_VLAN}. */
  public int innerVlan;

  public boolean v6;
  public long srcHi;
  public long srcLo;
  public long dstHi;
  public long dstLo;

  /** Upper-layer protocol after all IPv6 extension headers. */
  public int protocol;

  /** TCP, UDP, SCTP ports; 0 for other protocols and for fragments whose first is not known. */
  public int srcPort;

  public int dstPort;

  /** ICMP or ICMPv6 type; -1 for other protocols. */
  public int icmpType;

  /** Identifier of an ICMP echo, else -1. */
  public int icmpId;

  /** The TCP flag byte (FIN 1, SYN 2, RST 4, PSH 8, ACK 16); 0 for other protocols. */
  public int tcpFlags;

  /** TCP sequence number. */
  public int tcpSeq;

  /** TCP acknowledgement number, whether or not the flag says that it counts. */
  public int tcpAck;

  /** IPv4 TTL or IPv6 hop limit. */
  public int ttl;

  /** IPv4 TOS byte or IPv6 traffic class. */
  public int tos;

  /** Bytes on the wire from the IP header on, as the IP header says (0 there: as captured). */
  public int ipBytes;

  /** Bytes above the TCP or UDP header, by the IP length; 0 for other protocols. */
  public int payloadBytes;

  /** True for a fragment (first or later) of a larger datagram. */
  public boolean fragment;

  /** Offset of this fragment in bytes; 0 for a first fragment. */
  public int fragmentOffset;

  /** IPv4 identification, or the identification of the IPv6 fragment header. */
  public int fragmentId;

  /** Offsets within the frame, in bytes from its first: the network and the transport header. */
  public int l3Offset;

  public int l4Offset;
}
