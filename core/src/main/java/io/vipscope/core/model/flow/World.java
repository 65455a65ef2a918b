package io.vipscope.core.model.flow;

import io.vipscope.core.model.snapshot.Assumption;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the wire does not show of a flow's socket.
 *
 * @param from what the application bound; null = nothing
 * @param oif device it is bound to; null = none
 * @param portBound the application bound the source port too
 * @param connected a UDP socket that is connected
 * @param conditions how reports name what differs from the ordinary; empty: nothing does
 */
record World(
    @Nullable IpAddress from,
    int mark,
    int tos,
    int uid,
    @Nullable String oif,
    boolean portBound,
    boolean connected,
    List<String> conditions) {

  World {
    conditions = List.copyOf(conditions);
  }

  /** Nothing bound, no mark, the uid of a daemon that stayed root. */
  static final World ORDINARY = new World(null, 0, 0, 0, null, false, false, List.of());

  /**
   * The same, but for what is known of such flows of the host; to a link-local address a socket
   * must name the device, which is known where only one has such addresses.
   */
  static World ordinary(HostSnapshot s, FlowQuery q) {
    Map<Assumption.Kind, Integer> known = s.known(q.protocol(), q.dport());
    String device = q.dst().v6() && q.dst().isLinkLocal() ? linkLocalDevice(s) : null;
    return known.isEmpty() && device == null
        ? ORDINARY
        : new World(
            null,
            known.getOrDefault(Assumption.Kind.MARK, 0),
            known.getOrDefault(Assumption.Kind.TOS, 0),
            known.getOrDefault(Assumption.Kind.UID, 0),
            device,
            false,
            false,
            List.of());
  }

  private static @Nullable String linkLocalDevice(HostSnapshot s) {
    List<String> devices =
        s.links().stream()
            .filter(l -> l.up() && !l.loopback())
            .filter(l -> l.addresses(true).stream().anyMatch(a -> a.local().isLinkLocal()))
            .map(Link::name)
            .toList();
    return devices.size() == 1 ? devices.getFirst() : null;
  }

  World withFrom(IpAddress value) {
    return new World(value, mark, tos, uid, oif, portBound, connected, conditions);
  }

  World withMark(int value, String condition) {
    return new World(from, value, tos, uid, oif, portBound, connected, plus(condition));
  }

  World withTos(int value, String condition) {
    return new World(from, mark, value, uid, oif, portBound, connected, plus(condition));
  }

  World withUid(int value, String condition) {
    return new World(from, mark, tos, value, oif, portBound, connected, plus(condition));
  }

  World withOif(String value) {
    return new World(
        from, mark, tos, uid, value, portBound, connected, plus("bound to device " + value));
  }

  World withPortBound() {
    return new World(from, mark, tos, uid, oif, true, connected, plus("source port bound"));
  }

  World withConnected() {
    return new World(from, mark, tos, uid, oif, portBound, true, plus("connected socket"));
  }

  private List<String> plus(String condition) {
    List<String> longer = new ArrayList<>(conditions);
    longer.add(condition);
    return longer;
  }
}
