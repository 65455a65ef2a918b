package io.vipscope.core.frame;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of the segments that mirrored frames come from: the VLAN id where no transport carried
 * them, else a number for each VLAN of each mirror session, in the order of the capture.
 *
 * <p>One reader's thread adds, the one that takes what is not TCP; others read numbers that have
 * come to them with a frame.
 */
public final class Segments {

  /** Above every VLAN id. */
  static final int FIRST = 4096;

  /** Segments beyond are told apart no more: a frame carries its segment in 16 bits. */
  private static final int MAX = 60_000;

  // A key: transport, session id, VLAN id + 1.
  private static final int TUNNEL_SHIFT = 48;
  private static final int ID_SHIFT = 16;
  private static final int VLAN_MASK = 0xffff;

  /** More than any key. */
  private static final long NONE = -1;

  private static final Tunnel[] TUNNELS = Tunnel.values();

  /**
   * A mirror session.
   *
   * @param id session, VNI or key; {@link TunnelHeader#NO_ID} without one
   */
  public record Mirror(Tunnel tunnel, int id) {}

  /** Keys by number; replaced when it is full. */
  private volatile long[] keys = new long[64];

  private int count;

  /** Numbers by key, open addressing; at most half full. */
  private int[] slots = new int[256];

  private long lastKey = NONE;
  private int lastNumber;

  /**
   * The number of a segment.
   *
   * @param vlan VLAN of the mirrored frame, or {@link FrameHeader#NO_VLAN}
   */
  int number(Tunnel tunnel, int id, int vlan) {
    long key = (long) tunnel.ordinal() << TUNNEL_SHIFT | (id & 0xffff_ffffL) << ID_SHIFT | vlan + 1;
    if (key != lastKey) {
      lastNumber = find(key);
      lastKey = key;
    }
    return lastNumber;
  }

  private int find(long key) {
    int mask = slots.length - 1;
    for (int slot = hash(key) & mask; ; slot = slot + 1 & mask) {
      int number = slots[slot];
      if (number == 0) {
        return add(key, slot);
      }
      if (keys[number - FIRST] == key) {
        return number;
      }
    }
  }

  private int add(long key, int slot) {
    if (count == MAX) {
      return FIRST + MAX - 1;
    }
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, 2 * count);
    }
    keys[count] = key;
    slots[slot] = FIRST + count;
    count++;
    if (2 * count > slots.length) {
      grow();
    }
    return FIRST + count - 1;
  }

  private void grow() {
    int[] wider = new int[2 * slots.length];
    int mask = wider.length - 1;
    for (int i = 0; i < count; i++) {
      int slot = hash(keys[i]) & mask;
      while (wider[slot] != 0) {
        slot = slot + 1 & mask;
      }
      wider[slot] = FIRST + i;
    }
    slots = wider;
  }

  private static int hash(long key) {
    return (int) (key * 0x9e37_79b9_7f4a_7c15L >>> 32);
  }

  /** The VLAN id of a segment; {@link FrameHeader#NO_VLAN} without one. */
  public int vlan(int segment) {
    return segment < FIRST ? segment : (int) (keys[segment - FIRST] & VLAN_MASK) - 1;
  }

  /** The mirror session of a segment; null if its frames came as they are. */
  public @Nullable Mirror mirror(int segment) {
    if (segment < FIRST) {
      return null;
    }
    long key = keys[segment - FIRST];
    return new Mirror(TUNNELS[(int) (key >>> TUNNEL_SHIFT)], (int) (key >>> ID_SHIFT));
  }

  /** {@code vlan 100}, {@code erspan 5}, {@code vxlan 7 vlan 100}; empty for the only one. */
  public String name(int segment) {
    Mirror mirror = mirror(segment);
    int vlan = vlan(segment);
    String text = "";
    if (mirror != null) {
      text = mirror.tunnel() + (mirror.id() == TunnelHeader.NO_ID ? "" : " " + mirror.id());
    }
    if (vlan >= 0) {
      text += (text.isEmpty() ? "vlan " : " vlan ") + vlan;
    }
    return text;
  }
}
