package io.vipscope.core.model.inverse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.model.flow.Bind;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which causes the model has run for, and what a mismatch is told with. */
class CauseTest {

  private static final IpAddress VIP = IpAddress.parse("10.0.0.100");

  private static final HostSnapshot HOST =
      new Host()
          .address("eth0", "10.0.0.10/24")
          .address("eth0", "10.0.0.100/32")
          .local("10.0.0.100/32")
          .route("main", "0.0.0.0/0", "eth0", "10.0.0.1", null)
          .build();

  @Test
  void whatTheModelShowedIsChecked() {
    Bind bind = new Bind(VIP, List.of());
    Route route = Objects.requireNonNull(HOST.routes(false)).getFirst();
    PolicyRule rule = HOST.rules(false).getFirst();
    Ruleset.Rule nat = new Ruleset.Rule(List.of(), "rule", 0);
    for (Cause cause :
        List.of(
            new Cause.Bound(bind, null),
            new Cause.Conditional("uid 33"),
            new Cause.WithoutRule(rule, true),
            new Cause.WithoutRoute(route, true),
            new Cause.WithoutNat("ip nat c", nat, true),
            new Cause.OtherState(HOST, true, true, 0))) {
      assertTrue(cause.checked(), cause::toString);
    }
    for (Cause cause :
        List.of(
            new Cause.StaleAddress(List.of()),
            new Cause.SnatUnknown(),
            new Cause.SnatElsewhere(),
            new Cause.SentByAnother(),
            new Cause.Spoof(),
            new Cause.Untried(1),
            new Cause.Unexplained())) {
      assertEquals(false, cause.checked(), cause::toString);
    }
  }

  @Test
  void aMismatchIsToldWithItsBind() {
    FlowQuery q = new FlowQuery(IpAddress.parse("198.51.100.7"), 6, 40_000, 443);
    Causes causes = new Causes(FlowPredictor::new);
    Observation o = new Observation(q, VIP, HOST, List.of(), true);
    assertEquals(List.of(new Cause.Bound(new Bind(VIP, List.of()), null)), causes.ofMismatch(o));
    Observation foreign = new Observation(q, IpAddress.parse("192.0.2.1"), HOST, List.of(), false);
    assertEquals(List.of(new Cause.Spoof()), causes.ofMismatch(foreign));
    assertTrue(causes.trace(o).size() > 1);
  }
}
