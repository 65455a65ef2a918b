package io.vipscope.capture.host;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.model.snapshot.AddressLabel;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Neighbour;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.Sysctls;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
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
    return readHost(name, directory, _ -> {});
  }

  /**
   * The same.
   *
   * @param warnings is told of snapshots whose place in that order is not known
   */
  public static List<HostSnapshot> readHost(
      String name, Path directory, Consumer<String> warnings) {
    HostHistory history = HostHistory.of(name, directory);
    history.warnings().forEach(warnings);
    return List.copyOf(history);
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
      String host = SnapshotMeta.read(folder).host();
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

  /** Whether subfolders of it are snapshots. */
  static boolean holdsSnapshots(Path directory) {
    return folders(directory).stream().anyMatch(f -> Files.exists(f.resolve("addr.json")));
  }

  /** One snapshot. */
  public static HostSnapshot read(String name, Path directory) {
    JsonPlace addr = StateFile.json(directory.resolve("addr.json"));
    if (addr == null) {
      throw new CaptureException(
          directory.resolve("addr.json") + ": is missing or empty, it is needed");
    }
    JsonPlace link = StateFile.json(directory.resolve("link.json"));
    SnapshotMeta meta = SnapshotMeta.read(directory);
    JsonPlace labels = StateFile.json(directory.resolve("addrlabel.json"));
    JsonPlace nexthops = StateFile.json(directory.resolve("nexthop.json"));
    JsonPlace neigh = StateFile.json(directory.resolve("neigh.json"));
    return new HostSnapshot(
        name,
        meta.startNs(),
        meta.endNs(),
        meta.kernel(),
        LinkReader.read(addr, link),
        routes(directory, false),
        routes(directory, true),
        rules(directory, false),
        rules(directory, true),
        labels == null ? AddressLabel.defaults() : labels(labels),
        nexthops == null ? List.of() : NexthopReader.read(nexthops),
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
    return file == null ? PolicyRule.defaults(v6) : RuleReader.read(file, v6);
  }

  private static List<AddressLabel> labels(JsonPlace file) {
    List<AddressLabel> labels = new ArrayList<>();
    for (JsonPlace l : file.elements()) {
      IpKeys.LABEL.check(l);
      IpPrefix prefix = l.prefix("address", true);
      if (prefix == null) {
        throw l.wrong("a label with an address");
      }
      String dev = l.has("ifname") ? l.text("ifname") : l.text("dev");
      labels.add(
          new AddressLabel(
              IpPrefix.of(prefix.network(), (int) l.integer("prefixlen", prefix.length(), 128)),
              dev,
              l.integer("label", 0)));
    }
    return labels;
  }

  private static List<Neighbour> neighbours(JsonPlace file) {
    List<Neighbour> neighbours = new ArrayList<>();
    for (JsonPlace n : file.elements()) {
      IpKeys.NEIGHBOUR.check(n);
      IpAddress address = n.address("dst");
      if (address != null) {
        neighbours.add(
            new Neighbour(
                address,
                n.text("dev", ""),
                LinkReader.mac(n.at("lladdr")),
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
