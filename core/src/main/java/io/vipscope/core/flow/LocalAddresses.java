package io.vipscope.core.flow;

import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * All addresses of the audited hosts, VIPs included, in groups: one group is a pair, whose hosts
 * may answer for each other's VIPs. Immutable; read by the reader and the workers without locks.
 *
 * <p>An open-addressing table over primitives: a look-up allocates nothing.
 */
public final class LocalAddresses {

  /** No audited host: nothing is local. */
  public static final LocalAddresses NONE = new LocalAddresses(List.of());

  private static final int ABSENT = -1;

  /** In place of the upper half of an IPv6 address. */
  private static final long V4_KEY = -1;

  private static final int V4_MULTIPLIER = 0x9e37_79b1;

  private final long[] hi;
  private final long[] lo;
  private final int[] group;
  private final int mask;

  /** IPv4 again, for speed: address above group + 1; 0 = empty. Twice as many places as needed. */
  private final long[] v4;

  private final int v4Shift;
  private final long[][] groupHi;
  private final long[][] groupLo;

  /** Beside {@link #group}: the address is a VIP. */
  private final boolean[] vip;

  /** Number of the first address of each group, where all are counted through. */
  private final int[] first;

  /** One collection of addresses per group; an address in several groups counts for the first. */
  public LocalAddresses(List<? extends Collection<IpAddress>> groups) {
    this(groups, List.of());
  }

  /**
   * The same with VIPs among them.
   *
   * @param vips which of the addresses change hands; others here count for nothing
   */
  public LocalAddresses(List<? extends Collection<IpAddress>> groups, Collection<IpAddress> vips) {
    int total = groups.stream().mapToInt(Collection::size).sum();
    int capacity = Math.max(8, Integer.highestOneBit(Math.max(1, total)) << 2);
    hi = new long[capacity];
    lo = new long[capacity];
    group = new int[capacity];
    vip = new boolean[capacity];
    java.util.Arrays.fill(group, ABSENT);
    mask = capacity - 1;
    v4 = new long[capacity];
    v4Shift = Integer.SIZE - Integer.numberOfTrailingZeros(capacity);
    groupHi = new long[groups.size()][];
    groupLo = new long[groups.size()][];
    first = new int[groups.size()];
    int number = 0;
    for (int g = 0; g < groups.size(); g++) {
      List<IpAddress> added = new ArrayList<>();
      for (IpAddress address : groups.get(g)) {
        if (insert(key(address), address.lo(), g)) {
          added.add(address);
        }
      }
      groupHi[g] = added.stream().mapToLong(LocalAddresses::key).toArray();
      groupLo[g] = added.stream().mapToLong(IpAddress::lo).toArray();
      first[g] = number;
      number += added.size();
    }
    for (IpAddress address : vips) {
      int i = slot(key(address), address.lo());
      vip[i] = group[i] != ABSENT;
    }
  }

  /**
   * The upper half that tells the families apart: no IPv6 address in use begins with these bits
   * (the deprecated IPv4-compatible block ends there).
   */
  private static long key(IpAddress address) {
    return key(address.v6(), address.hi());
  }

  private static long key(boolean v6, long addressHi) {
    return v6 ? addressHi : V4_KEY;
  }

  private boolean insert(long keyHi, long keyLo, int g) {
    int i = slot(keyHi, keyLo);
    if (group[i] != ABSENT) {
      return false;
    }
    hi[i] = keyHi;
    lo[i] = keyLo;
    group[i] = g;
    if (keyHi == V4_KEY) {
      int place = v4Place((int) keyLo);
      while (v4[place] != 0) {
        place = place + 1 & mask;
      }
      v4[place] = keyLo << 32 | g + 1;
    }
    return true;
  }

  private int v4Place(int address) {
    return address * V4_MULTIPLIER >>> v4Shift;
  }

  private int slot(long keyHi, long keyLo) {
    int i = (int) FlowHash.mix(keyHi + 31 * keyLo) & mask;
    while (group[i] != ABSENT && (hi[i] != keyHi || lo[i] != keyLo)) {
      i = i + 1 & mask;
    }
    return i;
  }

  public boolean isEmpty() {
    return groupHi.length == 0;
  }

  /** The group of an address, or -1 if no audited host has it. */
  public int groupOf(boolean v6, long addressHi, long addressLo) {
    return v6 ? group[slot(addressHi, addressLo)] : groupOfV4((int) addressLo);
  }

  private int groupOfV4(int address) {
    int place = v4Place(address);
    while (true) {
      long entry = v4[place];
      if ((int) (entry >>> 32) == address || entry == 0) {
        return (int) entry - 1;
      }
      place = place + 1 & mask;
    }
  }

  /** Whether an address is a VIP. */
  boolean isVip(boolean v6, long addressHi, long addressLo) {
    return vip[slot(key(v6, addressHi), addressLo)];
  }

  /** Number of addresses in a group. */
  int size(int g) {
    return groupHi[g].length;
  }

  /** The number of the i-th address of a group among all addresses. */
  int number(int g, int i) {
    return first[g] + i;
  }

  /** The address of a number. */
  IpAddress address(int number) {
    int g = 0;
    while (number - first[g] >= groupHi[g].length) {
      g++;
    }
    int i = number - first[g];
    return new IpAddress(isV6(g, i), hi(g, i), lo(g, i));
  }

  /** Whether the i-th address of a group is an IPv6 one. */
  boolean isV6(int g, int i) {
    return groupHi[g][i] != -1L;
  }

  long hi(int g, int i) {
    long value = groupHi[g][i];
    return value == -1L ? 0 : value;
  }

  long lo(int g, int i) {
    return groupLo[g][i];
  }
}
