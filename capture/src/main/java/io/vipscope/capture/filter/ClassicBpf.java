package io.vipscope.capture.filter;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The machine of classic BPF (McCanne and Jacobson 1993; linux/filter.h): accumulator, index
 * register, 16 words of scratch memory. Jumps go forward, except in a protochain loop, which moves
 * on in the frame each time. One thread uses an instance.
 *
 * <p>As in libpcap's bpf_filter: a load outside the captured bytes, a division by zero and an
 * unknown instruction reject the frame.
 */
final class ClassicBpf {

  private static final int SCRATCH_WORDS = 16;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  // Classes: the low three bits of the code.
  private static final int LD = 0;
  private static final int LDX = 1;
  private static final int ST = 2;
  private static final int STX = 3;
  private static final int ALU = 4;
  private static final int JMP = 5;
  private static final int RET = 6;

  // Bit 3 of an arithmetic or jump code: the operand is the index register.
  private static final int X = 0x08;

  private final int[] code;
  private final int[] jumpTrue;
  private final int[] jumpFalse;
  private final int[] k;
  private final int[] scratch = new int[SCRATCH_WORDS];

  /**
   * @param instructions struct bpf_insn each, read as little-endian words: code 16, jt 8, jf 8, k
   *     32 bits
   */
  ClassicBpf(long[] instructions) {
    int count = instructions.length;
    code = new int[count];
    jumpTrue = new int[count];
    jumpFalse = new int[count];
    k = new int[count];
    for (int i = 0; i < count; i++) {
      code[i] = (int) instructions[i] & 0xffff;
      jumpTrue[i] = (int) (instructions[i] >>> 16) & 0xff;
      jumpFalse[i] = (int) (instructions[i] >>> 24) & 0xff;
      k[i] = (int) (instructions[i] >>> 32);
    }
  }

  /** Runs the program over a frame: 0 rejects it. */
  int run(MemorySegment data, long base, int length, int wireLength) {
    int a = 0;
    int x = 0;
    for (int pc = 0; pc >= 0 && pc < code.length; pc++) {
      int op = code[pc];
      int operand = k[pc];
      switch (op & 7) {
        case LD, LDX -> {
          long value = load(op, operand, x, data, base, length, wireLength);
          if (value < 0) {
            return 0;
          }
          if ((op & 7) == LD) {
            a = (int) value;
          } else {
            x = (int) value;
          }
        }
        case ST -> scratch[operand & SCRATCH_WORDS - 1] = a;
        case STX -> scratch[operand & SCRATCH_WORDS - 1] = x;
        case ALU -> {
          int second = (op & X) != 0 ? x : operand;
          if (second == 0 && isDivision(op)) {
            return 0;
          }
          a = arithmetic(op & 0xf0, a, second);
        }
        case JMP -> pc += jump(pc, op, a, (op & X) != 0 ? x : operand);
        case RET -> {
          return (op & 0x18) == 0x10 ? a : operand;
        }
        default -> { // MISC
          if ((op & 0x80) == 0) {
            x = a;
          } else {
            a = x;
          }
        }
      }
    }
    return 0;
  }

  /** The loaded word, or -1 if it is not there. */
  private long load(
      int op, int operand, int x, MemorySegment data, long base, int length, int wireLength) {
    int size = op & 0x18;
    return switch (op & 0xe0) {
      case 0x00 -> operand & 0xffffffffL; // immediate
      case 0x20 -> bytes(data, base, length, operand & 0xffffffffL, size);
      case 0x40 -> bytes(data, base, length, (operand & 0xffffffffL) + (x & 0xffffffffL), size);
      case 0x60 -> scratch[operand & SCRATCH_WORDS - 1] & 0xffffffffL;
      case 0x80 -> wireLength & 0xffffffffL;
      case 0xa0 -> { // four times the low nibble: an IPv4 header length
        long octet = bytes(data, base, length, operand & 0xffffffffL, 0x10);
        yield octet < 0 ? -1 : (octet & 0xf) << 2;
      }
      default -> -1;
    };
  }

  private static long bytes(MemorySegment data, long base, int length, long at, int size) {
    int width = size == 0 ? 4 : size == 0x08 ? 2 : 1;
    if (at + width > length) {
      return -1;
    }
    return switch (width) {
      case 4 -> data.get(INT, base + at) & 0xffffffffL;
      case 2 -> data.get(SHORT, base + at) & 0xffffL;
      default -> data.get(ValueLayout.JAVA_BYTE, base + at) & 0xffL;
    };
  }

  private static boolean isDivision(int op) {
    return (op & 0xf0) == 0x30 || (op & 0xf0) == 0x90;
  }

  private static int arithmetic(int operation, int a, int b) {
    return switch (operation) {
      case 0x00 -> a + b;
      case 0x10 -> a - b;
      case 0x20 -> a * b;
      case 0x30 -> Integer.divideUnsigned(a, b);
      case 0x40 -> a | b;
      case 0x50 -> a & b;
      case 0x60 -> Integer.compareUnsigned(b, 32) < 0 ? a << b : 0;
      case 0x70 -> Integer.compareUnsigned(b, 32) < 0 ? a >>> b : 0;
      case 0x80 -> -a;
      case 0x90 -> Integer.remainderUnsigned(a, b);
      case 0xa0 -> a ^ b;
      default -> 0;
    };
  }

  /** How many instructions to pass over. */
  private int jump(int pc, int op, int a, int b) {
    boolean taken;
    switch (op & 0xf0) {
      case 0x00 -> {
        return k[pc]; // always
      }
      case 0x10 -> taken = a == b;
      case 0x20 -> taken = Integer.compareUnsigned(a, b) > 0;
      case 0x30 -> taken = Integer.compareUnsigned(a, b) >= 0;
      case 0x40 -> taken = (a & b) != 0;
      default -> taken = false;
    }
    return taken ? jumpTrue[pc] : jumpFalse[pc];
  }
}
