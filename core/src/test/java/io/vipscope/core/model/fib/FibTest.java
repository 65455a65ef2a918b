package io.vipscope.core.model.fib;

import static io.vipscope.core.model.fib.Routes.hop;
import static io.vipscope.core.model.fib.Routes.metric;
import static io.vipscope.core.model.fib.Routes.route;
import static io.vipscope.core.model.fib.Routes.table;
import static io.vipscope.core.model.fib.Routes.tos;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RuleAction;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FibTest {

  /** {@code fib_table_insert}: by TOS before the metric, in every table. */
  @Test
  void routesOfATosComeFirstInTablesOfRules() {
    Route any = table(metric(route("198.51.100.0/24", hop("eth0")), 1), "100");
    Route special = table(metric(tos(route("198.51.100.0/24", hop("eth1")), 8), 9), "100");
    HostSnapshot s =
        new Host()
            .route(any)
            .route(special)
            .rule(false, null, false, new RuleAction.Lookup("100"))
            .build();
    RouteQuery q = RouteQuery.to(IpAddress.parse("198.51.100.7"));
    assertEquals(special, found(s, q.withTos(8)));
    assertEquals(any, found(s, q));
  }

  private static Route found(HostSnapshot s, RouteQuery q) {
    FibAnswer answer = new Fib(s, false).lookup(q, false, false, new ArrayList<>());
    return Objects.requireNonNull(answer.found()).route();
  }
}
