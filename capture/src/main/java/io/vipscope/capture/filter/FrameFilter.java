package io.vipscope.capture.filter;

import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import io.vipscope.capture.CaptureException;
import io.vipscope.core.frame.LinkType;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import org.pcap4j.core.BpfProgram;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.namednumber.DataLinkType;

/**
 * A filter expression (pcap-filter(7)) for one link type: compiled by libpcap, evaluated here. One
 * thread uses an instance.
 */
public final class FrameFilter {

  private static final int SNAP_LENGTH = 262_144;
  private static final int INSTRUCTION_BYTES = 8;

  private final String expression;
  private final long[] instructions;
  private final ClassicBpf program;

  private FrameFilter(String expression, long[] instructions) {
    this.expression = expression;
    this.instructions = instructions;
    program = new ClassicBpf(instructions);
  }

  /**
   * Compiles an expression.
   *
   * @param linkType as in {@link io.vipscope.capture.FrameSource#linkType()}
   * @throws FilterSyntaxException if libpcap rejects it, or cannot express it for the link type
   * @throws CaptureException if libpcap is not there
   */
  public static FrameFilter compile(String expression, int linkType) {
    try (PcapHandle handle = Pcaps.openDead(dataLinkType(linkType), SNAP_LENGTH)) {
      BpfProgram compiled =
          handle.compileFilter(
              expression, BpfCompileMode.OPTIMIZE, PcapHandle.PCAP_NETMASK_UNKNOWN);
      try {
        return new FrameFilter(expression, instructions(compiled));
      } finally {
        compiled.free();
      }
    } catch (PcapNativeException | NotOpenException e) {
      throw new FilterSyntaxException(
          "filter expression \"" + expression + "\": " + e.getMessage(), e);
    } catch (LinkageError e) {
      throw new CaptureException(
          "a filter expression needs libpcap, install the Debian package libpcap0.8", e);
    }
  }

  /** Files number raw IP in another way than libpcap's own interface does on Linux. */
  private static DataLinkType dataLinkType(int linkType) {
    return DataLinkType.getInstance(linkType == LinkType.RAW ? LinkType.RAW_BSD : linkType);
  }

  /** The instructions of a compiled program; pcap4j 1.8 offers no other way to them. */
  private static long[] instructions(BpfProgram compiled) {
    try {
      Method accessor = BpfProgram.class.getDeclaredMethod("getProgram");
      accessor.setAccessible(true);
      Structure program = (Structure) accessor.invoke(compiled);
      int count = (int) program.readField("bf_len");
      Pointer code = ((Structure) program.readField("bf_insns")).getPointer();
      long[] words = new long[count];
      for (int i = 0; i < count; i++) {
        words[i] = code.getLong((long) i * INSTRUCTION_BYTES);
      }
      return words;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("BpfProgram of this pcap4j has no method getProgram()", e);
    }
  }

  public String expression() {
    return expression;
  }

  /** {@code struct bpf_insn} each, read as little-endian words: code 16, jt 8, jf 8, k 32 bits. */
  public long[] instructions() {
    return instructions.clone();
  }

  /** Whether the frame passes. */
  public boolean matches(MemorySegment data, long offset, int capturedLength, int wireLength) {
    return program.run(data, offset, capturedLength, wireLength) != 0;
  }
}
