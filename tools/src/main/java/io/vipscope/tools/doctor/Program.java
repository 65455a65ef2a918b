package io.vipscope.tools.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What this machine says about itself: its programs' output and its files. */
public interface Program {

  /** Asks this machine. */
  Program REAL =
      new Program() {
        @Override
        public @Nullable String output(List<String> command) throws InterruptedException {
          try {
            Process process =
                new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
              process.destroy();
              return null;
            }
            return process.exitValue() == 0 ? text : null;
          } catch (IOException _) {
            return null; // not installed
          }
        }

        @Override
        public @Nullable String file(Path path) {
          try {
            return Files.readString(path).strip();
          } catch (IOException _) {
            return null;
          }
        }
      };

  /** Longer than these programs ever take. */
  long PATIENCE_S = 5;

  /** What a program prints; null if it is not installed or fails. */
  @Nullable String output(List<String> command) throws InterruptedException;

  /** A file's text without space around it; null if it cannot be read. */
  @Nullable String file(Path path);
}
