package io.vipscope.capture.live;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A program in the language of classic BPF (linux/filter.h), as packet sockets take it.
 *
 * @param code operations, one per instruction, as the kernel numbers them
 */
record KernelBpf(List<Instruction> code) {

  /** {@code struct sock_filter}; jumps count instructions from the next one. */
  record Instruction(int operation, int ifTrue, int ifFalse, int value) {}

  private static final int INSTRUCTION_BYTES = 8;
  private static final int PROGRAM_BYTES = 16;

  private static final int LD_W_ABS = 0x20;
  private static final int LD_B_ABS = 0x30;
  private static final int LD_H_ABS = 0x28;
  private static final int LDX_MEM = 0x61;
  private static final int ST = 0x02;
  private static final int ADD_X = 0x0c;
  private static final int MUL_K = 0x24;
  private static final int JA = 0x05;
  private static final int JEQ_K = 0x15;
  private static final int JSET_K = 0x45;
  private static final int RET_K = 0x06;
  private static final int RET_A = 0x16;

  /** Offset of what belongs to the packet but is not in it. */
  private static final int SKF_AD_OFF = -0x1000;

  /** The EtherType, where a tag that the kernel has taken out is skipped. */
  private static final int SKF_AD_PROTOCOL = SKF_AD_OFF;

  /** Whether the kernel has taken a tag out. */
  private static final int SKF_AD_VLAN_TAG_PRESENT = SKF_AD_OFF + 48;

  /** Offsets from here on count from the network header. */
  private static final int SKF_NET_OFF = -0x100000;

  private static final int ETHERTYPE_IPV4 = 0x0800;
  private static final int ETHERTYPE_IPV6 = 0x86dd;
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int VERSION_4_NO_OPTIONS = 0x45;
  private static final int FRAGMENT = 0x3fff;
  private static final int FRAGMENT_OFFSET = 0x1fff;
  private static final int IPV4_FRAGMENT = 6;
  private static final int IPV4_PROTOCOL = 9;
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_NEXT_HEADER = 6;
  private static final int IPV6_BYTES = 40;
  private static final int VXLAN_PORT = 4789;
  private static final int OLD_VXLAN_PORT = 8472;
  private static final int GENEVE_PORT = 6081;

  // Fields of an instruction of libpcap, struct bpf_insn as a little-endian word.
  private static final int RET_CLASS = 0x06;
  private static final int CLASS_MASK = 0x07;

  /** 2^32 divided by the golden ratio, odd: spreads neighbouring numbers over all 32 bits. */
  private static final int SPREAD = 0x9e3779b1;

  KernelBpf {
    code = List.copyOf(code);
  }

  /**
   * Takes the first bytes of every frame.
   *
   * @param bytes 0: no frame at all
   */
  static KernelBpf first(int bytes) {
    return new KernelBpf(List.of(new Instruction(RET_K, 0, 0, bytes)));
  }

  /**
   * Shares out TCP by the sum of its ports, which both directions of a connection have in common.
   * All other frames go to the first thread (0): there the order in which question and answer came
   * tells who asked, also where the answer comes from another address, or in fragments.
   */
  static KernelBpf sharing() {
    int ip6 = 8;
    int ports4 = 11;
    int ports6 = 15;
    int sum = 18;
    int first = 22;
    Assembler code = new Assembler();
    code.add(LD_H_ABS, SKF_AD_PROTOCOL);
    code.jump(JEQ_K, ETHERTYPE_IPV4, 2, ip6);
    code.add(LD_B_ABS, SKF_NET_OFF);
    code.jump(JEQ_K, VERSION_4_NO_OPTIONS, 4, first);
    code.add(LD_B_ABS, SKF_NET_OFF + IPV4_PROTOCOL);
    code.jump(JEQ_K, TCP, 6, first);
    code.add(LD_H_ABS, SKF_NET_OFF + IPV4_FRAGMENT);
    code.jump(JSET_K, FRAGMENT, first, ports4);
    // ip6:
    code.jump(JEQ_K, ETHERTYPE_IPV6, 9, first);
    code.add(LD_B_ABS, SKF_NET_OFF + IPV6_NEXT_HEADER);
    code.jump(JEQ_K, TCP, ports6, first);
    // ports4:
    code.add(LD_H_ABS, SKF_NET_OFF + IPV4_BYTES);
    code.add(ST, 0);
    code.add(LD_H_ABS, SKF_NET_OFF + IPV4_BYTES + 2);
    code.jump(JA, 0, sum, sum);
    // ports6:
    code.add(LD_H_ABS, SKF_NET_OFF + IPV6_BYTES);
    code.add(ST, 0);
    code.add(LD_H_ABS, SKF_NET_OFF + IPV6_BYTES + 2);
    // sum:
    code.add(LDX_MEM, 0);
    code.add(ADD_X, 0);
    code.add(MUL_K, SPREAD);
    code.add(RET_A, 0);
    // first:
    code.add(RET_K, 0);
    return new KernelBpf(code.code);
  }

  /**
   * Takes the first bytes of the frames that a filter matches, and of all those at which user space
   * has to look itself: tagged ones (the kernel has taken the tag out, the filter expects it),
   * those that may carry others, fragments, and whatever is not TCP, UDP or ICMP over IPv4 or TCP
   * or UDP over IPv6, VRRP, ARP and ND among it. The filter is asked again there; so this need only
   * never reject what it would match.
   *
   * @param filter instructions of libpcap ({@link
   *     io.vipscope.capture.filter.FrameFilter#instructions()})
   * @param vxlanPort a further port of VXLAN; 0 = none
   */
  static KernelBpf matching(long[] filter, int bytes, int vxlanPort) {
    int ip6 = 14;
    int tunnels = 19;
    int pass = 23;
    int ask = 24;
    Assembler code = new Assembler();
    code.add(LD_W_ABS, SKF_AD_VLAN_TAG_PRESENT);
    code.jump(JEQ_K, 0, 2, pass);
    code.add(LD_H_ABS, SKF_AD_PROTOCOL);
    code.jump(JEQ_K, ETHERTYPE_IPV4, 4, ip6);
    code.add(LD_B_ABS, SKF_NET_OFF);
    code.jump(JEQ_K, VERSION_4_NO_OPTIONS, 6, pass);
    code.add(LD_H_ABS, SKF_NET_OFF + IPV4_FRAGMENT);
    code.jump(JSET_K, FRAGMENT_OFFSET, pass, 8);
    code.add(LD_B_ABS, SKF_NET_OFF + IPV4_PROTOCOL);
    code.jump(JEQ_K, TCP, ask, 10);
    code.jump(JEQ_K, ICMP, ask, 11);
    code.jump(JEQ_K, UDP, 12, pass);
    code.add(LD_H_ABS, SKF_NET_OFF + IPV4_BYTES + 2);
    code.jump(JA, 0, tunnels, tunnels);
    // ip6:
    code.jump(JEQ_K, ETHERTYPE_IPV6, 15, pass);
    code.add(LD_B_ABS, SKF_NET_OFF + IPV6_NEXT_HEADER);
    code.jump(JEQ_K, TCP, ask, 17);
    code.jump(JEQ_K, UDP, 18, pass);
    code.add(LD_H_ABS, SKF_NET_OFF + IPV6_BYTES + 2);
    // tunnels:
    code.jump(JEQ_K, VXLAN_PORT, pass, 20);
    code.jump(JEQ_K, OLD_VXLAN_PORT, pass, 21);
    code.jump(JEQ_K, GENEVE_PORT, pass, 22);
    code.jump(JEQ_K, vxlanPort, pass, ask);
    // pass:
    code.add(RET_K, bytes);
    // ask:
    for (long word : filter) {
      int operation = (int) word & 0xffff;
      int value = (int) (word >>> 32);
      code.code.add(
          new Instruction(
              operation,
              (int) (word >>> 16) & 0xff,
              (int) (word >>> 24) & 0xff,
              (operation & CLASS_MASK) == RET_CLASS && value != 0 ? bytes : value));
    }
    return new KernelBpf(code.code);
  }

  /** Appends instructions; places are counted from 0. */
  private static final class Assembler {

    private final List<Instruction> code = new ArrayList<>();

    void add(int operation, int value) {
      code.add(new Instruction(operation, 0, 0, value));
    }

    /** Goes to one of two places further on. */
    void jump(int operation, int value, int ifTrue, int ifFalse) {
      int next = code.size() + 1;
      code.add(
          operation == JA
              ? new Instruction(JA, 0, 0, ifTrue - next)
              : new Instruction(operation, ifTrue - next, ifFalse - next, value));
    }
  }

  /** A {@code struct sock_fprog}, its instructions beside it. */
  MemorySegment program(Posix posix) {
    MemorySegment filter = posix.allocate((long) INSTRUCTION_BYTES * code.size());
    for (int i = 0; i < code.size(); i++) {
      Instruction instruction = code.get(i);
      long at = (long) INSTRUCTION_BYTES * i;
      filter.set(ValueLayout.JAVA_SHORT, at, (short) instruction.operation());
      filter.set(ValueLayout.JAVA_BYTE, at + 2, (byte) instruction.ifTrue());
      filter.set(ValueLayout.JAVA_BYTE, at + 3, (byte) instruction.ifFalse());
      filter.set(ValueLayout.JAVA_INT, at + 4, instruction.value());
    }
    MemorySegment program = posix.allocate(PROGRAM_BYTES);
    program.set(ValueLayout.JAVA_SHORT, 0, (short) code.size());
    program.set(ValueLayout.ADDRESS, 8, filter);
    return program;
  }
}
