package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.model.snapshot.VirtualAddress;
import io.vipscope.core.model.snapshot.VrrpInstance;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code vrrp_instance} blocks of keepalived.conf. Total: whatever it does not know it
 * passes over; keepalived itself accepts odd files. Includes are looked for in {@code keepalived.d}
 * of the snapshot only, by file name.
 */
final class KeepalivedConf {

  private static final int MAX_INCLUDES = 256;

  private final List<VrrpInstance> instances = new ArrayList<>();
  private final Deque<String> blocks = new ArrayDeque<>();
  private final Path includes;
  private int included;
  private @Nullable Draft draft;

  /** An instance while its block is read. */
  private static final class Draft {
    final String name;
    @Nullable String dev;
    int vrid;
    @Nullable String state;
    int priority;
    double intervalS = 1;
    int version;
    boolean noPreempt;
    boolean useVmac;
    boolean promote;
    @Nullable IpAddress unicastSource;
    final List<IpAddress> peers = new ArrayList<>();
    final List<VirtualAddress> addresses = new ArrayList<>();
    final List<Route> routes = new ArrayList<>();

    Draft(String name) {
      this.name = name;
    }

    VrrpInstance done() {
      return new VrrpInstance(
          name,
          dev,
          vrid,
          state,
          priority,
          Math.round(intervalS * 1000),
          version,
          noPreempt,
          useVmac,
          promote,
          null,
          unicastSource,
          peers,
          addresses,
          routes,
          List.of());
    }
  }

  private KeepalivedConf(Path includes) {
    this.includes = includes;
  }

  static List<VrrpInstance> read(Path directory) {
    KeepalivedConf conf = new KeepalivedConf(directory.resolve("keepalived.d"));
    conf.lines(StateFile.lines(directory.resolve("keepalived.conf")));
    return conf.instances;
  }

  private void lines(List<String> lines) {
    for (String line : lines) {
      String text = line;
      for (char comment : new char[] {'#', '!'}) {
        int at = text.indexOf(comment);
        text = at < 0 ? text : text.substring(0, at);
      }
      words(
          Stream.of(text.replace("{", " { ").replace("}", " } ").split("\\s+", -1))
              .filter(w -> !w.isEmpty())
              .toList());
    }
  }

  /** One line may open and close blocks: it is taken apart at the braces. */
  private void words(List<String> words) {
    List<String> statement = new ArrayList<>();
    for (String word : words) {
      switch (word) {
        case "{" -> {
          open(statement);
          statement = new ArrayList<>();
        }
        case "}" -> {
          statement(statement);
          statement = new ArrayList<>();
          close();
        }
        default -> statement.add(word);
      }
    }
    statement(statement);
  }

  private String pendingBlock = "";

  private void open(List<String> head) {
    String keyword = head.isEmpty() ? pendingBlock : head.getFirst();
    if (keyword.equals("vrrp_instance") && head.size() > 1) {
      draft = new Draft(head.get(1));
    }
    blocks.push(keyword);
    pendingBlock = "";
  }

  private void close() {
    String block = blocks.isEmpty() ? "" : blocks.pop();
    if (block.equals("vrrp_instance") && draft != null) {
      instances.add(draft.done());
      draft = null;
    }
  }

  private void statement(List<String> words) {
    if (words.isEmpty()) {
      return;
    }
    String keyword = words.getFirst();
    if (keyword.startsWith("include")) {
      include(words);
      return;
    }
    pendingBlock = keyword; // its brace may stand on the next line
    if (keyword.equals("vrrp_instance") && words.size() > 1) {
      draft = new Draft(words.get(1));
    }
    Draft d = draft;
    if (d == null || blocks.isEmpty()) {
      return;
    }
    switch (blocks.peek()) {
      case "virtual_ipaddress" -> address(d, words, false);
      case "virtual_ipaddress_excluded" -> address(d, words, true);
      case "virtual_routes" -> route(d, words);
      case "unicast_peer" -> {
        if (IpAddress.isAddress(keyword)) {
          d.peers.add(IpAddress.parse(keyword));
        }
      }
      case "vrrp_instance" -> setting(d, keyword, words.size() > 1 ? words.get(1) : "");
      default -> {}
    }
  }

  private void include(List<String> words) {
    if (words.size() < 2 || ++included > MAX_INCLUDES) {
      return;
    }
    Path name = Path.of(words.get(1)).getFileName();
    if (name == null) {
      return;
    }
    if (name.toString().indexOf('*') >= 0) {
      if (java.nio.file.Files.isDirectory(includes)) {
        for (String file : StateFile.names(includes)) {
          lines(StateFile.lines(includes.resolve(file)));
        }
      }
    } else {
      lines(StateFile.lines(includes.resolve(name)));
    }
  }

  private static void setting(Draft d, String keyword, String value) {
    switch (keyword) {
      case "interface" -> d.dev = value;
      case "virtual_router_id" -> d.vrid = number(value);
      case "state" -> d.state = value;
      case "priority" -> d.priority = number(value);
      case "version" -> d.version = number(value);
      case "nopreempt" -> d.noPreempt = true;
      case "use_vmac" -> d.useVmac = true;
      case "promote_secondaries" -> d.promote = true;
      case "unicast_src_ip" ->
          d.unicastSource = IpAddress.isAddress(value) ? IpAddress.parse(value) : null;
      case "advert_int" -> {
        try {
          d.intervalS = Double.parseDouble(value);
        } catch (NumberFormatException _) {
          // keepalived reports it and takes its default, as we do
        }
      }
      default -> {}
    }
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  private static @Nullable String after(List<String> words, String keyword) {
    int at = words.indexOf(keyword);
    return at >= 0 && at + 1 < words.size() ? words.get(at + 1) : null;
  }

  private static int scope(List<String> words) {
    String text = after(words, "scope");
    try {
      return text == null ? Scope.UNIVERSE : Scope.parse(text);
    } catch (IllegalArgumentException _) {
      return Scope.UNIVERSE;
    }
  }

  /** vrrp_ipaddress.c, {@code alloc_ipaddress}: masks, flags and lifetimes that it fills in. */
  private static void address(Draft d, List<String> words, boolean excluded) {
    String text = words.getFirst();
    int slash = text.indexOf('/');
    String plain = slash < 0 ? text : text.substring(0, slash);
    if (!IpAddress.isAddress(plain)) {
      return;
    }
    IpAddress address = IpAddress.parse(plain);
    int length = slash < 0 ? address.bits() : number(text.substring(slash + 1));
    if (length < 0 || length > address.bits()) {
      return;
    }
    Set<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);
    if (address.v6() && !words.contains("-nodad")) {
      flags.add(AddressFlag.NODAD);
    }
    if (words.contains("home")) {
      flags.add(AddressFlag.HOME);
    }
    if (words.contains("noprefixroute")) {
      flags.add(AddressFlag.NOPREFIXROUTE);
    }
    String preferred = after(words, "preferred_lft");
    long preferredS =
        preferred == null
            ? address.v6() && length == 128 ? 0 : InterfaceAddress.FOREVER
            : preferred.equals("forever") ? InterfaceAddress.FOREVER : number(preferred);
    String peer = after(words, "peer");
    d.addresses.add(
        new VirtualAddress(
            address,
            length,
            after(words, "dev"),
            scope(words),
            peer != null && IpAddress.isAddress(peer) ? IpAddress.parse(peer) : null,
            null,
            after(words, "label"),
            flags,
            preferredS,
            excluded));
  }

  /** A virtual route: destination first, then {@code via}, {@code dev}, {@code src} and so on. */
  private static void route(Draft d, List<String> words) {
    String source = after(words, "src");
    boolean typed = words.getFirst().equals("unicast") && words.size() > 1;
    String target = typed ? words.get(1) : words.getFirst();
    String gateway = after(words, "via");
    IpAddress via =
        gateway != null && IpAddress.isAddress(gateway) ? IpAddress.parse(gateway) : null;
    try {
      boolean v6 = target.indexOf(':') >= 0 || via != null && via.v6();
      IpPrefix dst =
          target.equals("default")
              ? IpPrefix.of(v6 ? IpAddress.ANY6 : IpAddress.ANY4, 0)
              : IpPrefix.parse(target);
      String dev = after(words, "dev");
      String table = after(words, "table");
      String metric = after(words, "metric");
      d.routes.add(
          new Route(
              RouteType.UNICAST,
              dst,
              null,
              0,
              TableName.of(table == null ? TableName.MAIN : table),
              "keepalived",
              via == null && !v6 ? Scope.LINK : Scope.UNIVERSE,
              source != null && IpAddress.isAddress(source) ? IpAddress.parse(source) : null,
              metric == null ? (v6 ? 1024 : 0) : number(metric),
              0,
              0,
              List.of(Nexthop.of(dev == null ? d.dev : dev, via))));
    } catch (IllegalArgumentException _) {
      // Not a route this program reads (a route type, a group): the snapshots show it when it is
      // in.
    }
  }
}
