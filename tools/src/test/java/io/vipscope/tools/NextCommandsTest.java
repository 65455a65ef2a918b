package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.finding.FindingKind;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.verdict.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Commands of findings name this run's captures, interfaces, hosts and devices. */
class NextCommandsTest {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();
  private static final String VIP = "192.168.0.9";
  private static final long START_NS = 1_764_400_000_500_000_000L;

  @TempDir private Path folder;

  private static List<String> next(boolean live, List<String> inputs, String... commands) {
    HostIndex index =
        new HostIndex(
            List.of(
                new AuditedHost(
                    "lb1", null, SnapshotReader.readHost("lb1", DEMO.resolve("snapshots/lb1")))),
            List.of(),
            new Segments());
    Finding finding =
        new Finding(
            "f",
            FindingKind.SPLIT_BRAIN,
            Severity.CRITICAL,
            Finding.Status.OPEN,
            "lb1",
            -1,
            IpAddress.parse(VIP),
            START_NS,
            START_NS,
            Finding.NO_TIME,
            1,
            0,
            List.of(),
            "text",
            List.of(commands));
    return new NextCommands(
            index, live, inputs, List.of("--hosts", "my snapshots"), Path.of("my snapshots"))
        .in(finding)
        .next();
  }

  @Test
  void aLiveRunLooksAtItsInterfaces() {
    assertEquals(
        List.of(
            "tcpdump -eni eth1 'ip proto 112'",
            "tcpdump -eni eth2 'ip proto 112'",
            "ip -s -s link show eth1",
            "ip -s -s link show eth2",
            "vipscope explain --hosts 'my snapshots' 'a > b/icmp'",
            "vipscope audit -i eth1 -i eth2 --hosts 'my snapshots' --vip 10.0.0.1"),
        next(
            true,
            List.of("eth1", "eth2"),
            "tcpdump -eni SPAN 'ip proto 112'",
            "ip -s -s link show SPAN",
            "vipscope explain HOSTS 'a > b/icmp'",
            "vipscope audit RUN --vip 10.0.0.1"));
  }

  @Test
  void aCaptureIsReadAndSensorsAreNotAsked() {
    assertEquals(
        List.of(
            "tcpdump -enr 'at night.pcap' arp",
            "zcat b.pcap.gz | tcpdump -enr - arp",
            "zstdcat c.zst | tcpdump -enr - arp",
            "vipscope explain -r 'at night.pcap' -r b.pcap.gz -r c.zst --hosts 'my snapshots' 'a'",
            "vipscope snapshot --ssh lb1 -o 'my snapshots'"),
        next(
            false,
            List.of("at night.pcap", "b.pcap.gz", "c.zst", "-"),
            "tcpdump -eni SPAN arp",
            "ip -s -s link show SPAN",
            "vipscope explain HOSTS 'a'",
            "vipscope snapshot --ssh lb1 -o STATE"));
  }

  @Test
  void devicesAndTimesAreTheHosts() {
    assertEquals(
        List.of(
            "ssh lb1 arping -c 3 -U -I eth0 " + VIP,
            "on its holder: arping -D -c 3 -I DEV " + VIP,
            "ssh lb1 journalctl -u keepalived --since @1764399940 --until @1764400060"),
        next(
            false,
            List.of("a.pcap"),
            "ssh lb1 arping -c 3 -U -I DEV " + VIP,
            "on its holder: arping -D -c 3 -I DEV " + VIP,
            "ssh lb1 journalctl -u keepalived AROUND"));
  }

  @Test
  void anAuditPrintsCommandsThatRun() throws IOException {
    String capture = DEMO.resolve("mirror.pcap.gz").toString();
    String hosts = DEMO.resolve("snapshots").toString();
    Path expect = folder.resolve("expect.yaml");
    Files.writeString(expect, "- {must_be: primary, destinations: 198.51.100.0/24}\n");
    Cli run =
        Cli.run("audit", "-r", capture, "--hosts", hosts, "--expect", expect.toString(), "--json");
    int explained = 0;
    for (JsonNode record : run.records()) {
      if (record.get("event_type").asString().equals("finding")) {
        for (JsonNode next : record.get("vipscope").get("next")) {
          String command = next.asString();
          assertFalse(command.matches(".* (SPAN|DEV|RUN|HOSTS|AROUND|STATE)( .*)?"), command);
          if (command.startsWith("vipscope explain ")) {
            String options = "-r " + capture + " --hosts " + hosts + " '";
            assertTrue(command.startsWith("vipscope explain " + options), command);
            String flow = command.substring(("vipscope explain " + options).length());
            Cli told =
                Cli.run(
                    "explain",
                    "-r",
                    capture,
                    "--hosts",
                    hosts,
                    flow.substring(0, flow.length() - 1));
            assertEquals(0, told.code(), told::err);
            explained++;
          }
        }
      }
    }
    assertTrue(explained > 0, run::err);
  }
}
