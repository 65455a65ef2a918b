package io.vipscope.core.ownership;

import io.vipscope.core.net.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
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
    return advert != null && tsNs - advert.tsNs() <= DOWN_INTERVALS * advert.intervalNs();
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
      master = advert.source();
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
