package io.vipscope.core.flow;

import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * All addresses of the audited hosts, VIPs included, in groups: one group is a pair, whose hosts
 * may answer for each other's VIPs. Read by the reader and the workers without locks.
 *
 * <p>An open-addressing table over primitives: a look-up allocates nothing. {@link #add} replaces
 * the table; whoever looks up later sees the new one. No address is ever taken out, and its number
 * stays.
 */
public final class LocalAddresses {

  /** No audited host: nothing is local. */
  public static final LocalAddresses NONE = new LocalAddresses(List.of());

  private static final int ABSENT = -1;

  /** In place of the upper half of an IPv6 address. */
  private static final long V4_KEY = -1;

  private static final int V4_MULTIPLIER = 0x9e37_79b1;

  private volatile Table table;

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
    List<Member> members = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      for (IpAddress address : groups.get(g)) {
        members.add(new Member(address, g));
      }
    }
    table = new Table(groups.size(), members, vips);
  }

  /**
   * Adds what is new; one thread may call this while others look up.
   *
   * @param groups as they are now: an address that is known keeps its group, and the others of its
   *     collection join it
   * @param vips which of all addresses change hands
   */
  public void add(List<? extends Collection<IpAddress>> groups, Collection<IpAddress> vips) {
    Table before = table;
    List<Member> members = new ArrayList<>(before.members);
    int count = before.groupHi.length;
    for (Collection<IpAddress> addresses : groups) {
      int group = ABSENT;
      for (IpAddress address : addresses) {
        group = group == ABSENT ? before.groupOf(key(address), address.lo()) : group;
      }
      if (group == ABSENT) {
        group = count++;
      }
      for (IpAddress address : addresses) {
        members.add(new Member(address, group));
      }
    }
    table = new Table(count, members, vips);
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

  public boolean isEmpty() {
    return table.groupHi.length == 0;
  }

  /** The group of an address, or -1 if no audited host has it. */
  public int groupOf(boolean v6, long addressHi, long addressLo) {
    Table t = table;
    return v6 ? t.groupOf(addressHi, addressLo) : t.groupOfV4((int) addressLo);
  }

  /** Whether an address is a VIP. */
  boolean isVip(boolean v6, long addressHi, long addressLo) {
    Table t = table;
    return t.vip[t.slot(key(v6, addressHi), addressLo)];
  }

  /** Number of addresses in a group. */
  int size(int g) {
    return table.groupHi[g].length;
  }

  /** The number of the i-th address of a group among all addresses. */
  int number(int g, int i) {
    return table.number[g][i];
  }

  /** The address of a number. */
  IpAddress address(int number) {
    return table.members.get(number).address();
  }

  /** Whether the i-th address of a group is an IPv6 one. */
  boolean isV6(int g, int i) {
    return table.groupHi[g][i] != -1L;
  }

  long hi(int g, int i) {
    long value = table.groupHi[g][i];
    return value == -1L ? 0 : value;
  }

  long lo(int g, int i) {
    return table.groupLo[g][i];
  }

  private record Member(IpAddress address, int group) {}

  /** One state of the addresses; immutable once it is made. */
  private static final class Table {

    /** By number; each address once. */
    final List<Member> members = new ArrayList<>();

    final long[] hi;
    final long[] lo;
    final int[] group;
    final int mask;

    /**
     * IPv4 again, for speed: address above group + 1; 0 = empty. Twice as many places as needed.
     */
    final long[] v4;

    final int v4Shift;
    final long[][] groupHi;
    final long[][] groupLo;
    final int[][] number;

    /** Beside {@link #group}: the address is a VIP. */
    final boolean[] vip;

    Table(int groups, List<Member> all, Collection<IpAddress> vips) {
      int capacity = Math.max(8, Integer.highestOneBit(Math.max(1, all.size())) << 2);
      hi = new long[capacity];
      lo = new long[capacity];
      group = new int[capacity];
      vip = new boolean[capacity];
      Arrays.fill(group, ABSENT);
      mask = capacity - 1;
      v4 = new long[capacity];
      v4Shift = Integer.SIZE - Integer.numberOfTrailingZeros(capacity);
      for (Member member : all) {
        if (insert(key(member.address()), member.address().lo(), member.group())) {
          members.add(member);
        }
      }
      groupHi = new long[groups][];
      groupLo = new long[groups][];
      number = new int[groups][];
      for (int g = 0; g < groups; g++) {
        int wanted = g;
        int[] of =
            IntStream.range(0, members.size())
                .filter(n -> members.get(n).group() == wanted)
                .toArray();
        number[g] = of;
        groupHi[g] = Arrays.stream(of).mapToLong(n -> key(members.get(n).address())).toArray();
        groupLo[g] = Arrays.stream(of).mapToLong(n -> members.get(n).address().lo()).toArray();
      }
      for (IpAddress address : vips) {
        int i = slot(key(address), address.lo());
        vip[i] = group[i] != ABSENT;
      }
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

    int groupOf(long keyHi, long keyLo) {
      return group[slot(keyHi, keyLo)];
    }

    private int v4Place(int address) {
      return address * V4_MULTIPLIER >>> v4Shift;
    }

    int groupOfV4(int address) {
      int place = v4Place(address);
      while (true) {
        long entry = v4[place];
        if ((int) (entry >>> 32) == address || entry == 0) {
          return (int) entry - 1;
        }
        place = place + 1 & mask;
      }
    }

    int slot(long keyHi, long keyLo) {
      int i = (int) FlowHash.mix(keyHi + 31 * keyLo) & mask;
      while (group[i] != ABSENT && (hi[i] != keyHi || lo[i] != keyLo)) {
        i = i + 1 & mask;
      }
      return i;
    }
  }
}
