package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.compiled.CompiledState;
import io.vipscope.core.model.flow.Destinations;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tables against the pure model, on the random hosts of the recorded answers: for flows on both
 * sides of every edge that a state has they must say the same.
 */
class CompiledAnswersTest {

  private static final long SEED = Long.getLong("vipscope.compiled.seed", 20261128);

  /** Flows of each family of each host. */
  private static final int FLOWS = Integer.getInteger("vipscope.compiled.flows", 8);

  private static final List<KernelCase> CASES = Recording.read();

  /** Cases of one test: as many as {@link RecordedAnswersTest} takes, for the same reason. */
  private static final int PART = 10;

  private static final Map<KernelCase, HostSnapshot> SNAPSHOTS = new HashMap<>();

  @TempDir private static Path folder;

  private final Random random = new Random(SEED);
  private long compiled;
  private long pure;

  static Stream<Integer> parts() {
    return IntStream.range(0, (CASES.size() + PART - 1) / PART).boxed();
  }

  @ParameterizedTest
  @MethodSource("parts")
  void tablesSayWhatTheModelSays(int part) {
    compare(CASES.subList(part * PART, Math.min((part + 1) * PART, CASES.size())));
  }

  @Test
  void mostFlowsAreCompiled() {
    compare(
        IntStream.range(0, CASES.size()).filter(i -> i % 10 == 0).mapToObj(CASES::get).toList());
    assertTrue(compiled > pure, compiled + " compiled, " + pure + " not");
  }

  private void compare(List<KernelCase> cases) {
    for (KernelCase one : cases) {
      HostSnapshot s = SNAPSHOTS.computeIfAbsent(one, c -> c.snapshot(folder));
      for (boolean v6 : new boolean[] {false, true}) {
        compare(one, s, v6);
      }
    }
  }

  private void compare(KernelCase one, HostSnapshot s, boolean v6) {
    CompiledState table = CompiledState.of(s);
    FlowPredictor model = new FlowPredictor(s);
    List<IpAddress> destinations = destinations(s, v6);
    List<Integer> ports = ports(s, v6);
    List<Integer> protocols = protocols(s, v6);
    for (int i = 0; i < FLOWS; i++) {
      FlowQuery q = new FlowQuery(pick(destinations), pick(protocols), pick(ports), pick(ports));
      int id = table.id(q);
      if (id == CompiledState.NOT_COMPILED) {
        pure++;
        continue;
      }
      compiled++;
      assertEquals(
          model.predict(q),
          v6 ? table.prediction6(id) : table.prediction4(id),
          () -> one + " " + q);
      assertEquals(id, table.id(q), "asked again");
      assertNotEquals(CompiledState.NOT_COMPILED, table.cell(q));
    }
  }

  private <T> T pick(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** Of each block the first and the last address, those beside it and one within. */
  private List<IpAddress> destinations(HostSnapshot s, boolean v6) {
    List<IpPrefix> blocks = new ArrayList<>(Destinations.withoutRoutes(s, v6));
    if (v6) { // the 256 kinds of multicast would be half of all
      blocks.removeIf(b -> b.network().isMulticast() && random.nextInt(20) > 0);
    }
    var routes = s.routes(v6);
    if (routes != null) {
      routes.forEach(r -> blocks.add(r.dst()));
    }
    Destinations.mapped(s, v6).forEach(a -> blocks.add(IpPrefix.host(a)));
    List<IpAddress> all = new ArrayList<>();
    for (IpPrefix block : blocks) {
      AddressRange range = AddressRange.of(block);
      all.add(range.first());
      all.add(range.last());
      all.add(range.last().next());
      all.add(within(block));
      all.add(within(block));
    }
    return all;
  }

  private IpAddress within(IpPrefix block) {
    IpAddress n = block.network();
    int host = n.bits() - block.length();
    long lo = random.nextLong() & (host >= 64 ? -1L : (1L << host) - 1);
    long hi = host <= 64 ? 0 : random.nextLong() & (host == 128 ? -1L : (1L << host - 64) - 1);
    return new IpAddress(n.v6(), n.hi() | hi, n.lo() | lo);
  }

  private List<Integer> ports(HostSnapshot s, boolean v6) {
    List<Range> ranges = new ArrayList<>();
    for (PolicyRule rule : s.rules(v6)) {
      if (rule.sport() != null) {
        ranges.add(rule.sport());
      }
      if (rule.dport() != null) {
        ranges.add(rule.dport());
      }
    }
    s.netfilter()
        .expressions()
        .forEach(e -> {
          if (e instanceof Match.Ports(boolean _, List<Range> named, boolean _)) {
            ranges.addAll(named);
          }
        });
    List<Integer> all = new ArrayList<>(List.of(0, 1, 53, 80, 443, 40_000, 65_535));
    for (Range range : ranges) {
      for (long port :
          new long[] {range.first() - 1, range.first(), range.last(), range.last() + 1}) {
        if (port >= 0 && port < 65_536) {
          all.add((int) port);
        }
      }
    }
    for (int i = 0; i < 5; i++) {
      all.add(random.nextInt(65_536));
    }
    return all;
  }

  private List<Integer> protocols(HostSnapshot s, boolean v6) {
    List<Integer> all = new ArrayList<>(List.of(6, 6, 6, 17, 17, 1, 58, 132, 50, 255, 0));
    s.rules(v6).forEach(rule -> all.add(rule.ipproto()));
    all.add(random.nextInt(256));
    return all;
  }
}
