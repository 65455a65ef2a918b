package io.vipscope.capture.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class XdpProgramTest {

  /** What clang 14 makes of the C in the class's Javadoc; libbpf puts the map's descriptor in. */
  @Test
  void isWhatACompilerMakes() {
    assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
    MemorySegment written = MemorySegment.ofArray(new long[6]);
    XdpProgram.write(written, 0x11223344);
    assertEquals(
        "6112100000000000" // r2 = *(u32 *)(r1 + 16)
            + "1811000044332211" // r1 = map 0x11223344
            + "0000000000000000"
            + "b703000002000000" // r3 = 2
            + "8500000033000000" // call 51
            + "9500000000000000", // exit
        HexFormat.of().formatHex(written.toArray(ValueLayout.JAVA_BYTE)));
  }
}
