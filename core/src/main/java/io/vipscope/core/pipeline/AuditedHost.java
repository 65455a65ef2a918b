package io.vipscope.core.pipeline;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A host under audit and what is known of its state over time.
 *
 * @param pair name of its pair; null without a configuration that names pairs
 * @param snapshots in order of time, at least one
 */
public record AuditedHost(String name, @Nullable String pair, List<HostSnapshot> snapshots) {

  public AuditedHost {
    if (snapshots.isEmpty()) {
      throw new IllegalArgumentException("host " + name + " without a snapshot");
    }
    snapshots = snapshots.stream().sorted(Comparator.comparingLong(HostSnapshot::tEndNs)).toList();
  }

  /** Every address that some snapshot shows, VIPs included; loopback left out. */
  public Set<IpAddress> addresses() {
    Set<IpAddress> all = new LinkedHashSet<>();
    snapshots.forEach(s -> all.addAll(s.addresses()));
    all.removeIf(IpAddress::isLoopback);
    return all;
  }

  /** VIPs that its keepalived.conf names. */
  public Set<IpAddress> vips() {
    Set<IpAddress> all = new LinkedHashSet<>();
    snapshots.forEach(s -> all.addAll(s.vips()));
    return all;
  }
}
