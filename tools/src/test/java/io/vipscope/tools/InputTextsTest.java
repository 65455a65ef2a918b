package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of files, names and times that are not what they should be. */
class InputTextsTest {

  private static final Path DEMO = Path.of("demo").toAbsolutePath();
  private static final String CAPTURE = DEMO.resolve("mirror.pcap.gz").toString();
  private static final String HOSTS = DEMO.resolve("snapshots").toString();

  @TempDir private Path folder;

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    return file;
  }

  private static void says(Cli run, int code, String part) {
    assertEquals(code, run.code(), run::err);
    assertTrue(run.err().contains(part), run::err);
    assertFalse(run.err().contains("Exception"), run::err);
  }

  @Test
  void aFileThatIsMissingIsAFile() {
    String none = folder.resolve("none").toString();
    for (Cli run :
        List.of(
            Cli.run("show", none),
            Cli.run("config", "check", none),
            Cli.run("audit", "-r", CAPTURE, "--expect", none),
            Cli.run("audit", "-r", CAPTURE, "--baseline", none))) {
      says(run, ExitCode.INPUT, none + ": cannot be read: no such file");
    }
    String deep = folder.resolve("none/flows.jsonl").toString();
    says(Cli.run("audit", "-r", CAPTURE, "-o", deep), ExitCode.INPUT, "no such directory");
  }

  @Test
  void bytesThatAreNoTextAreNamedSo() throws IOException {
    Path file = folder.resolve("binary.yaml");
    Files.write(file, new byte[] {'-', ' ', (byte) 0xff, (byte) 0xfe});
    says(
        Cli.run("audit", "-r", CAPTURE, "--expect", file.toString()),
        ExitCode.INPUT,
        file + ": cannot be read: it is not text in UTF-8");
  }

  @Test
  void aSnapshotThatIsCutOffTellsWhereAndNoMore() throws IOException {
    file("addr.json", "[{\"ifindex\": 1, \"ifname\": \"lo\"");
    Cli run = Cli.run("predict", "--host", "lb1=" + folder, "192.0.2.1");
    says(run, ExitCode.INPUT, "addr.json: is not valid JSON at line 1, column ");
    assertFalse(run.err().contains("Source"), run::err);
  }

  @Test
  void aHostThatNobodyAuditsIsTold() throws IOException {
    Path expect = file("expect.yaml", "- must_be: vip\n  hosts: [lb1, lb7]\n");
    Cli run = Cli.run("audit", "-r", CAPTURE, "--hosts", HOSTS, "--expect", expect.toString());
    says(
        run,
        ExitCode.DONE,
        "warning: "
            + expect
            + ": line 2: hosts: no audited host is named lb7, only lb1, lb2: it is expected of no flow");
    assertFalse(run.err().contains("named lb1"), run::err);
  }

  @Test
  void protocolsHaveTheirNamesInAnyCase() throws IOException {
    for (String protocol : List.of("TCP", "udp", "ipv6-icmp", "ICMP", "sctp", "47")) {
      Path expect = file("expect.yaml", "- {must_be: vip, protocol: " + protocol + "}\n");
      assertEquals(
          ExitCode.DONE, Cli.run("audit", "-r", CAPTURE, "--expect", expect.toString()).code());
    }
    assertEquals("IPv6-ICMP", ProtocolName.parse("ipv6-icmp"));
  }

  @Test
  void checkFindsWhatAnAuditWouldRefuse() throws IOException {
    Path config =
        file(
            "vipscope.yaml",
            """
            capture:
              files: [none.pcap]
              filter: porrt 5
              max_loss: 200%
            pairs: []
            """);
    Cli run = Cli.run("config", "check", "--config", config.toString());
    assertEquals(ExitCode.INPUT, run.code());
    assertEquals(4, run.err().lines().count(), run::err);
    says(run, ExitCode.INPUT, "line 2: files: expected a capture that can be read, found ");
    says(run, ExitCode.INPUT, "line 3: filter: ");
    says(run, ExitCode.INPUT, "line 4: max_loss: '200%' is neither");
    says(run, ExitCode.INPUT, "line 5: pairs: expected one pair or more, found an empty list");
    says(
        Cli.run("config", "check", config.toString(), "--config", config.toString()),
        ExitCode.USAGE,
        "not both");
  }

  @Test
  void checkKnowsTheHostsThatExpectationsName() throws IOException {
    Path expect = file("expect.yaml", "- must_be: vip\n  hosts: lb7\n");
    Path config =
        file(
            "vipscope.yaml",
            "pairs: [{name: edge, hosts: %s, expect: expect.yaml}]\n".formatted(HOSTS));
    says(
        Cli.run("config", "check", config.toString()),
        ExitCode.INPUT,
        expect + ": line 2: hosts: no audited host is named lb7");
  }

  @Test
  void anAddressThatNobodyAdvertisesIsNamed() {
    Cli run = Cli.run("owner", "-r", CAPTURE, "--hosts", HOSTS, "--vip", "192.168.0.77");
    assertEquals(ExitCode.DONE, run.code(), run::err);
    assertTrue(run.out().startsWith("nothing was heard of 192.168.0.77, only of "), run::out);
    assertTrue(run.out().contains("192.168.0.9"), run::out);
  }

  @Test
  void timesThatEndBeforeTheyBeginAreRefused() {
    says(
        Cli.run("timeline", "-r", CAPTURE, "--since", "10:00", "--until", "09:00"),
        ExitCode.USAGE,
        "--until is before --since");
    says(
        Cli.run("timeline", "-r", CAPTURE, "--since", "2099-01-01T00:00:00Z", "--until", "09:00"),
        ExitCode.USAGE,
        "--until is before --since");
  }

  @Test
  void withoutAConfigurationAFolderIsNeeded() {
    says(Cli.run("snapshot", "--ssh", "root@192.0.2.1"), ExitCode.USAGE, "Give -o DIR");
  }
}
