package io.vipscope.core.finding;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** Commands that a finding suggests, with its own values. */
final class Commands {

  /** Numbers from here on are segments of a mirror's sessions. */
  private static final int VLANS = 4096;

  private Commands() {}

  static String showAddress(@Nullable String host, IpAddress vip) {
    return on(host, "ip addr show to " + vip);
  }

  static String keepalivedLog(@Nullable String host) {
    return on(host, "journalctl -u keepalived --since -1h");
  }

  /** Run on the holder: tells everybody where the VIP is. */
  static String announce(@Nullable String host, IpAddress vip, @Nullable String dev) {
    String device = dev == null ? "DEV" : dev;
    return on(
        host,
        vip.v6() ? "ndsend " + vip + " " + device : "arping -c 3 -U -I " + device + " " + vip);
  }

  static String neighbours(IpAddress vip) {
    return "ip neigh show " + vip;
  }

  static String watchVrrp(int segment, boolean v6, int vrid) {
    return "tcpdump -eni any '"
        + (segment < 0 || segment >= VLANS ? "" : "vlan " + segment + " and ")
        + (v6 ? "ip6 proto 112" : "ip proto 112")
        + "'  # vrid "
        + vrid;
  }

  private static String on(@Nullable String host, String command) {
    return host == null ? command : "ssh " + host + " " + command;
  }
}
