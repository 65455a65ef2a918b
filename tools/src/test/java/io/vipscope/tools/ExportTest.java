package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What other programs get of the demo's audit: syslog, webhook, pseudonyms. */
class ExportTest {

  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());

  /** RFC 5424 section 6: header, one element of structured data, text. */
  private static final Pattern MESSAGE =
      Pattern.compile(
          "<(\\d{1,3})>1 \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{1,6}Z [!-~]{1,255}"
              + " vipscope \\d+ (vip_owner|failover|finding|mismatch) \\[vipscope@32473("
              + " [a-z_]+=\"(\\\\[\"\\\\\\]]|[^\"\\\\\\]])*\")*\\] .+");

  @TempDir private Path folder;

  private static long messages(List<JsonNode> records) {
    return records.stream()
        .filter(r ->
            switch (r.get("event_type").asString()) {
              case "vip_owner", "failover", "finding" -> true;
              case "flow" -> r.get("vipscope").path("verdict").asString("").equals("mismatch");
              default -> false;
            })
        .count();
  }

  private static JsonNode drops(List<JsonNode> records) {
    return records.getLast().get("output_drops");
  }

  @Test
  void syslogOverUdpHasAMessageForEveryEvent() throws Exception {
    try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      receiver.setReceiveBufferSize(1 << 20);
      receiver.setSoTimeout(1_000);
      List<JsonNode> records =
          DEMO.audit(DEMO.capture(), "--syslog", "127.0.0.1:" + receiver.getLocalPort());
      List<String> got = new ArrayList<>();
      try {
        while (true) {
          DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
          receiver.receive(packet);
          got.add(new String(packet.getData(), 0, packet.getLength(), UTF_8));
        }
      } catch (SocketTimeoutException _) {
        // that was all
      }
      assertEquals(messages(records), got.size());
      got.forEach(m -> assertTrue(MESSAGE.matcher(m).matches(), m));
      assertEquals(0, drops(records).get("syslog").asInt());
    }
  }

  /** A name without an address is found out before the audit, not by a stack trace. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--ipfix=nohost.invalid:4739",
        "--syslog=nohost.invalid:514",
        "--webhook=http://nohost.invalid/"
      })
  void receiverWithoutAddressIsExit3(String option) {
    Cli run =
        Cli.run(
            "audit",
            "-r",
            DEMO.capture().toString(),
            "--hosts",
            DEMO.folder().resolve("snapshots").toString(),
            option);
    assertEquals(3, run.code(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("no address is known for this name"), run.err());
  }

  @Test
  void whatIsLeftOutSaysWhy() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Cli run =
        Cli.run(
            "audit",
            "-r",
            DEMO.capture().toString(),
            "--hosts",
            DEMO.folder().resolve("snapshots").toString(),
            "--syslog",
            "tcp://127.0.0.1:" + port);
    assertTrue(
        run.err()
            .matches("(?s).*syslog: \\d+ records were left out \\(127.0.0.1:\\d+: .*refused\\).*"),
        run.err());
  }

  @Test
  void syslogOverTcpCountsItsOctets() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<String> got =
          CompletableFuture.supplyAsync(() -> {
            try (Socket one = server.accept();
                InputStream in = one.getInputStream()) {
              return new String(in.readAllBytes(), UTF_8);
            } catch (java.io.IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      List<JsonNode> records =
          DEMO.audit(DEMO.capture(), "--syslog", "tcp://127.0.0.1:" + server.getLocalPort());
      byte[] bytes = got.get().getBytes(UTF_8);
      int count = 0;
      for (int at = 0; at < bytes.length; count++) {
        int space = at;
        while (bytes[space] != ' ') {
          space++;
        }
        int length = Integer.parseInt(new String(bytes, at, space - at, UTF_8));
        String message = new String(bytes, space + 1, length, UTF_8);
        assertTrue(MESSAGE.matcher(message).matches(), message);
        at = space + 1 + length;
      }
      assertEquals(messages(records), count);
    }
  }

  @Test
  void syslogReceiverThatIsNotThereIsCountedNotWaitedFor() throws Exception {
    int port;
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = server.getLocalPort();
    }
    List<JsonNode> records = DEMO.audit(DEMO.capture(), "--syslog", "tcp://127.0.0.1:" + port);
    assertEquals(messages(records), drops(records).get("syslog").asLong());
  }

  private Path expectation() throws Exception {
    return Files.writeString(
        folder.resolve("expect.yaml"), "- must_be: vip\n  destinations: [203.0.113.0/24]\n");
  }

  @Test
  void webhookIsTriedAgainAndTakesEveryFinding() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    List<String> bodies = Collections.synchronizedList(new ArrayList<>());
    List<Integer> codes = Collections.synchronizedList(new ArrayList<>(List.of(503, 429)));
    server.createContext(
        "/api/v2/alerts",
        exchange -> {
          try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            int code = codes.isEmpty() ? 200 : codes.removeFirst();
            if (code == 200) {
              bodies.add(body);
            }
            exchange.sendResponseHeaders(code, -1);
          }
        });
    server.start();
    List<JsonNode> records;
    try {
      records =
          DEMO.audit(
              DEMO.capture(),
              "--expect",
              expectation().toString(),
              "--webhook",
              "http://127.0.0.1:" + server.getAddress().getPort() + "/api/v2/alerts");
    } finally {
      server.stop(0);
    }
    List<String> told = new ArrayList<>();
    for (JsonNode r : records) {
      if (r.get("event_type").asString().equals("finding")) {
        told.add(r.get("vipscope").get("finding_id").asString());
      }
    }
    assertFalse(told.isEmpty());
    List<String> posted = new ArrayList<>();
    for (String body : bodies) {
      for (JsonNode alert : JsonMapper.shared().readTree(body)) {
        posted.add(alert.get("labels").get("finding_id").asString());
        assertTrue(alert.get("labels").get("alertname").asString().startsWith("Vipscope_"));
        assertTrue(alert.get("startsAt").asString().endsWith("Z"), alert::toString);
        assertFalse(alert.get("annotations").get("summary").asString().isEmpty());
      }
    }
    assertEquals(told, posted);
    assertEquals(0, drops(records).get("webhook").asInt());
  }

  @Test
  void pseudonymsEverywhereAndNothingElseChanges() throws Exception {
    Path key = folder.resolve("key");
    Path report = folder.resolve("report");
    List<JsonNode> plain = DEMO.audit(DEMO.capture());
    List<JsonNode> hidden =
        DEMO.audit(DEMO.capture(), "--anonymize", key.toString(), "--report", report.toString());
    assertEquals(
        "rw-------",
        java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    Pattern real =
        Pattern.compile(
            "192\\.168\\.|203\\.0\\.113|198\\.51\\.100|10\\.20\\.0|2001:db8|52:54:00:00:00");
    for (JsonNode record : hidden) {
      assertFalse(real.matcher(record.toString()).find(), record::toString);
    }
    for (String file : List.of("report.html", "report.md", "report.json")) {
      String text = Files.readString(report.resolve(file));
      var found = real.matcher(text);
      assertFalse(
          found.find(),
          () ->
              file
                  + ": "
                  + text.substring(found.start(), Math.min(text.length(), found.start() + 80)));
    }
    assertEquals(plain.size(), hidden.size());
    for (int i = 0; i < plain.size(); i++) {
      assertEquals(plain.get(i).at("/vipscope/verdict"), hidden.get(i).at("/vipscope/verdict"));
      assertEquals(plain.get(i).at("/vipscope/instance"), hidden.get(i).at("/vipscope/instance"));
    }
    List<JsonNode> again = DEMO.audit(DEMO.capture(), "--anonymize", key.toString());
    assertEquals(hidden.getFirst(), again.getFirst(), "one key, one pseudonym");
  }

  @Test
  void framesCannotBeAnonymized() {
    Cli run =
        Cli.run(
            "audit",
            "-r",
            DEMO.capture().toString(),
            "-w",
            folder.resolve("x.pcapng").toString(),
            "--anonymize",
            folder.resolve("key").toString());
    assertEquals(2, run.code());
    assertTrue(run.err().contains("frames hold the addresses"), run.err());
  }

  @Test
  void badReceiversAreUsageErrors() {
    String capture = DEMO.capture().toString();
    for (List<String> bad :
        List.of(
            List.of("--syslog", "nowhere"),
            List.of("--webhook", "ftp://x/"),
            List.of("--ipfix", "x:0"),
            List.of("--pen", "0"))) {
      Cli run = Cli.run("audit", "-r", capture, bad.get(0), bad.get(1));
      assertEquals(2, run.code(), bad::toString);
      assertTrue(run.err().contains("expect"), run.err());
    }
    Cli key = Cli.run("audit", "-r", capture, "--anonymize", capture);
    assertEquals(3, key.code());
  }
}
