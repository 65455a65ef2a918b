package io.vipscope.core.finding;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.net.IpAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Commands that a finding suggests, with its own values. What only the program around knows stands
 * in capitals: {@link #SPAN}, {@link #DEV}, {@link #RUN}, {@link #HOSTS}, {@link #AROUND}, {@link
 * #STATE}.
 */
public final class Commands {

  /** The sensor's port; of a file, the capture itself: {@code tcpdump -eni SPAN}. */
  public static final String SPAN = "SPAN";

  /** The host's device that has the address that stands behind it. */
  public static final String DEV = "DEV";

  /** The options of this run that say what is captured and which hosts are audited. */
  public static final String RUN = "RUN";

  /** Those that say which hosts, and the capture if it is a file. */
  public static final String HOSTS = "HOSTS";

  /** journalctl's options for the time of the finding. */
  public static final String AROUND = "AROUND";

  /** The folder above the hosts' snapshots. */
  public static final String STATE = "STATE";

  /** Numbers from here on are segments of a mirror's sessions. */
  private static final int VLANS = 4096;

  private Commands() {}

  static String showAddress(@Nullable String host, IpAddress vip) {
    return on(host, "ip addr show to " + vip);
  }

  static String keepalivedLog(@Nullable String host) {
    return on(host, "journalctl -u keepalived " + AROUND);
  }

  /** Run on the holder: tells everybody where the VIP is. */
  static String announce(@Nullable String host, IpAddress vip, @Nullable String dev) {
    String device = dev == null ? DEV : dev;
    return on(
        host,
        vip.v6() ? "ndsend " + vip + " " + device : "arping -c 3 -U -I " + device + " " + vip);
  }

  /** What those who talk to a VIP have in their caches. */
  static String neighbours(IpAddress vip) {
    return "on its neighbours: ip neigh show to " + vip;
  }

  /**
   * Looks for a keyword in keepalived's configuration.
   *
   * @param host null: it is none that is audited, and has this address
   */
  static String keepalivedConf(@Nullable String host, IpAddress source, String keyword) {
    String command = "grep -n " + keyword + " /etc/keepalived/keepalived.conf";
    return host == null ? "on " + source + ": " + command : on(host, command);
  }

  /** Asks whether anybody else has an address, on the host that should have it. */
  static String whoElseHas(@Nullable String host, IpAddress vip) {
    String command =
        vip.v6() ? "ndisc6 -m " + vip + " " + DEV : "arping -D -c 3 -I " + DEV + " " + vip;
    return host == null ? "on its holder: " + command : on(host, command);
  }

  static String explain(FlowRecord f) {
    String protocol = Protocols.name(f.protocol()).toLowerCase(Locale.ROOT);
    boolean ports = !Protocols.isIcmp(f.protocol());
    return "vipscope explain "
        + HOSTS
        + " '"
        + (ports ? end(f.src(), f.srcPort()) : f.src())
        + " > "
        + (ports ? end(f.dst(), f.dstPort()) : f.dst())
        + "/"
        + protocol
        + "'";
  }

  private static String end(IpAddress address, int port) {
    return address.v6() ? "[" + address + "]:" + port : address + ":" + port;
  }

  static String watchVrrp(int segment, boolean v6, int vrid) {
    return "tcpdump -eni "
        + SPAN
        + " '"
        + (segment < 0 || segment >= VLANS ? "" : "vlan " + segment + " and ")
        + (v6 ? "ip6 proto 112" : "ip proto 112")
        + "'  # vrid "
        + vrid;
  }

  private static String on(@Nullable String host, String command) {
    return host == null ? command : "ssh " + host + " " + command;
  }
}
