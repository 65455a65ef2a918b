package io.vipscope.bench;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Snapshots of a pair whose traffic {@link CaptureGenerator} writes; the first host is master. */
final class PairSnapshots {

  private static final String LOOPBACK =
      """
      {"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"operstate":"UNKNOWN",\
      "link_type":"loopback","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,\
      "scope":"host"},{"family":"inet6","local":"::1","prefixlen":128,"scope":"host"}]}\
      """;

  private PairSnapshots() {}

  /** Writes {@code lb1} and {@code lb2} into a folder. */
  static void write(
      Path hosts,
      IpAddress[] primary4,
      IpAddress vip4,
      IpAddress[] primary6,
      IpAddress vip6,
      long[] macs)
      throws IOException {
    for (int i = 0; i < primary4.length; i++) {
      Path host = Files.createDirectories(hosts.resolve("lb" + (i + 1)));
      boolean master = i == 0;
      Files.writeString(
          host.resolve("addr.json"),
          "["
              + LOOPBACK
              + ",\n{\"ifindex\":2,\"ifname\":\"eth0\",\"flags\":[\"BROADCAST\",\"UP\",\"LOWER_UP\"],"
              + "\"operstate\":\"UP\",\"link_type\":\"ether\",\"address\":\""
              + new MacAddress(macs[i])
              + "\",\"addr_info\":["
              + address("inet", primary4[i], 16)
              + (master ? "," + address("inet", vip4, 32) : "")
              + ","
              + address("inet6", primary6[i], 64)
              + (master ? "," + address("inet6", vip6, 128) : "")
              + "]}]\n");
      Files.writeString(
          host.resolve("route4.json"),
          """
          [{"dst":"default","gateway":"10.10.0.254","dev":"eth0"},
          {"dst":"10.10.0.0/16","dev":"eth0","protocol":"kernel","scope":"link","prefsrc":"%s"},
          {"type":"local","dst":"%s","dev":"eth0","table":"local","protocol":"kernel",\
          "scope":"host","prefsrc":"%s"}]
          """
              .formatted(primary4[i], primary4[i], primary4[i]));
      Files.writeString(
          host.resolve("route6.json"),
          """
          [{"dst":"2001:db8:10::/64","dev":"eth0","protocol":"kernel","metric":256},
          {"dst":"default","gateway":"2001:db8:10::fe","dev":"eth0","metric":1024}]
          """);
      Files.writeString(
          host.resolve("nft.json"), "{\"nftables\":[{\"metainfo\":{\"version\":\"1.0.6\"}}]}\n");
      Files.writeString(host.resolve("sysctl.txt"), "net.ipv4.ip_forward = 0\n");
      Files.writeString(
          host.resolve("keepalived.conf"),
          """
          vrrp_instance edge {
            interface eth0
            virtual_router_id 51
            priority %d
            virtual_ipaddress {
              %s/32
              %s/128
            }
          }
          """
              .formatted(150 - i, vip4, vip6));
    }
  }

  private static String address(String family, IpAddress address, int length) {
    return "{\"family\":\"%s\",\"local\":\"%s\",\"prefixlen\":%d,\"scope\":\"global\"}"
        .formatted(family, address, length);
  }
}
