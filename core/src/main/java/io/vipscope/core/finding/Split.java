package io.vipscope.core.finding;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.ControlEvent;
import java.util.List;

/**
 * One split brain: two speakers of a virtual router with a common VIP advertise at the same time.
 * It begins when the second of them does, and is known when the election's loser advertises again,
 * an interval or more after the winner's first advert and after another one of the winner. It is
 * over when one of them was silent for three intervals or resigned; then the winner has two seconds
 * to tell the segment where the VIPs are.
 */
final class Split {

  private static final long ANNOUNCE_NS = 2_000_000_000L;

  private final long startNs;
  private final long intervalNs;
  private final List<IpAddress> vips;
  private ControlEvent.Advert winner;
  private ControlEvent.Advert loser;
  private boolean loserResigned;
  private long winnerLastNs;
  private boolean winnerResigned;
  private boolean announced;

  Split(ControlEvent.Advert winner, ControlEvent.Advert loser, long startNs, long intervalNs) {
    this.winner = winner;
    this.loser = loser;
    this.startNs = startNs;
    this.intervalNs = intervalNs;
    winnerLastNs = winner.tsNs();
    vips = loser.addresses().stream().filter(winner.addresses()::contains).toList();
  }

  /** Another advert of the loser in the winner's time. */
  void last(ControlEvent.Advert winnersLast, ControlEvent.Advert losersLast) {
    winner = winnersLast;
    loser = losersLast;
    announced = false;
  }

  void advert(ControlEvent.Advert a) {
    if (a.source().equals(winner.source())) {
      winnerResigned = a.priority() == 0;
      winnerLastNs = a.tsNs();
    } else if (a.source().equals(loser.source())) {
      loserResigned = a.priority() == 0;
    }
  }

  /** A claim of the winner after the loser's last advert. */
  void claim(ControlEvent.Claim claim) {
    if (claim.frameMac() == winner.frameMac() && vips.contains(claim.address())) {
      announced |= claim.tsNs() >= loser.tsNs() && claim.tsNs() <= loser.tsNs() + ANNOUNCE_NS;
    }
  }

  boolean isOver(long nowNs) {
    long downNs = Voice.DOWN_INTERVALS * intervalNs;
    boolean silent =
        loserResigned
            || winnerResigned
            || nowNs - loser.tsNs() > downNs
            || nowNs - winnerLastNs > downNs;
    return silent && nowNs - loser.tsNs() > ANNOUNCE_NS;
  }

  /** Over, the winner is still there, and nobody was told where the VIPs are. */
  boolean healedSilently() {
    return !announced
        && !winnerResigned
        && winnerLastNs > loser.tsNs()
        && !MacAddress.isVirtualRouter(winner.frameMac());
  }

  ControlEvent.Advert winner() {
    return winner;
  }

  ControlEvent.Advert loser() {
    return loser;
  }

  long startNs() {
    return startNs;
  }

  /** The loser's last advert. */
  long lastNs() {
    return loser.tsNs();
  }

  List<IpAddress> vips() {
    return vips;
  }

  IpAddress vip() {
    return vips.getFirst();
  }
}
