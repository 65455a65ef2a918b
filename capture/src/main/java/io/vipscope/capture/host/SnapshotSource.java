package io.vipscope.capture.host;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A file of a snapshot and the command that prints it.
 *
 * @param without what is not known without it
 */
record SnapshotSource(String file, List<String> command, String without) {

  static final SnapshotSource ADDRESSES = of("addr.json", "ip -j -d addr show", "addresses");

  static final List<SnapshotSource> OTHERS =
      List.of(
          of("link.json", "ip -j -d link show", "details of links"),
          of("route4.json", "ip -j -d -4 route show table all", "IPv4 routes"),
          of("route6.json", "ip -j -d -6 route show table all", "IPv6 routes"),
          of("rule4.json", "ip -j -d -4 rule show", "IPv4 policy rules"),
          of("rule6.json", "ip -j -d -6 rule show", "IPv6 policy rules"),
          of("addrlabel.json", "ip -j -6 addrlabel list", "IPv6 address labels"),
          of("nexthop.json", "ip -j -d nexthop show", "nexthop objects"),
          of("neigh.json", "ip -j neigh show", "neighbours"),
          of("nft.json", "nft -j list ruleset", "nftables NAT rules"),
          of("iptables-save.txt", "iptables-save", "iptables NAT rules"),
          of("ip6tables-save.txt", "ip6tables-save", "ip6tables NAT rules"),
          of("sysctl.txt", "sysctl net.ipv4 net.ipv6", "kernel settings"));

  /** Random keys that an unprivileged reader would not see either. */
  private static final Pattern SECRET_SYSCTL =
      Pattern.compile("(?m)^\\S*(stable_secret|fastopen_key)\\b.*\\n?");

  private static SnapshotSource of(String file, String command, String without) {
    return new SnapshotSource(file, List.of(command.split(" ", -1)), without);
  }

  /** The command in one line. */
  String line() {
    return String.join(" ", command);
  }

  /** It complains of every key that only root may read, and prints the others. */
  boolean mayFailInPart() {
    return file.equals("sysctl.txt");
  }

  /** What it printed, without random keys. */
  String withoutSecrets(String text) {
    return mayFailInPart() ? SECRET_SYSCTL.matcher(text).replaceAll("") : text;
  }

  /** What is to be said where it is left out. */
  String leftOut(String problem) {
    return problem + "; " + file + " is left out, " + without + " stay unknown";
  }

  /** iptables over nftables says so when tables of the old kind exist, and leaves them out. */
  boolean hidesLegacy(String errors) {
    return errors.contains("legacy tables present");
  }

  /** What is to be said then. */
  String legacy() {
    return "legacy iptables tables exist, which "
        + line()
        + " does not print: append the output of its -legacy- twin to "
        + file;
  }
}
