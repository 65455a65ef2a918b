package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The doctor at a real mirror port, and at an interface that is none. */
class DoctorIT {

  @TempDir private Path folder;

  private static Map<String, String> checks(String lines) {
    Map<String, String> status = new HashMap<>();
    for (JsonNode check : Cli.parse(lines)) {
      status.put(check.get("check").asString(), check.get("status").asString());
    }
    return status;
  }

  @Test
  void mirrorPortOfThePairIsOk() throws Exception {
    Needs.namespaces();
    Needs.programs("python3", "keepalived", "nft", "iptables-save", "tc", "tcpdump", "ethtool");
    String sensor =
        """
        touch "$LAB_DIR/sensor-ready"
        exec "%s" --enable-native-access=ALL-UNNAMED -cp "%s" io.vipscope.tools.Main \\
          doctor -i "$LAB_IFACE" --duration 3s --hosts "$LAB_DIR/snapshots" --json \\
          >"$LAB_DIR/doctor.jsonl" 2>"$LAB_DIR/doctor.err"
        """
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"), LaboratoryIT.classPath());
    Process lab =
        new ProcessBuilder(
                Path.of("lab", "lab").toAbsolutePath().toString(),
                "run",
                "failover",
                "-o",
                folder.toString(),
                "--sensor-exec",
                sensor)
            .inheritIO()
            .start();
    lab.waitFor();
    Map<String, String> status = checks(Files.readString(folder.resolve("failover/doctor.jsonl")));
    for (String good :
        List.of(
            "capabilities",
            "interface",
            "addresses",
            "frames",
            "mirror port",
            "host lb1",
            "host lb2",
            "VRRP",
            "VRRP of the hosts",
            "keepalived of lb1")) {
      assertEquals("ok", status.get(good), () -> good + " of " + status + said());
    }
  }

  private String said() {
    try {
      return Files.readString(folder.resolve("failover/doctor.err"));
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }

  @Test
  void loopbackIsNoMirrorPort() {
    Needs.namespaces();
    Cli run = Cli.run("doctor", "-i", "lo", "--duration", "300ms", "--json");
    assertEquals(1, run.code());
    assertEquals("ok", checks(run.out()).get("interface"));
  }
}
