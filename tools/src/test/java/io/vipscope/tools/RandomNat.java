package io.vipscope.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random rule sets for the host of a {@link WirePair}, as commands. */
final class RandomNat {

  private static final List<String> OWN =
      List.of("10.0.0.10", "10.0.0.100", "10.0.0.101", "10.1.0.10");
  private static final List<String> TO =
      List.of("10.0.0.100", "10.0.0.10", "203.0.113.200", "172.16.5.5");

  /** What a hook of type route may do to the packet; a rule looks at each of these. */
  private static final List<String> CHANGES =
      List.of(
          "meta mark set 1",
          "meta mark set 1",
          "meta mark set ct mark",
          "meta mark set ct mark meta mark set 1",
          "meta mark set 4 meta mark set meta mark or 0x1",
          "meta mark set meta mark xor 0x1",
          "ip dscp set 0x04",
          "ip saddr set 10.0.0.101",
          "ip daddr set 198.51.100.7");

  private static final List<String> MARKS =
      List.of(
          "meta mark set 1", "meta mark set 2", "meta mark set meta mark or 0x2", "ct mark set 1");

  private static final List<String> DESTINATIONS =
      List.of(
          "dnat ip to 198.51.100.7",
          "dnat ip to 9.9.9.9",
          "meta l4proto udp dnat ip to 192.0.2.9:443",
          "dnat ip to 198.51.100.7-198.51.100.90",
          "redirect");

  private final Random random;

  RandomNat(Random random) {
    this.random = random;
  }

  private String any(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }

  private boolean chance(double p) {
    return random.nextDouble() < p;
  }

  List<String> commands() {
    List<String> all = new ArrayList<>();
    int tables = 1 + random.nextInt(2);
    for (int t = 0; t < tables; t++) {
      if (chance(0.7)) {
        nft(all, "t" + t, chance(0.5) ? "ip" : "inet");
      }
      if (chance(0.5)) {
        iptables(all);
      }
    }
    return all;
  }

  private void nft(List<String> all, String table, String family) {
    String at = family + " " + table;
    all.add("nft add table " + at);
    all.add("nft 'add chain " + at + " u'");
    if (chance(0.15)) {
      chain(all, at + " w", "filter hook output priority -300");
      rule(all, at + " w " + match() + any(List.of("notrack", "ip saddr set 10.0.0.100")));
    }
    if (chance(0.5)) {
      chain(all, at + " r", "route hook output priority -150");
      rule(all, at + " r " + match() + any(CHANGES));
    } else if (all.getLast().endsWith("notrack'")) {
      chain(all, at + " r", "route hook output priority -150");
      rule(all, at + " r meta mark set ct mark meta mark set 1");
      rule(all, at + " r meta mark 1 drop");
    }
    if (chance(0.3)) {
      chain(all, at + " f", "filter hook output priority 0" + (chance(0.1) ? "; policy drop" : ""));
      rule(all, at + " f " + match() + any(MARKS));
      rule(all, at + " f " + match() + any(List.of("drop", "accept", "ct mark set meta mark")));
    }
    if (chance(0.3)) {
      chain(all, at + " d", "nat hook output priority -100");
      rule(all, at + " d " + match() + any(DESTINATIONS));
    }
    for (int c = 0; c < 1 + random.nextInt(2); c++) {
      String chain = at + " p" + c;
      chain(all, chain, "nat hook postrouting priority " + any(List.of("90", "100", "100", "105")));
      for (int r = 0; r < 1 + random.nextInt(4); r++) {
        rule(all, chain + " " + match() + verdict());
      }
    }
    for (int r = 0; r < 2; r++) {
      rule(all, at + " u " + match() + end());
    }
  }

  private static void chain(List<String> all, String chain, String type) {
    all.add("nft 'add chain " + chain + " { type " + type + "; }'");
  }

  private static void rule(List<String> all, String text) {
    all.add("nft 'add rule " + text + "'");
  }

  private String match() {
    StringBuilder matches = new StringBuilder();
    for (int i = 0; i < random.nextInt(3); i++) {
      matches
          .append(
              switch (random.nextInt(26)) {
                case 0 -> "ip saddr " + any(OWN);
                case 1 -> "ip saddr != " + any(OWN);
                case 2 -> "ip saddr 10.0.0.0/24";
                case 3 -> "ip daddr { 192.0.2.9, 198.51.100.7 }";
                case 4 -> "ip daddr != 9.9.9.9";
                case 5 -> "udp dport { 53, 1000-2000 }";
                case 6 -> "udp dport != 443";
                case 7 -> "oifname \"eth0\"";
                case 8 -> "oifname != \"eth1\"";
                case 9 -> "meta mark & 0x3 == 0x1";
                case 10 -> "meta skuid 0";
                case 11 -> "ct state new";
                case 12 -> "fib daddr type != local";
                case 13 -> "ct state " + any(List.of("!= new", "untracked", "established"));
                case 14 -> "ct status " + any(List.of("dnat", "! dnat"));
                case 15 -> "ct mark " + any(List.of("0x1", "!= 0x1", "& 0x2 == 0"));
                case 16 -> "ct original ip daddr " + any(List.of("192.0.2.9", "198.51.100.7"));
                case 17 -> "ip dscp " + any(List.of("0x04", "!= 0x04", "0"));
                case 18 -> "meta l4proto " + any(List.of("udp", "tcp", "!= tcp"));
                case 19 -> "tcp dport " + any(List.of("53", "!= 53"));
                case 20 -> "oifname " + any(List.of("\"eth*\"", "\"eth1*\"", "!= \"e*\""));
                case 21 -> "fib saddr type " + any(List.of("local", "unicast"));
                case 22 -> "udp sport " + any(List.of("20000-60000", "!= 20000-20400"));
                case 23 -> "ip daddr 192.0.2.9-198.51.100.20";
                case 24 -> "meta mark " + any(List.of("0", "!= 0", "{ 1, 3 }", "2-9"));
                default -> "ip saddr . udp dport { 10.0.0.10 . 53, 10.0.0.100 . 443 }";
              })
          .append(' ');
    }
    return matches.toString();
  }

  private String verdict() {
    return switch (random.nextInt(20)) {
      case 0, 1 -> "jump u";
      case 2 -> "goto u";
      case 3 -> "ip saddr vmap { 10.0.0.10 : jump u, 10.0.0.100 : accept }";
      case 4 -> "meta mark vmap { 0 : goto u, 1 : return }";
      default -> end();
    };
  }

  private String end() {
    return switch (random.nextInt(16)) {
      case 0, 1, 2 -> "snat ip to " + any(TO);
      case 3, 4 -> "masquerade";
      case 5 ->
          "snat ip to 203.0.113.200-203.0.113.2"
              + (10 + random.nextInt(40))
              + (chance(0.3) ? " persistent" : "");
      case 6 -> "snat ip to ip saddr map { 10.0.0.10 : 10.0.0.77, 10.0.0.100 : 203.0.113.9 }";
      case 7 -> "accept";
      case 8 -> "return";
      case 9, 10 ->
          "snat ip to 10.0.0.90-10.0.0.110" + any(List.of("", " random", " fully-random"));
      case 11 ->
          "meta l4proto udp snat ip to 10.0.0.90-10.0.0.110:"
              + any(List.of("30000-40000", "20000-60000"));
      case 12 -> "snat ip6 to " + any(List.of("2001:db8::100", "2001:db8::77"));
      case 13 -> "snat ip6 to 2001:db8:5::1-2001:db8:6::9" + (chance(0.3) ? " persistent" : "");
      case 14 -> "meta l4proto udp snat ip to :30000-40000";
      default -> "snat ip to " + any(TO) + " random";
    };
  }

  private void iptables(List<String> all) {
    for (int r = 0; chance(0.4) && r < 3; r++) {
      String chain =
          switch (random.nextInt(7)) {
            case 0, 1 -> "mangle -A OUTPUT -j MARK --set-mark 1";
            case 2 -> "mangle -A OUTPUT -j MARK --set-xmark 0x3/0x2";
            case 3 -> "mangle -A OUTPUT -j CONNMARK --set-mark 1";
            case 4 -> "mangle -A OUTPUT -j TOS --set-tos 0x10";
            case 5 -> "raw -A OUTPUT -j CT --notrack";
            default -> "nat -A OUTPUT -p udp -j DNAT --to-destination 198.51.100.7:443";
          };
      String match = chain.contains("-p udp") ? " -d 192.0.2.9 " : " " + iptablesMatch() + " ";
      all.add("iptables -t " + chain.replace(" -j ", match + "-j "));
    }
    if (chance(0.15)) {
      all.add("iptables -t mangle -A POSTROUTING -j CONNMARK --restore-mark");
    }
    for (int r = 0; r < 1 + random.nextInt(3); r++) {
      String target =
          switch (random.nextInt(5)) {
            case 0 -> "MASQUERADE";
            case 1 -> "SNAT --to-source 203.0.113.200-203.0.113.233";
            case 2 -> "NETMAP --to 172.16.9.0/24";
            case 3 -> "RETURN";
            default -> "SNAT --to-source " + any(TO);
          };
      all.add("iptables -t nat -A POSTROUTING " + iptablesMatch() + " -j " + target);
    }
    if (chance(0.4)) {
      all.add(
          "ip6tables -t nat -A POSTROUTING -p udp -j "
              + any(
                  List.of(
                      "MASQUERADE",
                      "SNAT --to-source 2001:db8::100",
                      "SNAT --to-source 2001:db8:ffff::1-2001:db8:ffff::40")));
    }
  }

  private String iptablesMatch() {
    return switch (random.nextInt(12)) {
      case 0 -> "-s " + any(OWN);
      case 1 -> "! -s " + any(OWN);
      case 2 -> "-o eth+ -d 192.0.2.0/24";
      case 3 -> "-p udp -m multiport --dports 53,1000:2000";
      case 4 -> "-m mark --mark 0x1/0x3";
      case 5 -> "-m addrtype --dst-type UNICAST -o eth1";
      case 6 -> "-m conntrack --ctstate NEW -p udp --dport 443";
      case 7 -> "-m connmark --mark 1";
      case 8 -> "-m tos --tos 0x10/0xff";
      case 9 -> "-m iprange --src-range 10.0.0.5-10.0.0.50";
      case 10 -> "! -o eth1";
      default -> "-m owner --uid-owner 0 -p udp";
    };
  }
}
