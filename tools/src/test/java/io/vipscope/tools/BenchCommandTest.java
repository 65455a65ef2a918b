package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.tools.capacity.Capacity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class BenchCommandTest {

  private static final String CAPTURE = Path.of("demo", "mirror.pcap.gz").toString();
  private static final String HOSTS = Path.of("demo", "snapshots").toString();

  @TempDir private Path folder;

  @Test
  void playsACaptureAgainAndAgain() {
    Cli run =
        Cli.run("bench", "--capacity", "-r", CAPTURE, "--hosts", HOSTS, "--seconds", "1", "--json");
    assertEquals(0, run.code(), run::err);
    List<JsonNode> found = run.records();
    assertEquals(1, found.size());
    JsonNode result = found.getFirst();
    assertEquals(630, result.get("frames").asInt());
    // More than once through the capture, and each of its flows begins again each time.
    double rate = result.get("frames_per_second").asDouble();
    assertTrue(rate * result.get("seconds").asDouble() > 630, result::toString);
    double perFlow = rate / result.get("flows_per_second").asDouble();
    assertTrue(perFlow > 4 && perFlow < 200, result::toString);
    assertEquals(
        rate * 8 * result.get("mean_bytes").asDouble(),
        result.get("bits_per_second").asDouble(),
        rate);
    assertEquals(
        List.of("judging", "jvm", "reader", "workers"),
        result.get("cpu").propertyNames().stream().sorted().toList());
  }

  @Test
  void saysItInWords() {
    Cli run = Cli.run("bench", "--capacity", "-r", CAPTURE, "--seconds", "1");
    assertEquals(0, run.code(), run::err);
    assertTrue(run.out().contains("Takes    "), run::out);
    assertTrue(run.out().contains("Hosts    none: no verdicts"), run::out);
    assertTrue(run.out().contains("Limit    "), run::out);
  }

  @Test
  void namesTheLimit() {
    assertEquals("judging", limit(1.0, 0.2, 0.9));
    assertEquals("cores", limit(0.95, 0.93, 0.1));
    assertEquals("cores", limit(0.78, 0.62, 0.33), "none alone, but all together");
    assertEquals("reader", limit(0.95, 0.3, 0.1));
    assertEquals("judging", limit(0.1, 0.1, 0.75), "the collector pauses it");
    assertEquals("other load", limit(0.4, 0.3, 0.1));
  }

  private static String limit(double reader, double workers, double judging) {
    return new Capacity(
            1,
            64,
            1e6,
            1e6,
            1e6,
            1e4,
            1,
            2,
            Map.of(Capacity.READER, reader, Capacity.WORKERS, workers, Capacity.JUDGING, judging))
        .limit();
  }

  /** Two frames of one flow of UDP, which nothing ends but time. */
  @Test
  void anOpenFlowBeginsAgainEachTime() throws Exception {
    ByteBuffer capture = ByteBuffer.allocate(24 + 2 * (16 + 60)).order(ByteOrder.LITTLE_ENDIAN);
    capture.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0);
    capture.putInt(65_535).putInt(1);
    byte[] frame = new byte[60];
    byte[] start =
        HexFormat.of()
            .parseHex(
                "5254000000025254000000010800"
                    + "4500002e00000000401100000a0000010a000002"
                    + "303900350000");
    System.arraycopy(start, 0, frame, 0, start.length);
    for (int i = 0; i < 2; i++) {
      capture.putInt(1_767_225_600).putInt(i).putInt(frame.length).putInt(frame.length).put(frame);
    }
    Path file = Files.write(folder.resolve("udp.pcap"), capture.array());
    Cli run = Cli.run("bench", "--capacity", "-r", file.toString(), "--seconds", "1", "--json");
    assertEquals(0, run.code(), run::err);
    JsonNode result = run.records().getFirst();
    double perFlow =
        result.get("frames_per_second").asDouble() / result.get("flows_per_second").asDouble();
    assertEquals(2, perFlow, 0.1, result::toString);
  }

  @Test
  void whatCannotBePlayed() throws Exception {
    Path empty = folder.resolve("empty.pcap");
    byte[] header = new byte[24];
    header[0] = (byte) 0xd4;
    header[1] = (byte) 0xc3;
    header[2] = (byte) 0xb2;
    header[3] = (byte) 0xa1;
    header[4] = 2;
    header[6] = 4;
    header[20] = 1;
    Files.write(empty, header);
    Cli run = Cli.run("bench", "--capacity", "-r", empty.toString());
    assertEquals(3, run.code());
    assertTrue(run.err().contains("no frame"), run::err);
    assertEquals(3, Cli.run("bench", "--capacity", "-r", folder + "/absent").code());
    assertEquals(2, Cli.run("bench", "--capacity", "Decode", "-r", CAPTURE).code());
    assertEquals(2, Cli.run("bench", "--capacity", "--seconds", "0", "-r", CAPTURE).code());
    assertEquals(2, Cli.run("bench", "Decode").code());
  }
}
