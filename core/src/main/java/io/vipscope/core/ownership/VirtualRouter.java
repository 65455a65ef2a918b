package io.vipscope.core.ownership;

import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One virtual router, that is one segment, family and VRID with its VIPs: who of its speakers is
 * master. The election is that of RFC 9568 section 6.4, seen from outside.
 */
final class VirtualRouter {

  /** A speaker that was not heard for so many of its intervals does not defend its mastership. */
  private static final int DOWN_INTERVALS = 3;

  /** Then, with its last advert so many intervals ago, nobody is known to be master. */
  static final int UNKNOWN_INTERVALS = 4;

  private final int vrid;
  private final Set<IpAddress> addresses = new HashSet<>();
  private final Map<IpAddress, ControlEvent.Advert> lastAdverts = new HashMap<>();
  private @Nullable IpAddress master;

  /** Speakers that go on advertising beside the master. */
  private final Set<IpAddress> rivals = new HashSet<>();

  private long masterSinceNs = Long.MIN_VALUE;
  private long unknownAfterNs = Long.MIN_VALUE;

  VirtualRouter(int vrid) {
    this.vrid = vrid;
  }

  int vrid() {
    return vrid;
  }

  /** Whether an advert is one of this router's: it names a VIP of it, or none that was captured. */
  boolean shares(ControlEvent.Advert advert) {
    return advert.addresses().isEmpty()
        || addresses.isEmpty()
        || advert.addresses().stream().anyMatch(addresses::contains);
  }

  /** The last advert of the present master, or null. */
  ControlEvent.@Nullable Advert masterAdvert() {
    return master == null ? null : lastAdverts.get(master);
  }

  /** When the present master becomes unknown if nothing more is heard of it. */
  long unknownAtNs() {
    ControlEvent.Advert advert = masterAdvert();
    return advert == null ? Long.MAX_VALUE : Math.max(unknownAfterNs, unknownAt(advert));
  }

  private static long unknownAt(ControlEvent.Advert advert) {
    return advert.tsNs() + UNKNOWN_INTERVALS * advert.intervalNs();
  }

  /**
   * Takes an advert of another pair with this segment, family and VRID. keepalived drops it, but
   * sets its own timer anew at each: of two such masters the slower one stays silent as long as the
   * other advertises, and holds its VIPs all the same. Its silence tells nothing meanwhile.
   */
  void disturb(ControlEvent.Advert foreign) {
    ControlEvent.Advert last = masterAdvert();
    if (last != null && foreign.tsNs() <= unknownAtNs()) {
      unknownAfterNs = Math.max(unknownAfterNs, unknownAt(foreign));
    }
  }

  /** Whether the master was heard recently enough to defend its mastership. */
  boolean masterIsAlive(long tsNs) {
    ControlEvent.Advert advert = masterAdvert();
    return advert != null && isAlive(advert, tsNs);
  }

  /**
   * Whether the sender of an advert takes itself for the master beside the one that has won: its
   * last advert was before the winner's last one, and the winner has been advertising for an
   * interval or more. To be asked before the advert is taken; a rival is remembered.
   */
  boolean rivals(ControlEvent.Advert advert) {
    ControlEvent.Advert winner = masterAdvert();
    ControlEvent.Advert before = lastAdverts.get(advert.source());
    boolean is =
        winner != null
            && !winner.source().equals(advert.source())
            && advert.priority() > 0
            && before != null
            && before.priority() > 0
            && isAlive(before, advert.tsNs())
            && isAlive(winner, advert.tsNs())
            && !beats(advert, winner)
            && winner.tsNs() > before.tsNs()
            && advert.tsNs() - masterSinceNs >= Math.max(advert.intervalNs(), winner.intervalNs());
    if (is) {
      rivals.add(advert.source());
    }
    return is;
  }

  /** The last adverts of rivals that have resigned, or were not heard for three intervals. */
  List<ControlEvent.Advert> goneRivals(long nowNs) {
    List<ControlEvent.Advert> gone = new ArrayList<>();
    for (IpAddress source : rivals) {
      ControlEvent.Advert last = lastAdverts.get(source);
      if (last != null && (last.priority() == 0 || !isAlive(last, nowNs))) {
        gone.add(last);
      }
    }
    gone.forEach(advert -> rivals.remove(advert.source()));
    return gone;
  }

  /** When a speaker is down if nothing more is heard of it. */
  static long downAfter(ControlEvent.Advert advert) {
    return advert.tsNs() + DOWN_INTERVALS * advert.intervalNs();
  }

  private static boolean isAlive(ControlEvent.Advert advert, long nowNs) {
    return nowNs <= downAfter(advert);
  }

  /** Forgets the master: its silence has lasted too long. */
  void expire() {
    master = null;
  }

  /** Takes an advert; returns true if its sender is master after it, false if it is not. */
  boolean hear(ControlEvent.Advert advert) {
    ControlEvent.Advert defending = masterAdvert();
    addresses.addAll(advert.addresses());
    lastAdverts.put(advert.source(), advert);
    if (advert.priority() == 0) {
      if (advert.source().equals(master)) {
        master = null;
      }
      return false;
    }
    if (defending == null
        || defending.source().equals(advert.source())
        || advert.tsNs() - defending.tsNs() > DOWN_INTERVALS * defending.intervalNs()
        || beats(advert, defending)) {
      if (!advert.source().equals(master)) {
        masterSinceNs = advert.tsNs();
      }
      master = advert.source();
      rivals.remove(master);
      return true;
    }
    return false;
  }

  private static boolean beats(ControlEvent.Advert challenger, ControlEvent.Advert master) {
    return challenger.priority() != master.priority()
        ? challenger.priority() > master.priority()
        : challenger.source().compareTo(master.source()) > 0;
  }
}
