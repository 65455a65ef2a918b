package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.tools.docs.BashCompletion;
import io.vipscope.tools.docs.ZshCompletion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the shells offer: bash itself is asked. */
class CompletionTest {

  @TempDir private Path folder;

  /** What bash offers for the last word; words as bash takes them apart. */
  private Set<String> offered(String... words) throws Exception {
    Path file = folder.resolve("vipscope");
    Files.writeString(file, BashCompletion.of(Main.whole()));
    String script =
        "set -u; . %s; COMP_WORDS=(vipscope %s); COMP_CWORD=%d; _vipscope; printf '%%s\\n' \"${COMPREPLY[@]-}\""
            .formatted(
                file,
                String.join(" ", Arrays.stream(words).map(w -> "'" + w + "'").toList()),
                words.length);
    Process p =
        new ProcessBuilder("bash", "--norc", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(p.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, p.waitFor(), said);
    return new TreeSet<>(said.lines().filter(l -> !l.isBlank()).toList());
  }

  @Test
  void valuesAreThoseThatAreTaken() throws Exception {
    assertEquals(Set.of("all", "mismatch", "none"), offered("audit", "--records", ""));
    assertEquals(Set.of("none", "nothing").size() - 1, offered("audit", "--records", "n").size());
    assertEquals(Set.of("auto", "always", "never"), offered("audit", "--color", "=", ""));
    for (String word : offered("audit", "--source", "")) {
      assertEquals(3, Cli.run("audit", "-r", "nofile.pcap", "--source", word).code(), word);
    }
    assertTrue(offered("audit", "-i", "").contains("lo"));
    assertTrue(offered("").containsAll(Set.of("audit", "doctor", "--version")));
    assertTrue(offered("audit", "--h").containsAll(Set.of("--host", "--hosts", "--help")));
  }

  @Test
  void pathsAreOffered() throws Exception {
    Files.createDirectory(folder.resolve("snapshots"));
    Files.writeString(folder.resolve("mirror.pcap"), "");
    assertEquals(Set.of("mirror.pcap"), offered("audit", "-r", "mi"));
    assertEquals(Set.of("snapshots"), offered("audit", "--hosts", "s"));
    assertEquals(Set.of("snapshots"), offered("audit", "--host", "lb1", "=", "s"));
    assertEquals(Set.of("mirror.pcap"), offered("show", "m"));
    assertEquals(Set.of("mirror.pcap"), offered("serve", "m"));
  }

  @Test
  void zshKeepsColons() {
    assertTrue(ZshCompletion.of(Main.whole()).contains("http://HOST:9093"));
  }
}
