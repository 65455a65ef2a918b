package io.vipscope.capture.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.capture.FrameSource;
import io.vipscope.capture.FrameSource.Next;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read back by the reader of captures. */
class PcapngWriterTest {

  private static final int SNAP = 100;

  @TempDir private Path folder;

  @Test
  void framesComeBackCutToTheSnapLength() throws IOException {
    Path file = folder.resolve("out.pcapng");
    byte[][] frames = new byte[300][];
    Random random = new Random(51);
    try (PcapngWriter out = new PcapngWriter(Files.newOutputStream(file), "test", SNAP)) {
      for (int i = 0; i < frames.length; i++) {
        frames[i] = new byte[random.nextInt(200)];
        random.nextBytes(frames[i]);
        out.frame(
            "source" + i % 3,
            i % 2 == 0 ? 1 : 101,
            1_700_000_000_000_000_001L + i,
            MemorySegment.ofArray(frames[i]),
            0,
            frames[i].length,
            frames[i].length + 7,
            i % 5 == 0 ? null : "é" + "x".repeat(i % 7));
      }
    }
    try (FrameSource in = Captures.open(file.toString())) {
      for (int i = 0; i < frames.length; i++) {
        assertEquals(Next.FRAME, in.next());
        int length = Math.min(SNAP, frames[i].length);
        assertEquals(1_700_000_000_000_000_001L + i, in.timestampNs());
        assertEquals(i % 2 == 0 ? 1 : 101, in.linkType());
        assertEquals(frames[i].length + 7, in.wireLength());
        byte[] bytes = new byte[in.capturedLength()];
        MemorySegment.copy(
            in.data(), ValueLayout.JAVA_BYTE, in.dataOffset(), bytes, 0, bytes.length);
        assertArrayEquals(Arrays.copyOf(frames[i], length), bytes);
      }
      assertEquals(Next.END, in.next());
    }
  }
}
