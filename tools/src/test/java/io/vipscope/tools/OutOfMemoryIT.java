package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program says whose heap is full. */
class OutOfMemoryIT {

  private static final int LINE_BYTES = 64 << 20;

  @TempDir Path folder;

  @Test
  void oneSentenceAndTheExitCodeOfAnInternalError() throws Exception {
    Path records = folder.resolve("records.jsonl");
    line(records);
    Path told = folder.resolve("told");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx48m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "show",
                records.toString())
            .redirectErrorStream(true)
            .redirectOutput(told.toFile())
            .start();
    assertEquals(ExitCode.INTERNAL, process.waitFor());
    String text = Files.readString(told);
    String last = text.lines().toList().getLast();
    assertTrue(last.startsWith("vipscope: out of memory: "), text);
    assertTrue(last.contains("VIPSCOPE_JAVA_OPTS=-Xmx"), text);
    assertEquals(1, text.lines().filter(line -> line.contains("emory")).count(), text);
  }

  private static void line(Path file) throws IOException {
    byte[] part = new byte[1 << 20];
    Arrays.fill(part, "{".getBytes(UTF_8)[0]);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int written = 0; written < LINE_BYTES; written += part.length) {
        out.write(part);
      }
    }
  }

  @Test
  void itIsFoundBehindAnotherFailure() {
    Throwable full = new IllegalStateException("a thread failed", new OutOfMemoryError());
    assertTrue(OutOfMemory.isCauseOf(full));
    assertFalse(OutOfMemory.isCauseOf(new IllegalStateException("a thread failed")));
    assertFalse(OutOfMemory.isCauseOf(null));
  }
}
