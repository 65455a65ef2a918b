package io.vipscope.capture.host;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.AddressLabel;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Neighbour;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.Sysctls;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import io.vipscope.core.net.MacAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a snapshot directory: the raw output of the standard commands, one file each.
 *
 * <p>A missing optional file or key is never an error. A wrong type, or JSON that is cut off, is a
 * {@link CaptureException} that names the file and the place.
 */
public final class SnapshotReader {

  private SnapshotReader() {}

  /**
   * The snapshots of one host, in order of time.
   *
   * @param directory one with an {@code addr.json} is a snapshot; else each of its subfolders is
   */
  public static List<HostSnapshot> readHost(String name, Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new CaptureException(
          directory + ": no such directory, expected the snapshots of " + name);
    }
    if (Files.exists(directory.resolve("addr.json"))) {
      return List.of(read(name, directory));
    }
    List<HostSnapshot> snapshots = new ArrayList<>();
    for (Path folder : folders(directory)) {
      snapshots.add(read(name, folder));
    }
    if (snapshots.isEmpty()) {
      throw new CaptureException(
          directory + ": has no addr.json and no subfolder, expected a snapshot of " + name);
    }
    snapshots.sort(Comparator.comparingLong(HostSnapshot::tEndNs));
    return snapshots;
  }

  /** The subfolders of a directory, by name; hidden ones are none. */
  public static List<Path> folders(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(Files::isDirectory).filter(SnapshotReader::visible).sorted().toList();
    } catch (IOException e) {
      throw new CaptureException(directory + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  /**
   * The host whose snapshots all the subfolders are, by their {@code meta.json}; null if there are
   * several hosts, fewer than two snapshots, or if nothing tells.
   */
  public static @Nullable String hostOfAll(Path directory) {
    Set<String> hosts = new HashSet<>();
    List<Path> folders = folders(directory);
    for (Path folder : folders) {
      JsonPlace meta = StateFile.json(folder.resolve("meta.json"));
      String host = meta == null ? null : meta.object().text("host");
      if (host == null) {
        return null;
      }
      hosts.add(host);
    }
    return folders.size() > 1 && hosts.size() == 1 ? hosts.iterator().next() : null;
  }

  private static boolean visible(Path folder) {
    return !Objects.requireNonNull(folder.getFileName()).toString().startsWith(".");
  }

  /** One snapshot. */
  public static HostSnapshot read(String name, Path directory) {
    JsonPlace addr = StateFile.json(directory.resolve("addr.json"));
    if (addr == null) {
      throw new CaptureException(
          directory.resolve("addr.json") + ": is missing or empty, it is needed");
    }
    JsonPlace link = StateFile.json(directory.resolve("link.json"));
    JsonPlace meta = StateFile.json(directory.resolve("meta.json"));
    JsonPlace labels = StateFile.json(directory.resolve("addrlabel.json"));
    JsonPlace nexthops = StateFile.json(directory.resolve("nexthop.json"));
    JsonPlace neigh = StateFile.json(directory.resolve("neigh.json"));
    long endNs =
        meta == null ? HostSnapshot.ALWAYS : meta.object().integer("t_end_ns", HostSnapshot.ALWAYS);
    return new HostSnapshot(
        name,
        meta == null ? HostSnapshot.ALWAYS : meta.integer("t_start_ns", endNs),
        endNs,
        meta == null ? null : meta.text("kernel"),
        links(addr, link),
        routes(directory, false),
        routes(directory, true),
        rules(directory, false),
        rules(directory, true),
        labels == null ? AddressLabel.defaults() : labels(labels),
        nexthops == null ? List.of() : RouteReader.nexthops(nexthops),
        neigh == null ? List.of() : neighbours(neigh),
        sysctls(directory.resolve("sysctl.txt")),
        KeepalivedConf.read(directory),
        NetfilterReader.read(directory),
        false);
  }

  private static @Nullable List<Route> routes(Path directory, boolean v6) {
    RouteReader reader = new RouteReader(v6);
    Path file = directory.resolve(v6 ? "route6.json" : "route4.json");
    return StateFile.elements(file, reader::add) ? reader.routes() : null;
  }

  private static List<PolicyRule> rules(Path directory, boolean v6) {
    JsonPlace file = StateFile.json(directory.resolve(v6 ? "rule6.json" : "rule4.json"));
    return file == null ? PolicyRule.defaults(v6) : RouteReader.rules(file, v6);
  }

  private static List<Link> links(JsonPlace addr, @Nullable JsonPlace link) {
    Map<String, JsonPlace> details = new HashMap<>();
    if (link != null) {
      for (JsonPlace entry : link.elements()) {
        String name = entry.object().text("ifname");
        if (name != null) {
          details.put(name, entry);
        }
      }
    }
    List<Link> links = new ArrayList<>();
    for (JsonPlace entry : addr.elements()) {
      String name = entry.object().text("ifname");
      if (name == null) {
        continue; // iproute2 prints {} for what a filter left out
      }
      links.add(link(name, entry, details.getOrDefault(name, entry)));
    }
    return links;
  }

  private static Link link(String name, JsonPlace entry, JsonPlace detail) {
    List<InterfaceAddress> addresses = new ArrayList<>();
    for (JsonPlace a : entry.list("addr_info")) {
      if (a.object().has("local")) {
        addresses.add(address(a));
      }
    }
    JsonPlace info = detail.at("linkinfo");
    if (info == null) {
      info = entry.at("linkinfo");
    }
    return new Link(
        (int) entry.integer("ifindex", 0),
        name,
        mac(either(entry, detail, "address")),
        mac(either(detail, entry, "permaddr")),
        Set.copyOf(entry.list("flags").stream().map(JsonPlace::text).toList()),
        entry.text("operstate", "UNKNOWN"),
        entry.text("group", "default"),
        detail.text("master", entry.text("master", "")).isEmpty()
            ? null
            : detail.text("master", entry.text("master", "")),
        info == null ? null : info.object().text("info_kind"),
        addresses);
  }

  private static @Nullable JsonPlace either(JsonPlace first, JsonPlace second, String key) {
    JsonPlace value = first.at(key);
    return value == null ? second.at(key) : value;
  }

  /** Hardware addresses of other lengths (tunnels print an IP address) are none of ours. */
  private static @Nullable MacAddress mac(@Nullable JsonPlace value) {
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
    JsonPlace scope = a.at("scope");
    long length = a.integer("prefixlen", local.bits());
    if (length < 0 || length > local.bits()) {
      throw a.wrong("a prefixlen from 0 to " + local.bits());
    }
    return new InterfaceAddress(
        local,
        a.address("address"),
        (int) length,
        scope == null ? Scope.UNIVERSE : scope.parsed(Scope::parse, "a scope"),
        flags,
        a.integer("preferred_life_time", InterfaceAddress.FOREVER),
        a.integer("valid_life_time", InterfaceAddress.FOREVER),
        a.text("label"),
        a.address("broadcast"),
        a.text("protocol"));
  }

  private static List<AddressLabel> labels(JsonPlace file) {
    List<AddressLabel> labels = new ArrayList<>();
    for (JsonPlace l : file.elements()) {
      IpPrefix prefix = l.object().prefix("address", true);
      if (prefix == null) {
        throw l.wrong("an address");
      }
      long length = l.integer("prefixlen", prefix.length());
      if (length < 0 || length > 128) {
        throw l.wrong("a prefixlen from 0 to 128");
      }
      labels.add(
          new AddressLabel(
              IpPrefix.of(prefix.network(), (int) length),
              l.text("ifname", l.text("dev", "")).isEmpty()
                  ? null
                  : l.text("ifname", l.text("dev", "")),
              l.integer("label", 0)));
    }
    return labels;
  }

  private static List<Neighbour> neighbours(JsonPlace file) {
    List<Neighbour> neighbours = new ArrayList<>();
    for (JsonPlace n : file.elements()) {
      IpAddress address = n.object().address("dst");
      if (address != null) {
        neighbours.add(
            new Neighbour(
                address,
                n.text("dev", ""),
                mac(n.at("lladdr")),
                Set.copyOf(n.list("state").stream().map(JsonPlace::text).toList())));
      }
    }
    return neighbours;
  }

  private static Sysctls sysctls(Path file) {
    Map<String, String> values = new HashMap<>();
    for (String line : StateFile.lines(file)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
      }
    }
    return new Sysctls(values);
  }
}
