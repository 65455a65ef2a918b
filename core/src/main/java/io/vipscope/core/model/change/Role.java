package io.vipscope.core.model.change;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a host is in its pair: whether it holds the VIPs that its keepalived.conf names. */
public enum Role {
  MASTER,
  BACKUP;

  /** The role that a snapshot shows; null if it names no VIP, or holds some and not others. */
  public static @Nullable Role of(HostSnapshot s) {
    Set<IpAddress> vips = s.vips();
    long held = vips.stream().filter(s::holds).count();
    if (vips.isEmpty()) {
      return null;
    }
    return held == vips.size() ? MASTER : held == 0 ? BACKUP : null;
  }

  /**
   * A host's state in this role: its newest snapshot that shows it, else its newest one with every
   * VIP added or taken away, which is marked as assumed.
   *
   * @param snapshots of one host in order of time, at least one
   */
  public HostSnapshot state(List<HostSnapshot> snapshots) {
    for (HostSnapshot snapshot : snapshots.reversed()) {
      if (of(snapshot) == this) {
        return snapshot;
      }
    }
    return enter(snapshots.getLast());
  }

  /** The host as it is after it took this role from the state that it is in. */
  public HostSnapshot enter(HostSnapshot s) {
    HostSnapshot state = s;
    for (IpAddress vip : s.vips()) {
      state = this == MASTER ? StateChange.gain(state, vip) : StateChange.lose(state, vip);
    }
    return state;
  }

  public Role other() {
    return this == MASTER ? BACKUP : MASTER;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
