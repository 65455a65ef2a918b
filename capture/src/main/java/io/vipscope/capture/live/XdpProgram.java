package io.vipscope.capture.live;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A program in an interface's receive path (bpf(2)) that hands each frame to the AF_XDP socket of
 * its receive queue, and a frame of a queue without one on to the stack. It is attached by a
 * bpf_link: it goes with the descriptor, however the process ends. One thread uses an instance.
 *
 * <pre>
 *   return bpf_redirect_map(&amp;sockets, ctx->rx_queue_index, XDP_PASS);
 * </pre>
 */
final class XdpProgram implements AutoCloseable {

  // Commands, types and flags of linux/bpf.h.
  private static final int BPF_MAP_CREATE = 0;
  private static final int BPF_MAP_UPDATE_ELEM = 2;
  private static final int BPF_PROG_LOAD = 5;
  private static final int BPF_LINK_CREATE = 28;
  private static final int BPF_MAP_TYPE_XSKMAP = 17;
  private static final int BPF_PROG_TYPE_XDP = 6;
  private static final int BPF_XDP = 37;
  private static final int BPF_F_XDP_HAS_FRAGS = 1 << 5;

  // Instructions: opcode, registers (destination in the low half), offset, constant.
  private static final int LOAD_WORD = 0x61;
  private static final int LOAD_CONSTANT_64 = 0x18;
  private static final int MOVE_CONSTANT = 0xb7;
  private static final int CALL = 0x85;
  private static final int EXIT = 0x95;
  private static final int R1 = 1;
  private static final int R2 = 2;
  private static final int R3 = 3;
  private static final int BPF_PSEUDO_MAP_FD = 1;
  private static final int RX_QUEUE_INDEX = 16; // in struct xdp_md
  private static final int XDP_PASS = 2;
  private static final int BPF_FUNC_REDIRECT_MAP = 51;
  private static final int INSTRUCTION_BYTES = 8;
  private static final int INSTRUCTIONS = 6;

  private static final int ATTRIBUTES_BYTES = 128;
  private static final String NAME = "vipscope_xsk";

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private final Posix posix;
  private final int syscall;
  private int map = -1;
  private int program = -1;
  private int link = -1;

  /**
   * Loads it.
   *
   * @param queues receive queues that may get a socket
   * @param scattered whether frames may lie in several buffers (Linux 5.18)
   * @throws XdpFailure if the kernel does not take it
   */
  XdpProgram(Posix posix, int queues, boolean scattered) {
    this.posix = posix;
    syscall = systemCall();
    try {
      map = XdpFailure.check(posix, createMap(queues), "creating the map of sockets");
      program = XdpFailure.check(posix, load(scattered), "loading the program");
    } catch (XdpFailure e) {
      close();
      throw e;
    }
  }

  /** Number of bpf(2): an older and the generic table of system calls. */
  private static int systemCall() {
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> 321;
      case "aarch64", "riscv64", "loongarch64" -> 280;
      case "ppc64le" -> 361;
      default -> throw new XdpFailure("finding bpf(2) of this architecture", Posix.ENOSYS);
    };
  }

  private MemorySegment attributes() {
    return posix.allocate(ATTRIBUTES_BYTES);
  }

  private static void name(MemorySegment attributes, int at) {
    byte[] name = NAME.getBytes(US_ASCII);
    MemorySegment.copy(name, 0, attributes, BYTE, at, name.length);
  }

  private int createMap(int queues) {
    MemorySegment a = attributes();
    a.set(INT, 0, BPF_MAP_TYPE_XSKMAP);
    a.set(INT, 4, 4); // bytes of a key: a queue
    a.set(INT, 8, 4); // of a value: a socket
    a.set(INT, 12, queues);
    name(a, 28);
    return posix.bpf(syscall, BPF_MAP_CREATE, a);
  }

  private int load(boolean scattered) {
    MemorySegment code = posix.allocate(INSTRUCTIONS * INSTRUCTION_BYTES);
    write(code, map);
    byte[] license = "Apache-2.0\0".getBytes(US_ASCII);
    MemorySegment text = posix.allocate(license.length);
    MemorySegment.copy(license, 0, text, BYTE, 0, license.length);
    MemorySegment a = attributes();
    a.set(INT, 0, BPF_PROG_TYPE_XDP);
    a.set(INT, 4, INSTRUCTIONS);
    a.set(ValueLayout.ADDRESS, 8, code);
    a.set(ValueLayout.ADDRESS, 16, text);
    a.set(INT, 44, scattered ? BPF_F_XDP_HAS_FRAGS : 0);
    name(a, 48);
    a.set(INT, 68, BPF_XDP);
    return posix.bpf(syscall, BPF_PROG_LOAD, a);
  }

  /** Writes the program ({@code struct bpf_insn}). */
  static void write(MemorySegment code, int map) {
    instruction(code, 0, LOAD_WORD, R2, R1, RX_QUEUE_INDEX, 0);
    instruction(code, 1, LOAD_CONSTANT_64, R1, BPF_PSEUDO_MAP_FD, 0, map);
    instruction(code, 2, 0, 0, 0, 0, 0); // its upper half
    instruction(code, 3, MOVE_CONSTANT, R3, 0, 0, XDP_PASS);
    instruction(code, 4, CALL, 0, 0, 0, BPF_FUNC_REDIRECT_MAP);
    instruction(code, 5, EXIT, 0, 0, 0, 0);
  }

  private static void instruction(
      MemorySegment code, int n, int opcode, int to, int from, int offset, int constant) {
    long at = (long) n * INSTRUCTION_BYTES;
    code.set(BYTE, at, (byte) opcode);
    code.set(BYTE, at + 1, (byte) (from << 4 | to));
    code.set(SHORT, at + 2, (short) offset);
    code.set(INT, at + 4, constant);
  }

  /** Gives a queue's frames to a socket. */
  void put(int queue, int socket) {
    MemorySegment key = posix.allocate(4);
    MemorySegment value = posix.allocate(4);
    key.set(INT, 0, queue);
    value.set(INT, 0, socket);
    MemorySegment a = attributes();
    a.set(INT, 0, map);
    a.set(ValueLayout.ADDRESS, 8, key);
    a.set(ValueLayout.ADDRESS, 16, value);
    XdpFailure.check(posix, posix.bpf(syscall, BPF_MAP_UPDATE_ELEM, a), "registering a socket");
  }

  /** Frames arrive from then on. */
  void attach(int interfaceIndex, XdpMode mode) {
    MemorySegment a = attributes();
    a.set(INT, 0, program);
    a.set(INT, 4, interfaceIndex);
    a.set(INT, 8, BPF_XDP);
    a.set(INT, 12, mode.attachFlags());
    link = XdpFailure.check(posix, posix.bpf(syscall, BPF_LINK_CREATE, a), "attaching the program");
  }

  /** Frames go to the stack again from then on. */
  void detach() {
    link = closed(link);
  }

  private int closed(int fd) {
    if (fd >= 0) {
      int _ = posix.closeDescriptor(fd);
    }
    return -1;
  }

  @Override
  public void close() {
    detach();
    program = closed(program);
    map = closed(map);
  }
}
