package io.vipscope.tools.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the doctor says of machines that are not this one. */
class DoctorChecksTest {

  /** A machine made of texts. */
  private static final class Machine implements Program {
    final Map<String, String> outputs = new HashMap<>();
    final Map<String, String> files = new HashMap<>();

    @Override
    public @Nullable String output(List<String> command) {
      return outputs.get(String.join(" ", command));
    }

    @Override
    public @Nullable String file(Path path) {
      return files.get(path.toString());
    }
  }

  private static Machine sound() {
    Machine m = new Machine();
    m.files.put("/proc/self/status", "Name:\tjava\nCapEff:\t0000000000003000\n");
    m.files.put("/proc/sys/kernel/osrelease", "6.12.1");
    m.outputs.put("timedatectl show -p NTPSynchronized --value", "yes\n");
    m.files.put("/sys/class/net/eth1/flags", "0x1103");
    m.files.put("/sys/class/net/eth1/carrier", "1");
    m.outputs.put("ip -o addr show dev eth1", "3: eth1 inet6 fe80::1/64 scope link\n");
    m.outputs.put(
        "ethtool -k eth1",
        "generic-receive-offload: off\nlarge-receive-offload: off [fixed]\nrx-vlan-offload: off\n");
    m.outputs.put("ethtool -g eth1", "RX:\t\t4096\nTX:\t4096\nCurrent:\nRX:\t\t4096\nTX:\t512\n");
    return m;
  }

  private static Check of(List<Check> checks, String name) {
    return checks.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void soundMachineAndInterfaceAreOk() throws Exception {
    Machine m = sound();
    for (Check check :
        Stream.concat(MachineChecks.of(m).stream(), InterfaceChecks.of(m, "eth1").stream())
            .toList()) {
      assertEquals(Check.Status.OK, check.status(), check::toString);
      assertNull(check.fix());
      assertFalse(check.why().isEmpty());
    }
  }

  @Test
  void everyFaultHasItsCommand() throws Exception {
    Machine m = sound();
    m.files.put("/proc/self/status", "CapEff:\t0000000000002000\n");
    m.outputs.put("timedatectl show -p NTPSynchronized --value", "no\n");
    m.outputs.put("ip -o addr show dev eth1", "3: eth1 inet 192.0.2.1/24 scope global\n");
    m.outputs.put(
        "ethtool -k eth1", "generic-receive-offload: on\nlarge-receive-offload: on [fixed]\n");
    m.outputs.put("ethtool -g eth1", "RX:\t4096\nCurrent:\nRX:\t256\n");
    List<Check> machine = MachineChecks.of(m);
    assertEquals(Check.Status.FAIL, of(machine, "capabilities").status());
    assertEquals("CAP_NET_ADMIN is missing", of(machine, "capabilities").found());
    assertEquals(Check.Status.WARN, of(machine, "time sync").status());
    List<Check> eth1 = InterfaceChecks.of(m, "eth1");
    assertEquals("ethtool -K eth1 gro off", of(eth1, "generic-receive-offload").fix());
    assertNull(of(eth1, "large-receive-offload").fix(), "what is fixed cannot be mended");
    assertEquals("ethtool -G eth1 rx 4096", of(eth1, "ring size").fix());
    assertEquals(Check.Status.WARN, of(eth1, "addresses").status());
    assertTrue(
        String.valueOf(of(eth1, "addresses").fix())
            .startsWith("ip addr del 192.0.2.1/24 dev eth1"));
    m.outputs.put(
        "ss -Htn state established src 192.0.2.1", "0 0 192.0.2.1:22 198.51.100.7:50000\n");
    Check used = of(InterfaceChecks.of(m, "eth1"), "addresses");
    assertFalse(String.valueOf(used.fix()).contains("ip addr"), used::toString);
    assertTrue(used.found().contains("connections to 192.0.2.1 are open"), used::toString);
    m.outputs.remove("ss -Htn state established src 192.0.2.1");
    m.outputs.put("ip route show default dev eth1", "default via 192.0.2.254\n");
    used = of(InterfaceChecks.of(m, "eth1"), "addresses");
    assertFalse(String.valueOf(used.fix()).contains("ip addr"), used::toString);
    m.files.put("/sys/class/net/eth1/flags", "0x1002");
    assertEquals("ip link set eth1 up", of(InterfaceChecks.of(m, "eth1"), "interface").fix());
  }

  @Test
  void checksumsAreToldAndWhatIsUnknownHasACommand() throws Exception {
    Machine m = sound();
    m.outputs.put(
        "ethtool -k eth1", "rx-checksumming: on\ntx-checksumming: off\nrx-gro-hw: on [fixed]\n");
    m.outputs.remove("ethtool -g eth1");
    m.outputs.remove("timedatectl show -p NTPSynchronized --value");
    List<Check> eth1 = InterfaceChecks.of(m, "eth1");
    Check checksums = of(eth1, "checksum offload");
    assertEquals(Check.Status.OK, checksums.status());
    assertTrue(checksums.found().contains("rx on, tx off"), checksums::toString);
    for (Check check :
        List.of(
            of(eth1, "rx-gro-hw"), of(eth1, "ring size"), of(MachineChecks.of(m), "time sync"))) {
      assertTrue(check.fix() != null, check::toString);
    }
  }

  @Test
  void interfaceThatIsNotThereIsOneFailure() throws Exception {
    List<Check> checks = InterfaceChecks.of(new Machine(), "eth9");
    assertEquals(1, checks.size());
    assertEquals(Check.Status.FAIL, checks.getFirst().status());
  }

  @Test
  void whatCannotBeAskedIsUnknown() throws Exception {
    for (Check check : MachineChecks.of(new Machine())) {
      assertEquals(Check.Status.UNKNOWN, check.status(), check::toString);
    }
  }

  private static HostSnapshot demo() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("demo/snapshots/lb1"))) {
      return SnapshotReader.read("lb1", all.sorted().findFirst().orElseThrow());
    }
  }

  @Test
  void trapsOfKeepalivedAreFound() throws Exception {
    List<Check> checks =
        KeepalivedChecks.of(
            "lb1",
            demo(),
            """
            vrrp_instance VI {
              virtual_rules {
                from 192.168.0.9 ipproto tcp dport 8443 lookup 100
                ip_proto tcp dport 1-2 lookup 100
                ipproto tcp dport 8443-8443 lookup 100 # dport 1
              }
            }
            """);
    assertEquals(2, checks.size(), checks::toString);
    assertTrue(String.valueOf(checks.getFirst().fix()).contains("dport 8443-8443"));
    assertEquals(
        Check.Status.UNKNOWN, KeepalivedChecks.of("lb1", demo(), null).getFirst().status());
    assertEquals(Check.Status.OK, KeepalivedChecks.of("lb1", demo(), "").getFirst().status());
  }
}
