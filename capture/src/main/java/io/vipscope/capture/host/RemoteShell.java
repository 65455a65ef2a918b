package io.vipscope.capture.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.vipscope.capture.CaptureException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands on another host by one call of ssh, in its {@code sh}, which reads a script from
 * standard input: nothing is written there.
 */
final class RemoteShell {

  private static final long PATIENCE_S = 120;
  private static final int MAX_ERROR = 300;

  /**
   * What a command printed.
   *
   * @param text what it printed, a character for each byte
   * @param code its exit code; 127 where there is no such command
   * @param error the first line that it complained with; empty if it did not
   */
  record Answer(String text, int code, String error) {}

  private final List<String> ssh;
  private final String destination;

  /**
   * @param ssh the command and its options, to which the destination is added
   * @param destination as ssh knows it
   */
  RemoteShell(List<String> ssh, String destination) {
    this.ssh = List.copyOf(ssh);
    this.destination = destination;
  }

  /**
   * Runs commands one after the other.
   *
   * @param commands lines for {@code sh}; each one's standard output is kept apart
   * @return an answer for each
   * @throws CaptureException if the host cannot be reached or the connection breaks
   */
  List<Answer> run(List<String> commands) throws InterruptedException {
    byte[] random = new byte[12];
    new SecureRandom().nextBytes(random);
    String mark = "vipscope-" + HexFormat.of().formatHex(random);
    StringBuilder script =
        new StringBuilder("PATH=$PATH:/usr/sbin:/sbin LC_ALL=C; export PATH LC_ALL; exec 3>&1\n");
    for (String command : commands) {
      script.append("e=$( { ").append(command).append("\n} 2>&1 >&3 3>&- </dev/null); c=$?\n");
      script.append("printf '\\n").append(mark).append(" %d %s\\n' $c ");
      script.append("\"$(printf '%s' \"$e\" | head -n 1)\"\n");
    }
    script.append("exit 0\n");
    List<String> line = new ArrayList<>(ssh);
    line.addAll(List.of("--", destination, "exec sh -s"));
    try {
      Process process = new ProcessBuilder(line).start();
      AtomicReference<String> errors = new AtomicReference<>("");
      Thread complaint = Thread.ofVirtual().start(() -> errors.set(all(process.getErrorStream())));
      Thread writer = Thread.ofVirtual().start(() -> write(process, script.toString()));
      Thread watch = Thread.ofVirtual().start(() -> endLate(process));
      List<Answer> answers = answers(process.getInputStream(), mark);
      int code = process.waitFor();
      watch.interrupt();
      writer.join();
      complaint.join();
      if (answers.size() < commands.size()) {
        throw new CaptureException(destination + ": " + why(code, String.valueOf(errors.get())));
      }
      return answers;
    } catch (IOException e) {
      throw new CaptureException(
          destination + ": " + ssh.getFirst() + " cannot be run: " + e.getMessage(), e);
    }
  }

  private static String why(int code, String errors) {
    String last = errors.lines().filter(l -> !l.isBlank()).reduce((_, b) -> b).orElse("");
    return last.isEmpty()
        ? "the connection ended early (ssh: " + code + ")"
        : last.substring(0, Math.min(MAX_ERROR, last.length())).strip();
  }

  private static void write(Process process, String script) {
    try (var out = process.getOutputStream()) {
      out.write(script.getBytes(ISO_8859_1));
    } catch (IOException _) {
      // it ended before: what it said on standard error tells why
    }
  }

  private static void endLate(Process process) {
    try {
      if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      // it has ended
    }
  }

  private static String all(InputStream in) {
    try {
      return new String(in.readAllBytes(), ISO_8859_1);
    } catch (IOException _) {
      return "";
    }
  }

  /** Splits what comes at the lines that begin with the mark. */
  private static List<Answer> answers(InputStream in, String mark) throws IOException {
    List<Answer> answers = new ArrayList<>();
    BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int b;
    while ((b = buffered.read()) >= 0) {
      line.write(b);
      if (b == '\n') {
        Answer answer = end(line.toString(ISO_8859_1), mark, output);
        if (answer == null) {
          line.writeTo(output);
        } else {
          answers.add(answer);
          output.reset();
        }
        line.reset();
      }
    }
    return answers;
  }

  private static @Nullable Answer end(String line, String mark, ByteArrayOutputStream output) {
    if (!line.startsWith(mark + " ")) {
      return null;
    }
    String[] words = line.stripTrailing().split(" ", 3);
    byte[] bytes = output.toByteArray();
    int length = Math.max(0, bytes.length - 1); // the mark's own line break
    return new Answer(
        new String(bytes, 0, length, ISO_8859_1),
        Integer.parseInt(words[1]),
        words.length < 3 ? "" : words[2]);
  }
}
