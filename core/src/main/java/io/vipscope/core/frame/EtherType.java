package io.vipscope.core.frame;

/** EtherTypes that the decoder follows. */
public final class EtherType {

  /** Values up to this are lengths (IEEE 802.3). */
  static final int MAX_LENGTH = 1500;

  public static final int IPV4 = 0x0800;
  static final int ARP = 0x0806;
  public static final int VLAN = 0x8100;
  static final int TRANSPARENT_BRIDGING = 0x6558;
  public static final int IPV6 = 0x86dd;
  static final int PPP = 0x880b;
  static final int MPLS = 0x8847;
  static final int MPLS_MULTICAST = 0x8848;
  static final int PPPOE_SESSION = 0x8864;
  static final int QINQ = 0x88a8;
  static final int BACKBONE = 0x88e7;
  static final int VNTAG = 0x8926;
  static final int QINQ_OLD = 0x9100;

  private EtherType() {}

  /** Whether a tag of 4 bytes (6 for VNTAG) follows that ends in another EtherType. */
  static boolean isTag(int type) {
    return switch (type) {
      case VLAN, QINQ, QINQ_OLD, VNTAG -> true;
      default -> false;
    };
  }
}
