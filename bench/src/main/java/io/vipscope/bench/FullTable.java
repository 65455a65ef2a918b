package io.vipscope.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * The snapshot of a router that runs keepalived and has a full table of the Internet: as many IPv4
 * routes as wanted, nested as there (most of length 24), by a few gateways: a third by one of them,
 * a third by two at once, a third by a nexthop object, as FRR installs them. The text is what
 * {@code ip -j -d -4 route show table all} of iproute2 6.1 prints, in the order of the kernel's
 * trie. The same number of routes always gives the same files.
 */
public final class FullTable {

  /** So many routes the Internet has, rounded up (2025). */
  static final int ROUTES = 1_000_000;

  private static final int GATEWAYS = 8;

  /** The /16 blocks from 1.0.0.0 to 223.255.0.0. */
  private static final int BLOCKS = 223 << 8;

  /** Weights of the lengths 16 to 24 in the table, in hundredths. */
  private static final int[] LENGTHS = {2, 1, 2, 3, 5, 5, 12, 11, 59};

  private static final String ADDRESSES =
      """
      [{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,\
      "operstate":"UNKNOWN","group":"default","link_type":"loopback","addr_info":[\
      {"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo"}]},
      {"ifindex":2,"ifname":"eth0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,\
      "operstate":"UP","group":"default","link_type":"ether","address":"52:54:00:00:00:01",\
      "addr_info":[{"family":"inet","local":"192.168.0.1","prefixlen":24,"scope":"global",\
      "label":"eth0"},{"family":"inet","local":"192.168.0.9","prefixlen":24,"scope":"global",\
      "secondary":true,"label":"eth0"}]}]
      """;

  private static final String KEEPALIVED =
      """
      vrrp_instance edge {
        interface eth0
        virtual_router_id 51
        priority 150
        virtual_ipaddress {
          192.168.0.9/24
        }
      }
      """;

  private static final String CONNECTED =
      """
      ,{"type":"unicast","dst":"192.168.0.0/24","dev":"eth0","table":"main","protocol":"kernel",\
      "scope":"link","prefsrc":"192.168.0.1","flags":[]}\
      ,{"type":"local","dst":"127.0.0.0/8","dev":"lo","table":"local","protocol":"kernel",\
      "scope":"host","prefsrc":"127.0.0.1","flags":[]}\
      ,{"type":"local","dst":"127.0.0.1","dev":"lo","table":"local","protocol":"kernel",\
      "scope":"host","prefsrc":"127.0.0.1","flags":[]}\
      ,{"type":"broadcast","dst":"127.255.255.255","dev":"lo","table":"local",\
      "protocol":"kernel","scope":"link","prefsrc":"127.0.0.1","flags":[]}\
      ,{"type":"local","dst":"192.168.0.1","dev":"eth0","table":"local","protocol":"kernel",\
      "scope":"host","prefsrc":"192.168.0.1","flags":[]}\
      ,{"type":"local","dst":"192.168.0.9","dev":"eth0","table":"local","protocol":"kernel",\
      "scope":"host","prefsrc":"192.168.0.1","flags":[]}\
      ,{"type":"broadcast","dst":"192.168.0.255","dev":"eth0","table":"local",\
      "protocol":"kernel","scope":"link","prefsrc":"192.168.0.1","flags":[]}]
      """;

  private final Random random = new Random(51);
  private final Writer out;

  private FullTable(Writer out) {
    this.out = out;
  }

  /** Arguments: the folder to write to, made if missing; the number of routes, if not a million. */
  public static void main(String[] args) throws IOException {
    if (args.length < 1 || args.length > 2) {
      throw new IllegalArgumentException("expected DIR [ROUTES]");
    }
    write(Path.of(args[0]), args.length == 1 ? ROUTES : Integer.parseInt(args[1]));
  }

  /** Writes the files of the snapshot. */
  static void write(Path folder, int routes) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("addr.json"), ADDRESSES, UTF_8);
    Files.writeString(folder.resolve("keepalived.conf"), KEEPALIVED, UTF_8);
    Files.writeString(folder.resolve("route6.json"), "[]\n", UTF_8);
    Files.writeString(folder.resolve("nft.json"), "{\"nftables\":[]}\n", UTF_8);
    try (BufferedWriter out = Files.newBufferedWriter(folder.resolve("route4.json"), UTF_8)) {
      new FullTable(out).routes(routes);
    }
  }

  private void routes(int count) throws IOException {
    out.write(
        "[{\"type\":\"unicast\",\"dst\":\"default\",\"gateway\":\"192.168.0.254\",\"dev\":\"eth0\","
            + "\"table\":\"main\",\"protocol\":\"static\",\"scope\":\"global\",\"flags\":[]}");
    long written = 0;
    for (int block = 0; block < BLOCKS; block++) {
      long due = (long) count * (block + 1) / BLOCKS;
      for (long prefix : block(block, (int) (due - written))) {
        route((int) (prefix >>> 6), (int) (prefix & 63));
      }
      written = due;
    }
    out.write(CONNECTED);
  }

  /**
   * Different prefixes inside one /16, by address and then by length: {@code bits << 6 | length}.
   */
  private Set<Long> block(int block, int count) {
    Set<Long> prefixes = new TreeSet<>();
    while (prefixes.size() < count) {
      int length = length();
      long bits = (1L << 24) + ((long) block << 16) + random.nextInt(1 << 16);
      prefixes.add((bits >>> (32 - length) << (32 - length)) << 6 | length);
    }
    return prefixes;
  }

  private int length() {
    int at = random.nextInt(100);
    int length = 0;
    while (at >= LENGTHS[length]) {
      at -= LENGTHS[length++];
    }
    return 16 + length;
  }

  private void route(int network, int length) throws IOException {
    int gateway = random.nextInt(GATEWAYS);
    out.write(",{\"type\":\"unicast\",\"dst\":\"");
    out.write(IpPrefix.of(IpAddress.v4(network), length).toString());
    switch (random.nextInt(3)) {
      case 0 -> {
        out.write("\",");
        out.write(way(gateway));
        out.write(end());
      }
      case 1 -> {
        out.write(
            "\",\"table\":\"main\",\"protocol\":\"bgp\",\"scope\":\"global\",\"metric\":20,"
                + "\"flags\":[],\"nexthops\":[{");
        out.write(way(gateway));
        out.write(",\"weight\":1,\"flags\":[]},{");
        out.write(way((gateway + 1) % GATEWAYS));
        out.write(",\"weight\":1,\"flags\":[]}]");
      }
      default -> {
        out.write("\",\"nhid\":" + (100 + gateway) + ",");
        out.write(way(gateway));
        out.write(end());
        out.write(",\"nh_info\":{\"id\":" + (100 + gateway) + ",");
        out.write(way(gateway));
        out.write(",\"scope\":\"link\",\"protocol\":\"zebra\",\"flags\":[]}");
      }
    }
    out.write("}");
  }

  private static String way(int gateway) {
    return "\"gateway\":\"192.168.0.%d\",\"dev\":\"eth0\"".formatted(200 + gateway);
  }

  private static String end() {
    return ",\"table\":\"main\",\"protocol\":\"bgp\",\"scope\":\"global\",\"metric\":20,\"flags\":[]";
  }
}
