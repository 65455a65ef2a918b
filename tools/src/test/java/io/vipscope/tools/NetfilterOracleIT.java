package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.flow.OwnFlow;
import io.vipscope.core.model.selection.RouteLookup;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Netfilter as modelled against the kernel it runs on: real datagrams, read at the far side. With
 * {@code -Dvipscope.oracle.record=FILE} rule sets and sources are appended to a file.
 */
class NetfilterOracleIT {

  private static final int CASES = Integer.getInteger("vipscope.oracle.cases", 50);
  private static final long SEED = Long.getLong("vipscope.oracle.seed", 1);

  /** The first rule set to try: its number in a failure, less 100 000 times the seed. */
  private static final int FIRST = Integer.getInteger("vipscope.oracle.first", 0);

  private static final int FLOWS = 8;
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
    Needs.programs("nft", "iptables", "python3");
    Random random = new Random(SEED);
    try (WirePair pair = new WirePair(folder, PORTS)) {
      for (int i = 0; i < 10 && pair.seen("warm" + (i - 1)).isEmpty(); i++) {
        pair.send("warm" + i, "-", 19000 + i, "2001:db8:9::9", PORTS.getFirst());
      }
      for (int i = 0; i < FIRST + CASES; i++) {
        List<String> commands = new RandomNat(random).commands();
        List<Sent> flows = Stream.generate(() -> draw(random)).limit(FLOWS).toList();
        if (i < FIRST) {
          continue;
        }
        pair.configure(commands);
        List<KernelCase.Asked> asked = flows.stream().map(f -> flow(pair, f)).toList();
        check(
            new KernelCase(
                "wire",
                SEED * 100_000 + i,
                KernelCase.files(folder),
                null,
                null,
                null,
                true,
                false,
                asked),
            commands);
      }
    }
    System.out.println(
        seen
            + " flows of "
            + CASES
            + " random rule sets seen at the far side, "
            + mapped
            + " of them mapped");
    assertEquals(List.of(), wrong);
    assertTrue(CASES < 20 || seen > CASES * 4, "too few flows arrived: " + seen);
    assertTrue(CASES < 20 || mapped > CASES, "too few mapped: " + mapped);
  }

  private static String from(String dst, Random random) {
    if (random.nextInt(3) > 0) {
      return "-";
    }
    return dst.indexOf(':') >= 0
        ? "2001:db8::100"
        : List.of("10.0.0.10", "10.0.0.100", "10.0.0.101").get(random.nextInt(3));
  }

  /** A datagram to send. */
  private record Sent(String dst, int dport, String from, int port, int uid) {}

  private Sent draw(Random random) {
    String dst = TARGETS.get(random.nextInt(TARGETS.size()));
    int dport = PORTS.get(random.nextInt(PORTS.size()));
    String from = from(dst, random);
    return new Sent(dst, dport, from, sport++, random.nextInt(6) > 0 ? 0 : 33);
  }

  private static KernelCase.Asked flow(WirePair pair, Sent f) {
    String id = "f" + f.port();
    if (f.uid() == 0) {
      pair.send(id, f.from(), f.port(), f.dst(), f.dport());
    } else {
      pair.sendAs(f.uid(), id, f.from(), f.port(), f.dst(), f.dport());
    }
    String source = pair.seen(id).replaceAll("%.*", "");
    String bound = f.from().equals("-") ? "" : " from " + f.from();
    return new KernelCase.Asked(
        "wire " + f.dst() + bound + " uid " + f.uid() + " sport " + f.port() + " dport "
            + f.dport(),
        new KernelAnswer(
            source.isEmpty() ? null : IpAddress.parse(source), null, null, null, null));
  }

  private void check(KernelCase one, List<String> commands) {
    Recording.record(one);
    HostSnapshot s = SnapshotReader.read("near", folder);
    for (KernelCase.Asked asked : one.answers()) {
      RouteQuery q = Question.of(asked.text()).query();
      IpAddress source = asked.answer().source();
      OwnFlow predicted = OwnFlow.through(s, q, RouteLookup.send(s, q));
      seen += source == null ? 0 : 1;
      mapped += source == null || source.equals(predicted.ways().getFirst().before()) ? 0 : 1;
      String both = Question.disagreement(s, asked, true, false);
      if (both != null) {
        wrong.add(one + ": " + both + "  " + String.join("\n  ", commands) + "\n");
      }
    }
  }
}
