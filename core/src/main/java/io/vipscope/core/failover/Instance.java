package io.vipscope.core.failover;

import static io.vipscope.core.failover.Failover.NO_TIME;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.Evidence;
import io.vipscope.core.ownership.Ownership;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One VRRP instance in one segment: who holds it, and the change that is going on. */
final class Instance {

  /** A holder that was not heard for so many of its intervals is down (RFC 9568 section 6.1). */
  private static final int DOWN_INTERVALS = 3;

  final @Nullable String name;

  /** Its {@code vrrp_sync_group}. */
  final @Nullable String group;

  final int segment;
  int vrid;

  /** The change that is not settled yet. */
  @Nullable Change change;

  /** The last change that was told. */
  @Nullable Change told;

  private final Set<IpAddress> vips = new LinkedHashSet<>();
  private final Map<String, Speaker> speakers = new HashMap<>();
  private @Nullable String holder;

  Instance(@Nullable String name, @Nullable String group, int segment, int vrid) {
    this.name = name;
    this.group = group;
    this.segment = segment;
    this.vrid = vrid;
  }

  /** Its VIPs, as far as they changed hands. */
  Set<IpAddress> vips() {
    return vips;
  }

  private Speaker speaker(String who) {
    return speakers.computeIfAbsent(who, _ -> new Speaker());
  }

  /** Takes a change of one of its VIPs; returns an earlier change that is over with it. */
  @Nullable Change changed(Ownership o, RecentFlows recent) {
    vips.add(o.vip());
    vrid = o.vrid() >= 0 ? o.vrid() : vrid;
    boolean nobody = o.host() == null && o.mac() < 0;
    if (nobody) {
      return lost(o, recent);
    }
    String who = FailoverLog.who(o.host(), o.mac());
    if (holder == null) {
      holder = who;
      return null;
    }
    Change c = change;
    if (c != null && c.to == null) {
      boolean silent = c.resignedNs == NO_TIME;
      if (silent && who.equals(c.from)) {
        change = null; // its adverts were missed for a while
        return null;
      }
      c.vips.add(o.vip());
      gain(c, who, o);
      return null;
    }
    if (who.equals(holder)) {
      if (c != null && o.sinceNs() - c.gainedNs <= FailoverLog.SETTLED_NS) {
        c.vips.add(o.vip());
      }
      return null;
    }
    Change before = take();
    Change fresh = begin(o.sinceNs(), NO_TIME, recent);
    fresh.vips.add(o.vip());
    change = fresh;
    gain(fresh, who, o);
    return before;
  }

  private @Nullable Change lost(Ownership o, RecentFlows recent) {
    Change c = change;
    if (holder == null) {
      return null;
    }
    if (c != null && c.to == null) {
      c.vips.add(o.vip());
      return null;
    }
    Change before = take();
    boolean resigned = o.evidence() == Evidence.VRRP && o.frame() > 0;
    change = begin(o.sinceNs(), resigned ? o.sinceNs() : NO_TIME, recent);
    change.vips.add(o.vip());
    return before;
  }

  private Change begin(long startNs, long resignedNs, RecentFlows recent) {
    String from = holder == null ? "" : holder;
    Speaker old = speaker(from);
    Change begun =
        new Change(
            from,
            startNs,
            resignedNs,
            Math.max(old.lastAdvertNs, old.lastUseNs),
            recent.inUse(segment, vips, startNs));
    begun.lastAdvertOldNs = old.lastAdvertNs;
    return begun;
  }

  private void gain(Change c, String who, Ownership o) {
    c.to = who;
    c.gainedNs = o.sinceNs();
    c.trigger = trigger(c, o);
    holder = who;
  }

  private Trigger trigger(Change c, Ownership o) {
    Speaker old = speaker(c.from);
    if (c.resignedNs != NO_TIME) {
      return Trigger.PRIO0;
    }
    if (old.lastAdvertNs == NO_TIME) {
      return Trigger.UNKNOWN;
    }
    if (o.sinceNs() - old.lastAdvertNs > DOWN_INTERVALS * old.intervalNs) {
      return Trigger.MASTER_DOWN;
    }
    if (o.evidence() != Evidence.VRRP || o.priority() < old.lastPriority) {
      return Trigger.UNKNOWN;
    }
    return old.highestPriority > o.priority() && old.lastPriority < o.priority()
        ? Trigger.PRIORITY_DROP
        : Trigger.PREEMPT;
  }

  void advert(ControlEvent.Advert advert, String who) {
    speaker(who).hear(advert);
    Change c = change;
    if (c == null) {
      return;
    }
    if (who.equals(c.to) && advert.priority() > 0 && c.firstAdvertNewNs == NO_TIME) {
      c.firstAdvertNewNs = advert.tsNs();
    } else if (who.equals(c.from) && !who.equals(c.to)) {
      c.lastAdvertOldNs = advert.tsNs();
      if (advert.priority() > 0) {
        c.oldSeen(advert.tsNs());
      }
    }
  }

  /**
   * A claim for one of the VIPs.
   *
   * @param who null for a VRRP MAC, which stands for the holder
   */
  void claim(long tsNs, @Nullable String who) {
    Change c = change;
    if (c != null
        && c.to != null
        && (who == null || who.equals(c.to))
        && c.firstGarpNs == NO_TIME) {
      c.firstGarpNs = tsNs;
    }
  }

  /**
   * A frame from one of the VIPs.
   *
   * @param who null for a VRRP MAC, which stands for the holder
   */
  void used(long tsNs, @Nullable String who) {
    String user = who == null ? holder : who;
    if (user == null) {
      return;
    }
    speaker(user).lastUseNs = tsNs;
    Change c = change;
    if (c == null) {
      return;
    }
    if (user.equals(c.to)) {
      if (c.firstTrafficNewNs == NO_TIME && tsNs >= c.startNs) {
        c.firstTrafficNewNs = tsNs;
      }
    } else if (user.equals(c.from)) {
      c.oldSeen(tsNs);
    }
  }

  /** The change that is going on, which is over with this. */
  @Nullable Change take() {
    Change taken = change;
    change = null;
    return taken;
  }
}
