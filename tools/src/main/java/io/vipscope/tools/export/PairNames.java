package io.vipscope.tools.export;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.AuditedPair;
import io.vipscope.tools.view.Lane;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Names of the pairs that a configuration names, as labels: empty where there is none. */
final class PairNames {

  private final Map<String, String> byHost = new HashMap<>();
  private final Map<IpAddress, String> byVip = new HashMap<>();

  PairNames(Collection<AuditedHost> hosts) {
    for (AuditedHost host : hosts) {
      AuditedPair pair = host.pair();
      byHost.put(host.name(), pair == null ? "" : pair.name());
      if (pair != null) {
        host.vips().forEach(vip -> byVip.putIfAbsent(vip, pair.name()));
      }
    }
  }

  /** The pair of an audited host; of any of these, the first that is one. */
  String of(@Nullable String... hosts) {
    for (String host : hosts) {
      if (host != null && byHost.containsKey(host)) {
        return byHost.getOrDefault(host, "");
      }
    }
    return "";
  }

  /** The pair whose VIP it is: its latest holder's, else one whose state names it. */
  String of(Lane lane) {
    List<String> holders =
        lane.changes().reversed().stream().map(o -> o.host()).filter(Objects::nonNull).toList();
    return holders.isEmpty() ? of(lane.vip()) : of(holders.getFirst());
  }

  /** A pair whose state names this VIP. */
  String of(@Nullable IpAddress vip) {
    return vip == null ? "" : byVip.getOrDefault(vip, "");
  }
}
