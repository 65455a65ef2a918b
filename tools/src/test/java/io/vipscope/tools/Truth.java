package io.vipscope.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One socket of a laboratory run, as its opener and the far side recorded it.
 *
 * @param src the source on the wire, else the local one if no far side saw it
 * @param port its port; for echo requests the identifier
 * @param arrived whether the far side saw it
 * @param sourceClass null if the source is no address of the pair
 * @param expect the verdict that the audit must give; {@code none}: nothing was sent
 * @param expectAlso verdicts that are right too, because the host's state was changing
 * @param via the host of the pair that sent it on; null if its opener is on the wire itself
 * @param vlan the tag of its frames; null = the mirror is untagged
 */
record Truth(
    String id,
    String host,
    String direction,
    String proto,
    String src,
    int port,
    String remote,
    int remotePort,
    boolean arrived,
    @Nullable String sourceClass,
    String cause,
    String expect,
    List<String> expectAlso,
    @Nullable String via,
    @Nullable Integer vlan,
    long startNs,
    long endNs) {

  static List<Truth> read(Path file) throws IOException {
    List<Truth> all = new ArrayList<>();
    for (JsonNode t : Cli.parse(Files.readString(file))) {
      boolean arrived = !t.get("wire_src").isNull();
      boolean echo = t.hasNonNull("icmp_id");
      String number = echo ? "icmp_id" : "port";
      List<String> also = new ArrayList<>();
      t.get("expect_also").forEach(v -> also.add(v.asString()));
      all.add(
          new Truth(
              t.get("id").asString(),
              t.get("host").asString(),
              t.get("direction").asString(),
              t.get("proto").asString(),
              t.get(arrived ? "wire_src" : "local_addr").asString(""),
              arrived
                  ? t.get("wire_" + number).asInt()
                  : t.get(echo ? number : "local_port").asInt(0),
              t.get("remote_addr").asString(),
              echo ? 0 : t.get("remote_port").asInt(),
              arrived,
              t.get("class").asString(null),
              t.get("cause").asString(""),
              t.get("expect").asString(),
              also,
              t.path("via").asString(null),
              t.has("vlan") ? Integer.valueOf(t.get("vlan").asInt()) : null,
              t.get("t_ns").asLong(),
              t.get("t_end_ns").asLong()));
    }
    return all;
  }

  boolean outbound() {
    return direction.equals("outbound");
  }

  /** Passed on by a host of the pair, which made the source one of its own. */
  boolean rewritten() {
    return direction.equals("forwarded") && via != null && !expect.equals("none");
  }

  /** The host that an observer of the wire must name. */
  String seenHost() {
    return via == null ? host : via;
  }

  /** What must be among the causes of a mismatch. */
  String mismatchCause() {
    return cause.equals("transparent") ? "spoof" : "bind";
  }

  boolean allows(String verdict) {
    return verdict.equals(expect) || expectAlso.contains(verdict);
  }

  /** The five-tuple as records have it, opener first. */
  String key() {
    return proto + " " + src + " " + port + " > " + remote + " " + remotePort;
  }
}
