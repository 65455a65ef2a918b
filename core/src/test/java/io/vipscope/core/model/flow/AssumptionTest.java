package io.vipscope.core.model.flow;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.compiled.CompiledState;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.Assumption;
import io.vipscope.core.model.snapshot.Assumption.Kind;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AssumptionTest {

  private static final HostSnapshot PLAIN =
      new Host()
          .address("eth0", "10.0.0.10/24")
          .address("eth0", "10.0.0.100/32")
          .local("10.0.0.10/32")
          .local("10.0.0.100/32")
          .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
          .route("100", "0.0.0.0/0", "eth0", "10.0.0.1", "10.0.0.100")
          .markRule(false, 1, "100")
          .build();

  private static FlowQuery flow(int protocol, int port) {
    return new FlowQuery(ip("198.51.100.7"), protocol, 40000, port);
  }

  private static HostSnapshot known(Assumption... assumptions) {
    return PLAIN.assuming(List.of(assumptions));
  }

  private static Set<Object> sources(FlowPrediction p) {
    return Set.copyOf(p.sources());
  }

  @Test
  void knownMarkDecidesWhatWasAConditionBefore() {
    FlowPrediction before = new FlowPredictor(PLAIN).predict(flow(6, 443));
    assertEquals(Set.of(ip("10.0.0.10")), sources(before));
    assertEquals(
        List.of(new ConditionalSource(ip("10.0.0.100"), "fwmark 0x1")), before.conditional());
    HostSnapshot state = known(new Assumption(Kind.MARK, 1, 6, 443));
    FlowPrediction after = new FlowPredictor(state).predict(flow(6, 443));
    assertEquals(Set.of(ip("10.0.0.100")), sources(after));
    assertTrue(
        after.conditional().stream().noneMatch(c -> c.condition().contains("fwmark")),
        "the mark is no condition any more");
    assertEquals("rule4 1000", after.rule());
  }

  @Test
  void otherFlowsStayAsTheyWere() {
    FlowPredictor before = new FlowPredictor(PLAIN);
    FlowPredictor after = new FlowPredictor(known(new Assumption(Kind.MARK, 1, 6, 443)));
    for (FlowQuery q : List.of(flow(6, 444), flow(17, 443))) {
      assertEquals(before.predict(q), after.predict(q));
    }
  }

  @Test
  void markOfZeroIsAFactToo() {
    HostSnapshot state = known(new Assumption(Kind.MARK, 0, Assumption.ANY, Assumption.ANY));
    FlowPrediction p = new FlowPredictor(state).predict(flow(6, 443));
    assertEquals(Set.of(ip("10.0.0.10")), sources(p));
    assertTrue(p.conditional().stream().noneMatch(c -> c.condition().contains("fwmark")));
  }

  @Test
  void firstThatFitsCounts() {
    HostSnapshot state =
        known(
            new Assumption(Kind.MARK, 0, 6, 443), new Assumption(Kind.MARK, 1, 6, Assumption.ANY));
    FlowPredictor predictor = new FlowPredictor(state);
    assertEquals(Set.of(ip("10.0.0.10")), sources(predictor.predict(flow(6, 443))));
    assertEquals(Set.of(ip("10.0.0.100")), sources(predictor.predict(flow(6, 80))));
  }

  @Test
  void tablesTellTheFlowsApart() {
    HostSnapshot state =
        known(new Assumption(Kind.MARK, 1, 6, 443), new Assumption(Kind.UID, 33, 132, 9));
    FlowPredictor model = new FlowPredictor(state);
    CompiledState tables = CompiledState.of(state);
    for (int protocol : List.of(6, 17, 132)) {
      for (int port : List.of(9, 442, 443, 444)) {
        FlowQuery q = flow(protocol, port);
        assertNotEquals(CompiledState.NOT_COMPILED, tables.id(q));
        assertEquals(model.predict(q), tables.predict(q), q::toString);
      }
    }
  }
}
