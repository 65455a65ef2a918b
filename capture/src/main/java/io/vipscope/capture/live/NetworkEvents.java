package io.vipscope.capture.live;

/**
 * Hears that something of this host's network configuration has changed: links, addresses, routes,
 * policy rules and nexthop objects by rtnetlink, nftables by its own group. What has changed is not
 * read from the messages: the kernel deletes the IPv4 routes of a link that goes down without
 * saying so. One thread uses an instance.
 */
public final class NetworkEvents implements AutoCloseable {

  private static final int NETLINK_ROUTE = 0;
  private static final int NETLINK_NETFILTER = 12;

  // linux/rtnetlink.h: group n is bit n - 1
  private static final int LINK = 1;
  private static final int IPV4_IFADDR = 1 << 4;
  private static final int IPV4_ROUTE = 1 << 6;
  private static final int IPV4_RULE = 1 << 7;
  private static final int IPV6_IFADDR = 1 << 8;
  private static final int IPV6_ROUTE = 1 << 10;
  private static final int IPV6_RULE = 1 << 18;
  private static final int NEXTHOP = 1 << 31;

  /** linux/netfilter/nfnetlink.h: group 7. */
  private static final int NFTABLES = 1 << 6;

  private static final int SLICE_MS = 10;

  /** What has happened. */
  public enum Event {
    NONE,
    CHANGED,
    /** Something, but messages were lost. */
    OVERRUN
  }

  private final Netlink route;
  private final Netlink nftables;

  /** Begins to listen, with the system's buffer sizes. */
  public NetworkEvents() {
    this(0);
  }

  /**
   * Begins to listen.
   *
   * @param receiveBytes size of the receive buffers; 0 = the system's default
   */
  public NetworkEvents(int receiveBytes) {
    route =
        new Netlink(
            NETLINK_ROUTE,
            LINK
                | IPV4_IFADDR
                | IPV4_ROUTE
                | IPV4_RULE
                | IPV6_IFADDR
                | IPV6_ROUTE
                | IPV6_RULE
                | NEXTHOP,
            receiveBytes);
    Netlink second;
    try {
      second = new Netlink(NETLINK_NETFILTER, NFTABLES, receiveBytes);
    } catch (LinkageError e) {
      route.close();
      throw e;
    }
    nftables = second;
  }

  /** Waits until something has happened, or this time is over. */
  public Event await(int timeoutMs) {
    for (int waited = 0; ; waited += SLICE_MS) {
      Event event = drain();
      if (event != Event.NONE || waited >= timeoutMs) {
        return event;
      }
      boolean _ = route.await(Math.min(SLICE_MS, timeoutMs - waited));
    }
  }

  /** Takes all that is there, without waiting. */
  public Event drain() {
    Event a = drain(route);
    Event b = drain(nftables);
    return a.compareTo(b) > 0 ? a : b;
  }

  private static Event drain(Netlink socket) {
    Event event = Event.NONE;
    while (true) {
      switch (socket.read()) {
        case NONE -> {
          return event;
        }
        case DATA -> event = event == Event.NONE ? Event.CHANGED : event;
        case OVERRUN -> event = Event.OVERRUN;
      }
    }
  }

  @Override
  public void close() {
    route.close();
    nftables.close();
  }
}
