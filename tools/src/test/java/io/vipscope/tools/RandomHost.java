package io.vipscope.tools;

import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A random host: the commands that configure it, and queries that meet what they configured.
 * Addresses, prefixes and tables come from small pools, so that rules, routes and queries overlap.
 */
final class RandomHost {

  private static final List<String> DEVICES = List.of("eth0", "eth1", "eth2");
  private static final List<String> TABLES = List.of("main", "main", "main", "100", "101", "local");
  private static final List<String> METHODS = List.of("unicast", "local", "blackhole");
  private static final List<String> REJECTS =
      List.of("blackhole", "unreachable", "prohibit", "throw");

  private final Random random;
  private final List<String> setup = new ArrayList<>();
  private boolean multipath;
  private boolean ruled;
  private String changed = "";

  RandomHost(long seed) {
    random = new Random(seed);
    devices();
    int extra = random.nextInt(4);
    DEVICES.forEach(this::addresses);
    for (int i = 0; i < extra; i++) {
      shuffleAddresses();
    }
    nexthops();
    for (int i = 0; i < 5 + random.nextInt(12); i++) {
      setup.add(random.nextBoolean() ? route4() : route6());
    }
    if (chance(70)) {
      rules();
    }
    for (int i = 0; chance(30) && i < 3; i++) {
      setup.add(
          "addrlabel add prefix "
              + pick("fd00:1::/64", "2001:db8:1::/48", "2001:db8:2::5/128", "2001:db8::/32")
              + (chance(40) ? " dev " + device() : "")
              + " label "
              + pick("1", "5", "77", "88"));
    }
    if (chance(10)) {
      failedNeighbour();
    }
    if (chance(25)) {
      setup.add("link set " + pick("p0", "p1", "p2") + " down");
    }
    if (chance(15)) {
      setup.add("link set " + device() + " down");
      setup.add(chance(50) ? "link set eth2 up" : route4());
    }
  }

  List<String> setup() {
    return setup;
  }

  /** Whether some answer depends on a hash or on neighbour state. */
  boolean multipath() {
    return multipath;
  }

  /** Whether a policy rule was ever added. */
  boolean ruled() {
    return ruled;
  }

  /**
   * A virtual address as keepalived adds it.
   *
   * @param options of {@code ip addr add}
   */
  record Vip(IpAddress address, int length, String dev, String options) {

    String added() {
      return "addr add " + address + "/" + length + " dev " + dev + options;
    }

    String deleted() {
      return "addr del " + address + "/" + length + " dev " + dev;
    }

    String configuration() {
      String scope = options.contains("scope") ? options : "";
      String block = address.v6() ? "virtual_ipaddress_excluded" : "virtual_ipaddress";
      return "vrrp_instance A {\n  interface %s\n  virtual_router_id 7\n  %s {\n    %s/%d%s\n  }\n}"
          .formatted(dev, block, address, length, scope);
    }
  }

  Vip vip() {
    int n = 1 + random.nextInt(3);
    if (random.nextBoolean()) {
      int length = chance(50) ? 128 : 64;
      String life = length == 128 ? " preferred_lft 0 valid_lft forever" : "";
      IpAddress address = IpAddress.parse(own6(n));
      return new Vip(address, length, "eth" + (n - 1), " nodad" + life);
    }
    IpAddress address = IpAddress.parse("10.0." + n + "." + pick("10", "11", "100", "130"));
    int length = chance(40) ? 32 : chance(70) ? 24 : 25;
    return new Vip(address, length, "eth" + (n - 1), chance(20) ? " scope link" : "");
  }

  /** Queries to that address, from it, and near it. */
  List<String> queriesOf(Vip vip) {
    String address = vip.address().toString();
    String far = vip.address().v6() ? destination6() : destination4();
    return List.of(address, far + " from " + address, address.replaceFirst("[0-9]+$", "77"));
  }

  /** Routes with that address as source, added after it. */
  List<String> routesBy(Vip vip) {
    List<String> routes = new ArrayList<>();
    for (int i = 0; i < random.nextInt(4); i++) {
      boolean v6 = vip.address().v6();
      routes.add(
          (v6 ? "-6 route append " + prefix6() : "route append " + prefix4())
              + " dev "
              + (chance(70) ? vip.dev() : device())
              + " src "
              + vip.address()
              + " metric "
              + pick("1", "2", "7")
              + " table "
              + pick("main", "main", "100", "default"));
    }
    return routes;
  }

  /** One command of {@code ip} that changes the host as set up, or that the kernel refuses. */
  String change() {
    String kind = pick("addr", "addr", "route", "route", "route", "rule");
    List<String> made =
        setup.stream().filter(s -> s.replace("-6 ", "").startsWith(kind + " add")).toList();
    String old = made.isEmpty() ? "" : made.get(random.nextInt(made.size()));
    if (kind.equals("addr")) {
      changed = chance(35) ? primaryDeleted() : addressChange(old);
      return changed;
    }
    if (kind.equals("rule")) {
      ruled = true;
      return old.isEmpty() || chance(50) ? rule() : old.replace("rule add", "rule del");
    }
    String verb = pick("add", "append", "replace", "replace", "change", "del", "del");
    String route = old.isEmpty() || chance(50) ? random.nextBoolean() ? route4() : route6() : old;
    String change = route.replaceFirst("route (add|append|prepend)", "route " + verb);
    if (verb.equals("del") && chance(40)) {
      change = change.replaceAll(" (src|metric|scope|pref|proto) [^ ]+", "");
    }
    return change;
  }

  /** Deletes the primary one of several addresses of a subnet. */
  private String primaryDeleted() {
    int n = 1 + random.nextInt(3);
    String dev = " dev eth" + (n - 1);
    if (chance(60)) {
      setup.add("sysctl net.ipv4.conf." + pick("all", "eth" + (n - 1)) + ".promote_secondaries=1");
    }
    String primary = n + ".3/24" + dev;
    String scope = pick("", " scope link");
    setup.add("addr add 10.8." + primary + scope);
    for (int i = 4; i < 8; i++) {
      String same = "10.8." + n + "." + i + "/24" + scope;
      String other = "10.7." + n + "." + i + "/24" + pick("", "", " scope link");
      setup.add("addr add " + (chance(60) ? same : other) + dev);
    }
    return "addr del 10.8." + primary;
  }

  private String addressChange(String old) {
    int n = 1 + random.nextInt(3);
    if (old.isEmpty() || chance(35)) {
      String added = random.nextBoolean() ? address4(n) : address6(n);
      return added.replace("addr add", "addr " + pick("add", "replace")) + " dev eth" + (n - 1);
    }
    if (chance(40)) {
      String life = pick(" preferred_lft 0 valid_lft forever", " preferred_lft forever");
      String bare = old.replaceAll(" (preferred_lft|valid_lft) [a-z0-9]+", "");
      return bare.replace("addr add", "addr " + pick("change", "replace")) + life;
    }
    String bare = old.replaceAll(" (scope|preferred_lft|valid_lft) [a-z0-9]+", "");
    return bare.replaceAll(" (nodad|home|mngtmpaddr)", "").replace("addr add", "addr del");
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private String device() {
    return DEVICES.get(random.nextInt(DEVICES.size()));
  }

  private void devices() {
    setup.add("sysctl net.ipv6.conf.default.accept_dad=0");
    setup.add("link set lo up");
    for (String device : DEVICES) {
      setup.add("link add " + device + " type veth peer name p" + device.charAt(3));
      setup.add("link set " + device + " mtu " + mtu(device));
      setup.add("link set p" + device.charAt(3) + " mtu " + mtu("p" + device.charAt(3)));
      if (chance(20)) {
        setup.add("link set " + device + " group 10");
      }
    }
    for (String key :
        List.of("promote_secondaries", "ignore_routes_with_linkdown", "route_localnet")) {
      if (chance(30)) {
        setup.add("sysctl net.ipv4.conf." + pick("all", device()) + "." + key + "=1");
      }
    }
    for (String key :
        List.of("ignore_routes_with_linkdown", "use_oif_addrs_only", "addr_gen_mode")) {
      if (chance(25)) {
        setup.add("sysctl net.ipv6.conf." + device() + "." + key + "=1");
      }
    }
    if (chance(25)) {
      setup.add("sysctl net.ipv6.conf.all.forwarding=1");
    }
    if (chance(10)) {
      setup.add("sysctl net.ipv4.ip_nonlocal_bind=1");
      setup.add("sysctl net.ipv6.ip_nonlocal_bind=1");
    }
    if (chance(15)) {
      setup.add("sysctl net.ipv6.conf." + device() + ".use_tempaddr=" + pick("1", "2"));
    }
    DEVICES.forEach(device -> setup.add("link set " + device + " up"));
    List.of("p0", "p1", "p2").forEach(peer -> setup.add("link set " + peer + " up"));
  }

  private void addresses(String device) {
    int n = device.charAt(3) - '0' + 1;
    for (int i = 0; i < random.nextInt(5); i++) {
      setup.add(address4(n) + " dev " + device);
    }
    for (int i = 0; i < random.nextInt(5); i++) {
      setup.add(address6(n) + " dev " + device);
    }
    if (chance(20)) {
      setup.add(pick(address4(n), address6(n)) + " dev lo");
    }
  }

  String own4(int n) {
    return chance(70)
        ? "10.0." + n + "." + pick("10", "11", "100", "130")
        : pick("10.9.0.100", "192.168." + n + ".10", "127.0.5.1", "10.0.1.101");
  }

  String own6(int n) {
    return chance(60)
        ? "2001:db8:" + n + "::" + pick("10", "11", "100", "1:5")
        : pick("fd00:" + n + "::10", "2002:c000::" + n, "2001:db8:9::100", "fec0::" + n)
            .replace("fec0", chance(30) ? "2001:10" : "fec0");
  }

  private String address4(int n) {
    String scope = chance(20) ? " scope " + pick("link", "host", "site", "global", "7") : "";
    if (chance(10)) {
      return "addr add " + own4(n) + " peer 10.0." + n + ".2/" + pick("24", "32") + scope;
    }
    return "addr add " + own4(n) + "/" + pick("24", "24", "24", "32", "25", "16") + scope;
  }

  private String address6(int n) {
    return "addr add "
        + own6(n)
        + "/"
        + pick("64", "64", "128", "48")
        + pick(" nodad", " nodad", " nodad home", " nodad mngtmpaddr")
        + (chance(30) ? " preferred_lft 0 valid_lft forever" : "");
  }

  private void shuffleAddresses() {
    List<String> added = setup.stream().filter(s -> s.startsWith("addr add")).toList();
    if (!added.isEmpty()) {
      String one = added.get(random.nextInt(added.size()));
      String bare = one.replaceAll(" (scope|preferred_lft|valid_lft) [a-z0-9]+", "");
      setup.add(bare.replaceAll(" (nodad|home)", "").replace("addr add", "addr del"));
      if (chance(70)) {
        setup.add(one);
      }
    }
  }

  private String gateway4() {
    return "10.0." + pick("1", "2", "3") + "." + pick("1", "2", "200", "10");
  }

  private String gateway6() {
    return pick("2001:db8:" + pick("1", "2", "3") + "::" + pick("1", "2"), "fe80::99");
  }

  private void nexthops() {
    if (!chance(30)) {
      return;
    }
    setup.add("nexthop add id 1 via " + gateway4() + " dev " + device() + " onlink");
    setup.add("nexthop add id 2 dev " + device());
    setup.add("nexthop add id 3 via " + gateway6() + " dev " + device());
    setup.add("nexthop add id 4 blackhole");
    setup.add("nexthop add id 5 group " + pick("1", "1/2"));
    multipath = true;
  }

  private String prefix4() {
    return pick(
        "default",
        "default",
        "198.51.100.0/24",
        "198.51.100.0/25",
        "198.51.0.0/16",
        "10.0.2.0/25",
        "10.9.0.0/16",
        "203.0.113.5/32",
        "10.0.1.77/32");
  }

  private String prefix6() {
    return pick(
        "default",
        "default",
        "2001:db8:77::/48",
        "2001:db8:77::/64",
        "2001:db8::/32",
        "fd00:9::/64",
        "2001:db8:2::/64",
        "2001:db8:77::5/128");
  }

  private String table() {
    return chance(8) ? "default" : TABLES.get(random.nextInt(TABLES.size()));
  }

  private String metric() {
    return chance(40) ? " metric " + pick("0", "5", "10", "100") : "";
  }

  private String route4() {
    String common =
        prefix4() + metric() + (chance(15) ? " tos " + pick("0x10", "0x08", "0x04") : "");
    String tail = " table " + table();
    String verb = "route " + pick("add", "append", "prepend") + " ";
    if (chance(15)) {
      return verb + REJECTS.get(random.nextInt(REJECTS.size())) + " " + common + tail;
    }
    if (chance(6)) {
      return verb + METHODS.get(1) + " " + common + " dev " + pick("lo", device()) + tail;
    }
    if (chance(10)) {
      return verb + common + " nhid " + pick("1", "2", "4", "5", "3") + tail;
    }
    if (chance(10)) {
      multipath = true;
      return verb
          + common
          + tail
          + (" nexthop via " + gateway4() + " dev " + device() + " onlink")
          + (" nexthop " + pick("via " + gateway4() + " dev ", "dev ") + device() + " onlink");
    }
    multipath |= common.startsWith("default");
    String source = chance(30) ? " src " + own4(1 + random.nextInt(3)) : "";
    String scope = chance(10) ? " scope " + pick("global", "link", "host", "site") : "";
    String device = device();
    String way =
        switch (random.nextInt(5)) {
          case 0, 1 -> " via 10.0." + (device.charAt(3) - '0' + 1) + "." + pick("1", "2", "10");
          case 2 -> " via " + gateway4() + " onlink";
          case 3 -> chance(30) ? " via inet6 fe80::7" : "";
          default -> "";
        };
    return verb + common + way + " dev " + device + source + scope + tail;
  }

  private String route6() {
    String common = prefix6() + metric();
    String tail = " table " + table();
    String verb = "-6 route " + pick("add", "append") + " ";
    if (chance(15)) {
      return verb + REJECTS.get(random.nextInt(REJECTS.size())) + " " + common + tail;
    }
    if (chance(6)) {
      return verb + METHODS.get(1) + " " + common + " dev lo" + tail;
    }
    if (chance(8)) {
      return verb + common + " nhid " + pick("3", "4") + tail;
    }
    if (chance(15)) {
      common += " from " + pick("2001:db8:1::10/128", "2001:db8:1::/64", "fd00:1::/64");
    }
    multipath |= common.startsWith("default") || chance(20);
    String source = chance(30) ? " src " + own6(1 + random.nextInt(3)) : "";
    String device = device();
    String n = "" + (device.charAt(3) - '0' + 1);
    String way = chance(60) ? " via " + pick("fe80::99", "2001:db8:" + n + "::1") : "";
    String pref = chance(20) ? " pref " + pick("low", "medium", "high") : "";
    return verb + common + way + " dev " + device + source + pref + tail;
  }

  /** Two gateways for one prefix, and the better one does not answer. */
  private void failedNeighbour() {
    String dst = pick("default", "2001:db8:77::/48");
    String device = device();
    setup.add("-6 route append " + dst + " via fe80::7 dev " + device + " metric 3");
    setup.add(
        "-6 route append " + dst + " via fe80::8 dev " + device() + " metric " + pick("3", "9"));
    setup.add("neigh replace fe80::7 dev " + device + " nud failed");
    multipath = true;
  }

  private String rule() {
    boolean v6 = random.nextBoolean();
    StringBuilder rule = new StringBuilder(v6 ? "-6 rule add" : "rule add");
    rule.append(chance(15) ? " not" : "");
    int priority = (1 + random.nextInt(9)) * (chance(80) ? 1000 : 6000);
    if (chance(40)) {
      rule.append(" from ").append(v6 ? selector6() : selector4());
    }
    if (chance(25)) {
      rule.append(" to ").append(v6 ? prefix6() : prefix4());
    }
    rule.append(chance(25) ? " fwmark " + pick("1", "0x10", "0x0/0xff", "0x1/0x1") : "");
    rule.append(chance(8) ? " iif " + pick("lo", "eth0") : "");
    rule.append(chance(12) ? " oif " + device() : "");
    rule.append(chance(12) ? " tos " + pick("0x10", "0x08", "0x18") : "");
    rule.append(chance(15) ? " uidrange " + pick("0-0", "33-33", "1-100") : "");
    rule.append(chance(15) ? " ipproto " + pick("udp", "tcp", "icmp") : "");
    rule.append(chance(12) ? " dport " + pick("53", "80-90") : "");
    rule.append(chance(6) ? " sport " + pick("1000-2000", "53") : "");
    rule.append(" pref ").append(priority).append(action(priority));
    return rule.toString();
  }

  private void rules() {
    ruled = true;
    for (int i = 0; i < 1 + random.nextInt(5); i++) {
      setup.add(rule());
    }
    if (chance(10)) {
      setup.add(pick("rule del pref 32766", "rule del pref 0", "-6 rule del pref 32766"));
    }
    if (chance(20)) {
      setup.add("rule add pref 5 from 1.2.3.4 lookup 100");
      setup.add("rule del pref 5");
    }
  }

  private String action(int priority) {
    if (chance(12)) {
      return " " + pick("prohibit", "unreachable", "blackhole", "nop");
    }
    if (chance(10)) {
      return " goto " + (priority + pick1000());
    }
    String suppress = chance(15) ? " suppress_prefixlength " + pick("0", "16", "24", "64") : "";
    String group = chance(8) ? " suppress_ifgroup " + pick("10", "0") : "";
    return " lookup " + pick("100", "100", "101", "main", "local", "777") + suppress + group;
  }

  private int pick1000() {
    return 1000 * (1 + random.nextInt(5));
  }

  private String selector4() {
    return pick("10.0.1.10", "10.0.2.0/24", "0.0.0.0/1", "10.9.0.100", "10.0.0.0/16", "0.0.0.0/32");
  }

  private String selector6() {
    return pick("2001:db8:1::10", "2001:db8:2::/64", "fd00:1::10", "2001:db8::/32", "::/1");
  }

  private String destination4() {
    return pick(
        "198.51.100.7",
        "198.51.100.200",
        "198.51.7.7",
        "10.0." + pick("1", "2", "3") + "." + pick("1", "77", "200", "255", "0"),
        own4(1 + random.nextInt(3)),
        "10.9.0.7",
        "203.0.113.5",
        "8.8.8.8",
        pick("127.0.0.1", "127.9.9.9", "224.0.0.18", "239.1.1.1", "255.255.255.255", "0.0.0.0"));
  }

  private String destination6() {
    return pick(
        "2001:db8:77::7",
        "2001:db8:77:1::7",
        "2001:db8:77::5",
        "2001:db8:" + pick("1", "2", "3") + "::" + pick("1", "77"),
        own6(1 + random.nextInt(3)),
        "fd00:9::1",
        "fd00:1::99",
        "2a00::1",
        pick("::1", "fe80::99", "ff02::5", "ff05::2", "2002:c000::77", "fec0::77", "2001:10::77"));
  }

  /** Of each device another one, so that the MTU of a socket's route tells its device. */
  static int mtu(String device) {
    int number = device.charAt(device.length() - 1) - '0';
    return (device.startsWith("eth") ? 1500 : 1450) - 10 * number;
  }

  /** A {@link Question} for a socket. */
  String socketQuestion() {
    String kind = pick("udp", "udp", "tcp", "tcp-bound", "send");
    boolean v6 = random.nextBoolean();
    String dst = v6 ? destination6() : destination4();
    while (kind.startsWith("tcp") && dst.matches("ff.*|2[2-5].*|.*[.](0|255)")) {
      dst = v6 ? destination6() : destination4(); // TCP refuses those, whatever routing says
    }
    StringBuilder q = new StringBuilder(kind).append(' ').append(dst);
    if (chance(25)) {
      int n = 1 + random.nextInt(3);
      q.append(" from ").append(v6 ? own6(n) : own4(n));
    }
    q.append(chance(20) ? " oif " + device() : "");
    q.append(chance(25) ? " mark " + pick("1", "0x10", "0x100", "3") : "");
    q.append(chance(15) ? " tos " + pick("0x10", "0x08", "0xb8", "0x18") : "");
    q.append(chance(20) ? " uid " + pick("33", "50") : "");
    boolean bound = kind.equals("tcp-bound") || !kind.equals("tcp") && chance(25);
    q.append(bound ? " sport " + pick("1500", "53", "40001") : "");
    return q.append(" dport ").append(pick("53", "85", "443")).toString();
  }

  /** As {@link #query}: to an address of the host, or one that was changed, from it, or near it. */
  String ownQuery() {
    List<String> own =
        chance(30) && !changed.isEmpty()
            ? List.of(changed)
            : setup.stream().filter(s -> s.startsWith("addr add")).toList();
    if (own.isEmpty()) {
      return query();
    }
    String address = own.get(random.nextInt(own.size())).split("[ /]", 4)[2];
    boolean v6 = address.indexOf(':') >= 0;
    return switch (random.nextInt(3)) {
      case 0 -> address;
      case 1 -> (v6 ? destination6() : destination4()) + " from " + address;
      default -> address.replaceFirst("[0-9]+$", "77");
    };
  }

  /** Arguments of {@code ip route get}, as {@code predict} names its options. */
  String query() {
    boolean v6 = random.nextBoolean();
    StringBuilder q = new StringBuilder(v6 ? destination6() : destination4());
    if (chance(35)) {
      int n = 1 + random.nextInt(3);
      q.append(" from ").append(v6 ? own6(n) : own4(n));
    }
    q.append(chance(20) ? " oif " + device() : "");
    q.append(chance(25) ? " mark " + pick("1", "0x10", "0x100", "3") : "");
    q.append(chance(15) ? " tos " + pick("0x10", "0x08", "0xb8", "0x18") : "");
    q.append(chance(15) ? " uid " + pick("0", "33", "50") : "");
    if (chance(35)) {
      q.append(" ipproto ").append(pick("udp", "tcp"));
      q.append(chance(50) ? " dport " + pick("53", "85") : "");
      q.append(chance(30) ? " sport " + pick("1500", "53") : "");
    }
    return q.toString();
  }
}
