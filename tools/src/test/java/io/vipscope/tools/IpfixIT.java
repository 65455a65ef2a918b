package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** IPFIX of the demo's audit: read back by nfcapd and nfdump, and field by field. */
class IpfixIT {

  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());
  private static final long PEN = 4_711;

  @TempDir private Path folder;

  private static List<JsonNode> flows(List<JsonNode> records) {
    return records.stream().filter(r -> r.get("event_type").asString().equals("flow")).toList();
  }

  private static long sum(List<JsonNode> flows, String... keys) {
    long sum = 0;
    for (JsonNode flow : flows) {
      for (String key : keys) {
        sum += flow.get("flow").get(key).asLong();
      }
    }
    return sum;
  }

  @Test
  void nfcapdCountsTheSameFlowsPacketsAndBytes() throws Exception {
    Needs.programs("nfcapd", "nfdump");
    int port;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path log = folder.resolve("nfcapd.log");
    Path files = Files.createDirectory(folder.resolve("nf"));
    Process nfcapd =
        new ProcessBuilder(
                "nfcapd",
                "-w",
                files.toString(),
                "-l",
                files.toString(),
                "-b",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-t",
                "3600")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    List<JsonNode> flows;
    try {
      for (int i = 0; i < 100 && !Files.readString(log).contains("Startup"); i++) {
        Thread.sleep(50);
      }
      awaitBound(port);
      Thread.sleep(300);
      List<JsonNode> records = DEMO.audit(DEMO.capture(), "--ipfix", "127.0.0.1:" + port);
      flows = flows(records);
      assertEquals(0, records.getLast().get("output_drops").get("ipfix").asInt());
      Thread.sleep(700);
    } finally {
      new ProcessBuilder("kill", "-INT", Long.toString(nfcapd.pid())).start().waitFor();
      nfcapd.waitFor();
    }
    String said = Files.readString(log);
    assertTrue(said.contains("Sequence Errors: 0, Bad Packets: 0"), said);
    Map<String, String> info = info(files);
    assertEquals(Long.toString(flows.size()), info.get("Flows"));
    // nfdump counts the way to the server as packets and bytes, and the way back in the records.
    List<String[]> rows = rows(files);
    assertEquals(flows.size(), rows.size());
    assertEquals(sum(flows, "pkts_toserver"), total(rows, 6));
    assertEquals(sum(flows, "bytes_toserver"), total(rows, 7));
    assertEquals(sum(flows, "pkts_toclient"), total(rows, 8));
    assertEquals(sum(flows, "bytes_toclient"), total(rows, 9));
    Map<String, Long> ends = new TreeMap<>();
    rows.forEach(r -> ends.merge(r[1] + " " + r[3] + " " + r[2] + " " + r[4], 1L, Long::sum));
    Map<String, Long> expected = new TreeMap<>();
    for (JsonNode f : flows) {
      expected.merge(
          f.get("src_ip").asString()
              + " "
              + f.get("src_port").asInt()
              + " "
              + f.get("dest_ip").asString()
              + " "
              + f.get("dest_port").asInt(),
          1L,
          Long::sum);
    }
    assertEquals(expected, ends);
  }

  /** Waits until somebody can receive at a port of 127.0.0.1. */
  private static void awaitBound(int port) throws Exception {
    String local = String.format(Locale.ROOT, "0100007F:%04X ", port);
    for (int i = 0; i < 200 && !Files.readString(Path.of("/proc/net/udp")).contains(local); i++) {
      Thread.sleep(50);
    }
  }

  private static long total(List<String[]> rows, int column) {
    return rows.stream().mapToLong(r -> Long.parseLong(r[column])).sum();
  }

  private static String nfdump(Path files, String... more) throws Exception {
    Path file;
    try (Stream<Path> all = Files.list(files)) {
      file = all.filter(f -> f.toString().contains("nfcapd.2")).findFirst().orElseThrow();
    }
    List<String> command = new ArrayList<>(List.of("nfdump", "-r", file.toString()));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  private static Map<String, String> info(Path files) throws Exception {
    Map<String, String> info = new HashMap<>();
    nfdump(files, "-I")
        .lines()
        .forEach(line -> {
          String[] parts = line.split(": ", 2);
          if (parts.length == 2) {
            info.put(parts[0], parts[1].strip());
          }
        });
    return info;
  }

  private static List<String[]> rows(Path files) throws Exception {
    String form = "fmt:F|%sa|%da|%sp|%dp|%pr|%pkt|%byt|%opkt|%obyt|";
    return nfdump(files, "-q", "-6", "-N", "-o", form)
        .lines()
        .filter(line -> line.contains("F|"))
        .map(line -> Stream.of(line.split("\\|", -1)).map(String::strip).toArray(String[]::new))
        .map(r -> {
          r[4] = r[4].replaceFirst("\\..*", ""); // ICMP: type and code
          return r;
        })
        .toList();
  }

  @Test
  void fieldsSayWhatTheRecordsSay() throws Exception {
    List<Map<String, Long>> got = new ArrayList<>();
    List<JsonNode> flows;
    try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      receiver.setReceiveBufferSize(1 << 20);
      receiver.setSoTimeout(1_000);
      flows =
          flows(
              DEMO.audit(
                  DEMO.capture(),
                  "--ipfix",
                  "127.0.0.1:" + receiver.getLocalPort(),
                  "--pen",
                  Long.toString(PEN)));
      decode(receiver, got);
    }
    assertEquals(flows.size(), got.size());
    List<String> verdicts = List.of("", "match", "conditional", "mismatch", "undecided");
    List<String> classes = List.of("", "primary", "vip", "foreign");
    int translated = 0;
    for (int i = 0; i < flows.size(); i++) {
      JsonNode flow = flows.get(i);
      JsonNode own = flow.get("vipscope");
      Map<String, Long> fields = got.get(i);
      assertEquals(flow.get("flow_id").asLong(), fields.get("148"));
      assertEquals(own.get("verdict").asString(""), verdicts.get(number(fields, "1@" + PEN)));
      assertEquals(own.get("source_class").asString(""), classes.get(number(fields, "2@" + PEN)));
      assertEquals(flow.get("flow").get("bytes_toclient").asLong(), fields.get("1@29305"));
      boolean nat = List.of("snat", "masquerade").contains(own.get("mechanism").asString(""));
      assertEquals(nat, fields.containsKey("225"), own::toString);
      translated += nat ? 1 : 0;
    }
    assertTrue(translated > 0, "flows that SNAT maps");
  }

  private static int number(Map<String, Long> fields, String name) {
    return Math.toIntExact(fields.getOrDefault(name, -1L));
  }

  /** Reads messages with the templates that came before (RFC 7011). */
  private static void decode(DatagramSocket receiver, List<Map<String, Long>> got)
      throws IOException {
    Map<Integer, List<String[]>> templates = new HashMap<>();
    long sequence = 0;
    while (true) {
      DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
      try {
        receiver.receive(packet);
      } catch (SocketTimeoutException _) {
        return;
      }
      ByteBuffer in = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
      assertEquals(10, in.getShort(), "version");
      assertEquals(packet.getLength(), in.getShort() & 0xffff, "length");
      in.getInt();
      assertEquals(sequence, in.getInt() & 0xffff_ffffL, "sequence");
      in.getInt();
      while (in.hasRemaining()) {
        int start = in.position();
        int set = in.getShort();
        int end = start + (in.getShort() & 0xffff);
        if (set == 2) {
          while (in.position() < end) {
            int id = in.getShort();
            List<String[]> fields = new ArrayList<>();
            for (int n = in.getShort(); n > 0; n--) {
              int element = in.getShort() & 0xffff;
              String length = Integer.toString(in.getShort() & 0xffff);
              boolean enterprise = (element & 0x8000) != 0;
              String name = Integer.toString(element & 0x7fff);
              fields.add(new String[] {enterprise ? name + "@" + in.getInt() : name, length});
            }
            templates.put(id, fields);
          }
        } else {
          List<String[]> fields = templates.get(set);
          assertFalse(fields == null, "a template comes before its data");
          while (in.position() < end) {
            got.add(record(in, fields));
            sequence++;
          }
        }
      }
    }
  }

  private static Map<String, Long> record(ByteBuffer in, List<String[]> fields) {
    Map<String, Long> values = new HashMap<>();
    for (String[] field : fields) {
      int length = Integer.parseInt(field[1]);
      if (length == 65_535) {
        length = in.get() & 0xff;
      }
      long value = 0;
      for (int i = 0; i < length; i++) {
        value = value << 8 | in.get() & 0xff;
      }
      values.put(field[0], value);
    }
    return values;
  }
}
