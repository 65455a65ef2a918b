package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code ip -j addr show}, with the details that {@code ip -j -d link show} adds. */
final class LinkReader {

  private LinkReader() {}

  /**
   * The devices of a host, in the order of {@code addr}.
   *
   * @param link null without that file: {@code addr} may have its details too
   */
  static List<Link> read(JsonPlace addr, @Nullable JsonPlace link) {
    Map<String, JsonPlace> details = new HashMap<>();
    for (JsonPlace entry : link == null ? List.<JsonPlace>of() : link.elements()) {
      IpKeys.LINK.check(entry);
      String name = entry.text("ifname");
      if (name != null) {
        details.put(name, entry);
      }
    }
    List<Link> links = new ArrayList<>();
    for (JsonPlace entry : addr.elements()) {
      IpKeys.LINK.check(entry);
      String name = entry.text("ifname");
      if (name != null) { // iproute2 prints {} for what a filter left out
        links.add(link(name, entry, details.getOrDefault(name, entry)));
      }
    }
    return links;
  }

  private static Link link(String name, JsonPlace entry, JsonPlace detail) {
    List<InterfaceAddress> addresses = new ArrayList<>();
    for (JsonPlace a : entry.list("addr_info")) {
      if (a.has("local")) {
        addresses.add(address(a));
      }
    }
    JsonPlace info = either(detail, entry, "linkinfo");
    JsonPlace master = either(detail, entry, "master");
    return new Link(
        (int) entry.integer("ifindex", 0, Integer.MAX_VALUE),
        name,
        mac(either(entry, detail, "address")),
        mac(either(detail, entry, "permaddr")),
        Set.copyOf(entry.list("flags").stream().map(JsonPlace::text).toList()),
        entry.text("operstate", "UNKNOWN"),
        entry.text("group", "default"),
        master == null ? null : master.text(),
        info == null ? null : info.text("info_kind"),
        addresses);
  }

  private static @Nullable JsonPlace either(JsonPlace first, JsonPlace second, String key) {
    JsonPlace value = first.at(key);
    return value == null ? second.at(key) : value;
  }

  /** Hardware addresses of other lengths (tunnels print an IP address) are none of ours. */
  static @Nullable MacAddress mac(@Nullable JsonPlace value) {
    if (value == null) {
      return null;
    }
    String text = value.text();
    return text.length() == 17 && text.charAt(2) == ':'
        ? value.parsed(MacAddress::parse, "a MAC address")
        : null;
  }

  private static InterfaceAddress address(JsonPlace a) {
    IpAddress local = a.address("local");
    if (local == null) {
      throw a.wrong("an address with local");
    }
    Set<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);
    for (AddressFlag flag : AddressFlag.values()) {
      if (a.flag(flag.name().toLowerCase(Locale.ROOT))) {
        flags.add(flag);
      }
    }
    return new InterfaceAddress(
        local,
        a.address("address", local.v6()),
        (int) a.integer("prefixlen", local.bits(), local.bits()),
        a.parsed("scope", Scope::parse, Scope.UNIVERSE, "a scope"),
        flags,
        a.integer("preferred_life_time", InterfaceAddress.FOREVER),
        a.integer("valid_life_time", InterfaceAddress.FOREVER),
        a.text("label"),
        a.address("broadcast", local.v6()),
        a.text("protocol"));
  }
}
