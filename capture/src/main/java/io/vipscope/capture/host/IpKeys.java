package io.vipscope.capture.host;

/**
 * The keys that {@code ip -j}, with and without {@code -d} and {@code -s}, prints, as the sources
 * of iproute2 4.14 to 7.1 have them; what those releases print of a key has one type throughout.
 */
final class IpKeys {

  /** Counters of {@code ip -s}; the directions hold what {@link #COUNTERS} names. */
  private static final KeyTypes COUNTERS =
      new KeyTypes().integers("bytes", "packets", "errors", "dropped", "multicast", "collisions");

  private static final KeyTypes STATS =
      new KeyTypes().object("rx", COUNTERS).object("tx", COUNTERS);

  /** Of the kinds of devices that stand under keepalived's addresses; others hold anything. */
  private static final KeyTypes INFO_DATA =
      new KeyTypes()
          .strings("mode", "vlan_protocol", "bridge_id", "root_id", "active_slave", "primary")
          .strings("xmit_hash_policy", "primary_reselect", "fail_over_mac", "ad_lacp_rate")
          .strings("ad_select", "group_addr", "protocol")
          .integers("bcqueuelen", "usedbcqueuelen", "macaddr_count", "bclim", "id", "table")
          .integers("forward_delay", "hello_time", "max_age", "ageing_time", "stp_state")
          .integers("vlan_filtering", "vlan_default_pvid", "mcast_snooping", "miimon", "updelay")
          .integers("downdelay", "arp_interval", "min_links", "resend_igmp", "num_peer_notif");

  private static final KeyTypes LINKINFO =
      new KeyTypes()
          .strings("info_kind", "info_slave_kind")
          .object("info_data", INFO_DATA)
          .object("info_slave_data", new KeyTypes());

  /** {@code print_addrinfo}. */
  private static final KeyTypes ADDRESS =
      new KeyTypes()
          .strings("family", "local", "address", "broadcast", "anycast", "multicast", "scope")
          .strings("protocol", "label", "ifa_flags")
          .integers("family_index", "prefixlen", "metric", "index")
          .integers("valid_life_time", "preferred_life_time")
          .booleans("deleted", "secondary", "temporary", "dynamic", "deprecated", "tentative")
          .booleans("dadfailed", "nodad", "home", "optimistic", "permanent", "mngtmpaddr")
          .booleans("noprefixroute", "autojoin", "stable-privacy");

  /** {@code print_linkinfo}: an element of {@code ip addr show} and of {@code ip link show}. */
  static final KeyTypes LINK =
      new KeyTypes()
          .strings("ifname", "qdisc", "operstate", "linkmode", "group", "link_type", "address")
          .strings("broadcast", "permaddr", "ifalias", "inet6_addr_gen_mode", "master", "event")
          .strings("phys_port_name", "phys_port_id", "phys_switch_id", "parentbus", "parentdev")
          .integers("ifindex", "link_index", "link_netnsid", "mtu", "min_mtu")
          .integers("max_mtu", "txqlen", "promiscuity", "allmulti", "num_tx_queues")
          .integers("num_rx_queues", "gso_max_size", "gso_max_segs", "tso_max_size")
          .integers("tso_max_segs", "gro_max_size", "gso_ipv4_max_size", "gro_ipv4_max_size")
          .integers("operstate_index", "linkmode_index")
          .booleans("deleted", "link_pointtopoint", "proto_down", "netns-immutable")
          .stringLists("flags", "altnames", "proto_down_reason")
          .nullableStrings("link")
          .object("linkinfo", LINKINFO)
          .object("stats", STATS)
          .object("stats64", STATS)
          .object("xdp", new KeyTypes())
          .objects("vfinfo_list", new KeyTypes())
          .objects("addr_info", ADDRESS);

  private static final KeyTypes VIA = new KeyTypes().strings("family", "host");

  private static final KeyTypes FLOW = new KeyTypes().strings("from", "to");

  private static final KeyTypes METRICS =
      new KeyTypes()
          .strings("congestion", "features")
          .integers("mtu", "window", "rtt", "rttvar", "ssthresh", "cwnd", "advmss", "reordering")
          .integers("hoplimit", "initcwnd", "rto_min", "initrwnd", "quickack", "fastopen_no_cookie")
          .flags("ecn", "tcp_usec_ts");

  /** What a route, each of its ways and a nexthop object have in common. */
  private static final KeyTypes WAY =
      new KeyTypes()
          .strings("gateway", "dev", "encap")
          .integers("weight")
          .stringLists("flags")
          .object("via", VIA)
          .object("flow", FLOW);

  /** {@code print_nexthop}. */
  static final KeyTypes NEXTHOP =
      new KeyTypes()
          .with(WAY)
          .strings("scope", "protocol", "type")
          .integers("id")
          .booleans("deleted")
          .flags("blackhole", "fdb")
          .objects("group", new KeyTypes().integers("id", "weight"))
          .objects("group_stats", new KeyTypes().integers("id", "packets", "packets_hw"))
          .object("resilient_args", new KeyTypes().integers("buckets"))
          .object("hw_stats", new KeyTypes().booleans("enabled", "used"));

  /** {@code print_route}. */
  static final KeyTypes ROUTE =
      new KeyTypes()
          .with(WAY)
          .strings("type", "dst", "src", "from", "iif", "table", "protocol", "scope", "prefsrc")
          .scalars("tos", "pref")
          .integers("metric", "nhid", "mark", "uid", "expires", "error", "users", "used", "age")
          .integers("tsage", "ttl")
          .strings("ipid", "ts")
          .stringLists("cache")
          .booleans("deleted", "ttl-propogate")
          .objects("metrics", METRICS)
          .objects("nexthops", WAY)
          .object("nh_info", NEXTHOP);

  /** {@code print_rule}. */
  static final KeyTypes RULE =
      new KeyTypes()
          .strings("src", "dst", "iif", "oif", "table", "action", "protocol", "nat_gateway")
          .strings("flow_from", "flow_to", "to_tbl")
          .scalars("tos", "ipproto", "suppress_ifgroup", "goto", "dscp")
          .integers("priority", "srclen", "dstlen", "uid_start", "uid_end")
          .integers("suppress_prefixlen", "suppress_prefixlength")
          .numbers("fwmark", "fwmask", "sport", "sport_start", "sport_end", "sport_mask", "dport")
          .numbers("dport_start", "dport_end", "dport_mask", "tun_id", "dscp_mask", "flowlabel")
          .numbers("flowlabel_mask")
          .booleans("deleted")
          .flags("not", "nop", "l3mdev", "unresolved", "masquerade", "iif_detached")
          .flags("oif_detached");

  /** {@code print_neigh}. */
  static final KeyTypes NEIGHBOUR =
      new KeyTypes()
          .strings("dst", "dev", "lladdr", "protocol")
          .integers("vlan", "vni", "probes", "refcnt", "used", "confirmed", "updated")
          .stringLists("state")
          .booleans("deleted")
          .flags("router", "proxy", "managed", "extern_learn", "extern_valid")
          .flags("offload", "miss");

  /** {@code print_addrlabel}; the device is printed as {@code ifname}. */
  static final KeyTypes LABEL =
      new KeyTypes()
          .strings("address", "ifname", "dev")
          .integers("prefixlen", "label")
          .booleans("deleted");

  private IpKeys() {}
}
