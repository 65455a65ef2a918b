package io.vipscope.core.flow;

import io.vipscope.core.net.IpAddress;
import java.util.Arrays;

/**
 * A list of frames from or to VIPs, packed into words: many flows of VIPs give hundreds of
 * thousands a second, each of which waits until the cold thread is as far, and on its way crosses
 * from one core to another.
 */
public final class VipFrames {

  private static final int FIRST_FRAMES = 8;

  // Words of a frame.
  private static final int AT = 0;
  private static final int FRAME = 1;
  private static final int TIME = 2;
  private static final int SRC_HI = 3;
  private static final int SRC_LO = 4;
  private static final int DST_HI = 5;
  private static final int DST_LO = 6;
  private static final int SRC_MAC = 7;
  private static final int DST_MAC = 8;
  private static final int FLOW = 9;
  private static final int FLOW_START = 10;

  /** Source port 16, destination port 16, TCP sequence number 32. */
  private static final int PORTS = 11;

  /** VLAN id + 1 16, protocol 8, flags 4. */
  private static final int REST = 12;

  private static final int WORDS = 13;

  // Flags.
  private static final int V6 = 1;
  private static final int FORWARD = 1 << 1;
  private static final int PAYLOAD = 1 << 2;
  private static final int RESET = 1 << 3;

  private static final int PROTOCOL_SHIFT = 8;
  private static final int VLAN_SHIFT = 16;

  private long[] words = new long[FIRST_FRAMES * WORDS];
  private int count;
  private boolean sorted = true;

  /**
   * Adds one.
   *
   * @param atNs capture clock at that frame
   */
  public void add(VipFrame f, long atNs) {
    int at = count * WORDS;
    if (at == words.length) {
      words = Arrays.copyOf(words, 2 * at);
    }
    if (count > 0) {
      long before = atNs(count - 1);
      sorted &= before < atNs || before == atNs && frame(count - 1) <= f.frame();
    }
    words[at + AT] = atNs;
    words[at + FRAME] = f.frame();
    words[at + TIME] = f.tsNs();
    words[at + SRC_HI] = f.src().hi();
    words[at + SRC_LO] = f.src().lo();
    words[at + DST_HI] = f.dst().hi();
    words[at + DST_LO] = f.dst().lo();
    words[at + SRC_MAC] = f.srcMac();
    words[at + DST_MAC] = f.dstMac();
    words[at + FLOW] = f.flowId();
    words[at + FLOW_START] = f.flowStartNs();
    words[at + PORTS] =
        (long) f.srcPort() << 48 | (long) f.dstPort() << 32 | f.tcpSeq() & 0xffff_ffffL;
    words[at + REST] =
        (f.vlan() + 1L) << VLAN_SHIFT
            | f.protocol() << PROTOCOL_SHIFT
            | (f.src().v6() ? V6 : 0)
            | (f.forward() ? FORWARD : 0)
            | (f.payload() ? PAYLOAD : 0)
            | (f.reset() ? RESET : 0);
    count++;
  }

  public int count() {
    return count;
  }

  /** Whether they are in the order of the capture clock and, at one time, of their numbers. */
  public boolean isSorted() {
    return sorted;
  }

  /** Capture clock at one of them. */
  public long atNs(int i) {
    return words[i * WORDS + AT];
  }

  /** Its number in the capture. */
  public long frame(int i) {
    return words[i * WORDS + FRAME];
  }

  /** One of them. */
  public VipFrame get(int i) {
    int at = i * WORDS;
    long ports = words[at + PORTS];
    int rest = (int) words[at + REST];
    boolean v6 = (rest & V6) != 0;
    return new VipFrame(
        words[at + FRAME],
        words[at + TIME],
        (rest >>> VLAN_SHIFT) - 1,
        new IpAddress(v6, words[at + SRC_HI], words[at + SRC_LO]),
        (int) (ports >>> 48),
        new IpAddress(v6, words[at + DST_HI], words[at + DST_LO]),
        (int) (ports >>> 32) & 0xffff,
        rest >>> PROTOCOL_SHIFT & 0xff,
        (rest & FORWARD) != 0,
        words[at + SRC_MAC],
        words[at + DST_MAC],
        (rest & PAYLOAD) != 0,
        (rest & RESET) != 0,
        (int) ports,
        words[at + FLOW],
        words[at + FLOW_START]);
  }
}
