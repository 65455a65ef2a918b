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
 * @param pair its pair; null without a configuration that names pairs
 * @param snapshots in order of time, at least one
 * @param gaps when its state is not known although there are snapshots
 */
public record AuditedHost(
    String name, @Nullable AuditedPair pair, List<HostSnapshot> snapshots, List<Gap> gaps) {

  /** A time in which changes of the host's state may have been missed, both ends included. */
  public record Gap(long fromNs, long toNs) {}

  /** A host of whose state nothing was missed. */
  public AuditedHost(String name, @Nullable AuditedPair pair, List<HostSnapshot> snapshots) {
    this(name, pair, snapshots, List.of());
  }

  public AuditedHost {
    gaps = List.copyOf(gaps);
    if (snapshots.isEmpty()) {
      throw new IllegalArgumentException("host " + name + " without a snapshot");
    }
    snapshots = snapshots.stream().sorted(Comparator.comparingLong(HostSnapshot::tEndNs)).toList();
  }

  /** Whether the host's state at a time is not known. */
  boolean isUnknown(long tsNs) {
    for (int i = 0; i < gaps.size(); i++) {
      if (gaps.get(i).fromNs() <= tsNs && tsNs <= gaps.get(i).toNs()) {
        return true;
      }
    }
    return false;
  }

  /** The newest snapshot that ended at or before a time; before the first, the first. */
  public HostSnapshot latestBefore(long tsNs) {
    HostSnapshot latest = snapshots.getFirst();
    for (HostSnapshot snapshot : snapshots) {
      if (snapshot.tEndNs() <= tsNs) {
        latest = snapshot;
      }
    }
    return latest;
  }

  /** Every address that some snapshot shows, VIPs included; loopback left out. */
  public Set<IpAddress> addresses() {
    Set<IpAddress> all = new LinkedHashSet<>();
    snapshots.forEach(s -> all.addAll(s.addresses()));
    all.removeIf(IpAddress::isLoopback);
    return all;
  }

  /** Where its pair is; null = wherever it is seen. */
  @Nullable SegmentName segment() {
    return pair == null ? null : pair.segment();
  }

  /** VIPs that its keepalived.conf names, or its pair. */
  public Set<IpAddress> vips() {
    Set<IpAddress> all = new LinkedHashSet<>();
    if (pair != null) {
      all.addAll(pair.vips());
    }
    snapshots.forEach(s -> all.addAll(s.vips()));
    return all;
  }
}
