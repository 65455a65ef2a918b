package io.vipscope.tools;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.Tunnel;
import io.vipscope.core.frame.TunnelHeader;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.SegmentName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/** Reads a configuration, and notes everything that is wrong in it. */
final class ConfigReader {

  private static final int MAX_VLAN = 4_094;
  private static final Set<String> SECTIONS = Set.of("capture", "state", "pairs");
  private static final Set<String> STATE = Set.of("dir", "max_age");
  private static final Set<String> PAIR =
      Set.of("name", "segment", "hosts", "vips", "expect", "baseline");
  private static final Set<String> HOST = Set.of("name", "dir", "ssh", "clock_offset");
  private static final Set<String> SEGMENT = Set.of("vlan", "mirror", "id");
  private static final String SEGMENT_FORM =
      "a VLAN id from 1 to 4094, untagged, or a mapping of vlan, mirror and id";

  private final Path file;
  private final List<String> problems;
  private final Map<String, String> hostPlaces = new HashMap<>();
  private final Map<String, String> pairPlaces = new HashMap<>();
  private Path stateFolder = ConfigFile.STATE;
  private @Nullable DurationOption maxAge;

  private ConfigReader(Path file, List<String> problems) {
    this.file = file;
    this.problems = problems;
  }

  /**
   * Reads a file.
   *
   * @param problems takes one sentence, with file and line, for everything that is wrong
   */
  static ConfigFile read(Path file, List<String> problems) {
    return new ConfigReader(file, problems).read();
  }

  private ConfigFile read() {
    YamlPlace root = YamlPlace.read(file, problems);
    Map<String, YamlPlace> sections =
        root == null ? Map.of() : root.mapping("a mapping of capture, state and pairs", SECTIONS);
    YamlPlace capture = sections.get("capture");
    List<CaptureSetting> settings = capture == null ? List.of() : CaptureSetting.read(capture);
    YamlPlace state = sections.get("state");
    if (state != null) {
      state(state);
    }
    List<PairConfig> pairs = new ArrayList<>();
    YamlPlace list = sections.get("pairs");
    if (list != null) {
      List<YamlPlace> entries = list.entries("a list of pairs");
      if (list.isList() && entries.isEmpty()) {
        list.wrong("pairs: expected one pair or more, found an empty list");
      }
      for (YamlPlace entry : entries) {
        PairConfig pair = pair(entry, pairs.size() + 1);
        if (pair != null) {
          pairs.add(pair);
        }
      }
    }
    return new ConfigFile(file, settings, stateFolder, maxAge, pairs);
  }

  private void state(YamlPlace section) {
    Map<String, YamlPlace> keys = section.mapping("a mapping of dir and max_age", STATE);
    YamlPlace dir = keys.get("dir");
    if (dir != null) {
      Path path = dir.path("a folder");
      stateFolder = path == null ? stateFolder : path;
    }
    YamlPlace age = keys.get("max_age");
    if (age != null) {
      maxAge = duration(age);
      if (maxAge != null && maxAge.ns() <= 0) {
        age.wrong("expected a positive time");
      }
    }
  }

  private static @Nullable DurationOption duration(YamlPlace place) {
    String text = place.text("a length of time");
    try {
      return text == null ? null : DurationOption.parse(text);
    } catch (TypeConversionException e) {
      place.wrong(String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable PairConfig pair(YamlPlace entry, int number) {
    Map<String, YamlPlace> keys =
        entry.mapping("a pair: a mapping of name, segment, hosts, vips, expect, baseline", PAIR);
    if (keys.isEmpty()) {
      return null;
    }
    YamlPlace named = keys.get("name");
    String name = named == null ? null : named.text("the pair's name");
    if (named == null) {
      entry.wrong("expected a name for pair " + number);
    }
    if (name == null) {
      name = "pair " + number;
    }
    String before = pairPlaces.putIfAbsent(name, entry.where());
    if (before != null) {
      entry.wrong("the name " + name + " is that of another pair (" + before + ")");
    }
    YamlPlace hosts = keys.get("hosts");
    List<PairConfig.Host> found = hosts == null ? List.of() : hosts(hosts, name);
    if (hosts == null) {
      entry.wrong("expected hosts for pair " + name);
    }
    return new PairConfig(
        name,
        keys.containsKey("segment") ? segment(Objects.requireNonNull(keys.get("segment"))) : null,
        found,
        vips(keys.get("vips")),
        existing(keys.get("expect")),
        existing(keys.get("baseline")),
        entry.where());
  }

  private static @Nullable Path existing(@Nullable YamlPlace place) {
    Path path = place == null ? null : place.path("a file");
    if (path != null && place != null && !Files.isReadable(path)) {
      place.wrong("expected a file that can be read, found " + path);
    }
    return path;
  }

  private static Set<IpAddress> vips(@Nullable YamlPlace place) {
    Set<IpAddress> vips = new LinkedHashSet<>();
    for (YamlPlace one : place == null ? List.<YamlPlace>of() : place.list("addresses")) {
      String text = one.text("an IP address");
      try {
        if (text != null) {
          vips.add(IpAddress.parse(text));
        }
      } catch (IllegalArgumentException _) {
        one.expected("an IP address without a prefix length");
      }
    }
    return vips;
  }

  private static @Nullable SegmentName segment(YamlPlace place) {
    if (!place.isMapping()) {
      Integer vlan = vlan(place);
      return vlan == null ? null : SegmentName.vlan(vlan);
    }
    Map<String, YamlPlace> keys = place.mapping(SEGMENT_FORM, SEGMENT);
    YamlPlace tag = keys.get("vlan");
    Integer vlan = tag == null ? Integer.valueOf(FrameHeader.NO_VLAN) : vlan(tag);
    YamlPlace mirror = keys.get("mirror");
    Tunnel transport = mirror == null ? null : transport(mirror);
    YamlPlace number = keys.get("id");
    int id = number == null ? TunnelHeader.NO_ID : id(number);
    if (number != null && mirror == null) {
      number.wrong("expected mirror beside id");
    }
    return vlan == null ? null : new SegmentName(vlan, transport, id);
  }

  private static @Nullable Integer vlan(YamlPlace place) {
    String text = place.text(SEGMENT_FORM);
    if ("untagged".equals(text)) {
      return FrameHeader.NO_VLAN;
    }
    try {
      int vlan = text == null ? 0 : Integer.parseInt(text);
      if (vlan >= 1 && vlan <= MAX_VLAN) {
        return vlan;
      }
    } catch (NumberFormatException _) {
      // told below
    }
    if (text != null) {
      place.expected(SEGMENT_FORM);
    }
    return null;
  }

  private static @Nullable Tunnel transport(YamlPlace place) {
    String text = place.text("erspan, vxlan, geneve or gre");
    for (Tunnel tunnel : List.of(Tunnel.ERSPAN, Tunnel.VXLAN, Tunnel.GENEVE, Tunnel.GRE)) {
      if (text != null && tunnel.toString().equals(text.toLowerCase(Locale.ROOT))) {
        return tunnel;
      }
    }
    if (text != null) {
      place.expected("erspan, vxlan, geneve or gre");
    }
    return null;
  }

  private static int id(YamlPlace place) {
    String text = place.text("a session, VNI or key");
    try {
      if (text != null) {
        return Integer.parseUnsignedInt(text);
      }
    } catch (NumberFormatException _) {
      place.expected("a session, VNI or key: a number");
    }
    return TunnelHeader.NO_ID;
  }

  /** A list of names, a mapping of names to folders, or one folder with a subfolder per host. */
  private List<PairConfig.Host> hosts(YamlPlace place, String pair) {
    List<PairConfig.Host> hosts = new ArrayList<>();
    if (place.isMapping()) {
      place
          .mapping("hosts", null)
          .forEach((name, value) -> {
            if (value.isMapping()) {
              hosts.add(host(name, value, pair));
            } else {
              add(hosts, name, value.path("a folder of snapshots"), null, 0, value);
            }
          });
    } else if (place.isList()) {
      for (YamlPlace one : place.entries("hosts")) {
        listed(hosts, one, pair);
      }
    } else {
      Path folder = place.path("names of hosts, or a folder with a subfolder per host");
      if (folder != null && !Files.isDirectory(folder)) {
        place.wrong("expected a folder with one subfolder per host, found " + folder);
      } else if (folder != null) {
        for (Path host : SnapshotReader.folders(folder)) {
          add(hosts, Objects.requireNonNull(host.getFileName()).toString(), host, null, 0, place);
        }
      }
    }
    if (hosts.isEmpty()) {
      place.wrong("pair " + pair + " has no host");
    }
    return hosts;
  }

  /** {@code NAME}, {@code NAME=DIR}, or a mapping of name, dir, ssh and clock_offset. */
  private void listed(List<PairConfig.Host> hosts, YamlPlace one, String pair) {
    if (one.isMapping()) {
      hosts.add(host(null, one, pair));
      return;
    }
    String text = one.text("a host's name");
    if (text == null) {
      return;
    }
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    Path base = file.toAbsolutePath().getParent();
    Path folder =
        equals < 0 || base == null
            ? folderOf(pair, name)
            : base.resolve(text.substring(equals + 1));
    add(hosts, name, folder, null, 0, one);
  }

  private PairConfig.Host host(@Nullable String key, YamlPlace value, String pair) {
    Map<String, YamlPlace> keys = value.mapping("name, dir, ssh and clock_offset", HOST);
    YamlPlace named = keys.get("name");
    String name = key != null ? key : named == null ? null : named.text("the host's name");
    if (name == null) {
      value.wrong("expected a name for the host");
      name = "";
    }
    YamlPlace dir = keys.get("dir");
    YamlPlace ssh = keys.get("ssh");
    YamlPlace clock = keys.get("clock_offset");
    Path folder = dir == null ? folderOf(pair, name) : dir.path("a folder of snapshots");
    DurationOption offset = clock == null ? null : duration(clock);
    List<PairConfig.Host> one = new ArrayList<>();
    add(
        one,
        name,
        folder,
        ssh == null ? null : ssh.text("a destination of ssh"),
        offset == null ? 0 : offset.ns(),
        value);
    return one.getFirst();
  }

  /** {@code STATE/PAIR/HOST} where that is, else {@code STATE/HOST}. */
  private Path folderOf(String pair, String host) {
    Path ofPair = stateFolder.resolve(pair).resolve(host);
    return Files.isDirectory(ofPair) ? ofPair : stateFolder.resolve(host);
  }

  private void add(
      List<PairConfig.Host> hosts,
      String name,
      @Nullable Path folder,
      @Nullable String ssh,
      long offsetNs,
      YamlPlace place) {
    String before = hostPlaces.putIfAbsent(name, place.where());
    if (before != null) {
      place.wrong(
          "the host " + name + " is named before (" + before + "); names of hosts must differ");
    }
    hosts.add(
        new PairConfig.Host(
            name, folder == null ? Path.of("") : folder, ssh, offsetNs, place.where()));
  }
}
