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
    if (chance(0.4)) {
      all.add("nft 'add chain " + at + " r { type route hook output priority -150; }'");
      all.add("nft 'add rule " + at + " r " + match() + " meta mark set 1'");
    }
    if (chance(0.3)) {
      all.add("nft 'add chain " + at + " f { type filter hook output priority 0; }'");
      all.add(
          "nft 'add rule "
              + at
              + " f "
              + match()
              + " meta mark set "
              + any(List.of("1", "2"))
              + "'");
    }
    if (chance(0.3)) {
      all.add("nft 'add chain " + at + " d { type nat hook output priority -100; }'");
      all.add(
          "nft 'add rule "
              + at
              + " d "
              + match()
              + " dnat ip to "
              + any(List.of("198.51.100.7", "9.9.9.9"))
              + "'");
    }
    for (int c = 0; c < 1 + random.nextInt(2); c++) {
      String chain = "p" + c;
      all.add(
          "nft 'add chain "
              + at
              + " "
              + chain
              + " { type nat hook postrouting priority "
              + any(List.of("90", "100", "100", "105"))
              + "; }'");
      for (int r = 0; r < 1 + random.nextInt(4); r++) {
        all.add("nft 'add rule " + at + " " + chain + " " + match() + " " + verdict() + "'");
      }
    }
    for (int r = 0; r < 2; r++) {
      all.add("nft 'add rule " + at + " u " + match() + " " + end() + "'");
    }
  }

  private String match() {
    StringBuilder matches = new StringBuilder();
    for (int i = 0; i < random.nextInt(3); i++) {
      matches
          .append(
              switch (random.nextInt(14)) {
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
                default -> "ip saddr . udp dport { 10.0.0.10 . 53, 10.0.0.100 . 443 }";
              })
          .append(' ');
    }
    return matches.toString();
  }

  private String verdict() {
    return chance(0.15) ? "jump u" : end();
  }

  private String end() {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> "snat ip to " + any(TO);
      case 3, 4 -> "masquerade";
      case 5 ->
          "snat ip to 203.0.113.200-203.0.113.2"
              + (10 + random.nextInt(40))
              + (chance(0.3) ? " persistent" : "");
      case 6 -> "snat ip to ip saddr map { 10.0.0.10 : 10.0.0.77, 10.0.0.100 : 203.0.113.9 }";
      case 7 -> "accept";
      case 8 -> "return";
      default -> "snat ip to " + any(TO) + " random";
    };
  }

  private void iptables(List<String> all) {
    if (chance(0.3)) {
      all.add("iptables -t mangle -A OUTPUT " + iptablesMatch() + " -j MARK --set-mark 1");
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
    return switch (random.nextInt(8)) {
      case 0 -> "-s " + any(OWN);
      case 1 -> "! -s " + any(OWN);
      case 2 -> "-o eth+ -d 192.0.2.0/24";
      case 3 -> "-p udp -m multiport --dports 53,1000:2000";
      case 4 -> "-m mark --mark 0x1/0x3";
      case 5 -> "-m addrtype --dst-type UNICAST -o eth1";
      case 6 -> "-m conntrack --ctstate NEW -p udp --dport 443";
      default -> "-m owner --uid-owner 0 -p udp";
    };
  }
}
