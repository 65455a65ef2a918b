package io.vipscope.core.frame;

/** Link types that the decoder reads, as numbered in the LINKTYPE registry of libpcap. */
public final class LinkTypes {

  public static final int NULL = 0;
  public static final int ETHERNET = 1;
  public static final int PPP = 9;
  public static final int RAW_12 = 12;
  public static final int RAW_14 = 14;
  public static final int PPP_HDLC = 50;
  public static final int RAW = 101;
  public static final int CHDLC = 104;
  public static final int LOOP = 108;
  public static final int SLL = 113;
  public static final int IPV4 = 228;
  public static final int IPV6 = 229;
  public static final int SLL2 = 276;

  private LinkTypes() {}
}
