package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit of the package, as systemd itself reads it. */
class SystemdUnitTest {

  private static final Path UNIT = Path.of("packaging/vipscope.service");

  /** What --source afxdp needs besides. */
  private static final Path DROP_IN = Path.of("packaging/afxdp.conf");

  /** Of 10; 4 and more is what systemd calls medium. The network that it listens to is 1.0. */
  private static final double MOST_EXPOSURE = 2.0;

  private static final double MOST_WITH_AFXDP = 2.5;

  @TempDir private Path folder;

  @BeforeEach
  void needs() {
    Needs.programs("systemd-analyze");
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  /** The program is not installed here: any other takes its place. */
  private Path unit(String from, String to) throws Exception {
    String text =
        Files.readString(UNIT).replace("ExecStart=/usr/bin/vipscope", "ExecStart=/bin/true");
    assertTrue(text.contains("ExecStart=/bin/true audit -i ${INTERFACE}"), text);
    return Files.writeString(folder.resolve("vipscope.service"), text.replace(from, to));
  }

  @Test
  void everyLineIsUnderstood() throws Exception {
    String[] verify = {"systemd-analyze", "verify", "--man=no", unit("", "").toString()};
    assertEquals("", run(verify));
    unit("NoNewPrivileges=", "NoNewPrivilege=");
    assertTrue(run(verify).contains("Unknown key 'NoNewPrivilege'"), "a wrong line is told");
  }

  @Test
  void littleIsExposed() throws Exception {
    assertTrue(exposure(UNIT) <= MOST_EXPOSURE);
  }

  /** Later lines of one setting add to earlier ones, as those of a drop-in do. */
  @Test
  void theDropInForAfxdpIsUnderstoodAndOpensLittle() throws Exception {
    Path both = unit("[Install]", Files.readString(DROP_IN) + "\n[Install]");
    assertEquals("", run("systemd-analyze", "verify", "--man=no", both.toString()));
    double exposure = exposure(both);
    assertTrue(exposure > exposure(UNIT) && exposure <= MOST_WITH_AFXDP, "exposure " + exposure);
  }

  private static double exposure(Path unit) throws Exception {
    String said = run("systemd-analyze", "security", "--offline=true", unit.toString());
    Matcher score = Pattern.compile("exposure level for \\S+: ([0-9.]+)").matcher(said);
    assertTrue(score.find(), said);
    return Double.parseDouble(score.group(1));
  }
}
