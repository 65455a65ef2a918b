package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.flow.OwnFlow;
import io.vipscope.core.model.flow.WireSource;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Netfilter as modelled against the kernel it runs on: real datagrams, read at the far side. */
class NetfilterOracleIT {

  private static final int CASES = Integer.getInteger("vipscope.oracle.cases", 50);
  private static final long SEED = Long.getLong("vipscope.oracle.seed", 1);
  private static final List<Integer> PORTS = List.of(53, 443, 1500, 8080);
  private static final List<String> TARGETS =
      List.of("192.0.2.9", "198.51.100.7", "9.9.9.9", "10.0.0.1", "2001:db8:9::9");

  @TempDir private Path folder;
  private int seen;
  private int mapped;
  private int sport = 20000;
  private final List<String> wrong = new ArrayList<>();

  @Test
  void farSideSeesThePredictedSource() {
    Needs.namespaces();
    Needs.programs("nft", "iptables");
    Random random = new Random(SEED);
    try (WirePair pair = new WirePair(folder, PORTS)) {
      for (int i = 0; i < CASES; i++) {
        List<String> commands = new RandomNat(random).commands();
        pair.configure(commands);
        HostSnapshot snapshot = SnapshotReader.read("near", folder);
        for (int f = 0; f < 8; f++) {
          String dst = TARGETS.get(random.nextInt(TARGETS.size()));
          flow(
              pair,
              snapshot,
              dst,
              PORTS.get(random.nextInt(PORTS.size())),
              from(dst, random),
              commands);
        }
      }
    }
    System.out.println(
        seen
            + " flows of "
            + CASES
            + " random rule sets seen at the far side, "
            + mapped
            + " of them mapped");
    assertTrue(seen > CASES * 4, "too few flows arrived: " + seen);
    assertTrue(mapped > CASES, "too few mapped: " + mapped);
    assertEquals(List.of(), wrong);
  }

  private static String from(String dst, Random random) {
    if (random.nextInt(3) > 0) {
      return "-";
    }
    return dst.indexOf(':') >= 0
        ? "2001:db8::100"
        : List.of("10.0.0.10", "10.0.0.100", "10.0.0.101").get(random.nextInt(3));
  }

  private void flow(
      WirePair pair, HostSnapshot s, String dst, int dport, String from, List<String> commands) {
    int port = sport++;
    RouteQuery q =
        new RouteQuery(
            IpAddress.parse(dst),
            from.equals("-") ? null : IpAddress.parse(from),
            0,
            0,
            null,
            17,
            port,
            dport,
            0);
    OwnFlow predicted = OwnFlow.through(s, q, RouteLookup.send(s, q));
    pair.send("f" + port, from, port, dst, dport);
    boolean expected = predicted.ways().stream().anyMatch(w -> w.egress() != null);
    String source = pair.seen("f" + port);
    boolean agrees =
        source.isEmpty()
            ? !expected
            : predicted.ways().stream().anyMatch(w -> w.firm() && agrees(w, source));
    seen += source.isEmpty() ? 0 : 1;
    IpAddress before = predicted.ways().getFirst().before();
    mapped += source.isEmpty() || source.equals(String.valueOf(before)) ? 0 : 1;
    if (!agrees) {
      wrong.add(
          q
              + "\n  seen "
              + source
              + "\n  model "
              + predicted.ways()
              + "\n  "
              + String.join("\n  ", commands)
              + "\n");
    }
  }

  private static boolean agrees(WireSource w, String source) {
    return w.egress() != null
        && IpAddress.parse(source.replaceAll("%.*", "")).equals(w.egress().source());
  }
}
