package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.VirtualAddress;
import io.vipscope.core.model.snapshot.VrrpInstance;
import io.vipscope.core.net.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code vrrp_instance} blocks of keepalived.conf. Total: whatever it does not know it
 * passes over; keepalived itself accepts odd files. Includes are looked for in {@code keepalived.d}
 * of the snapshot only, by file name.
 */
final class KeepalivedConf {

  private static final int MAX_INCLUDES = 256;

  /** Where keepalived begins to count down for rules without a priority, per family. */
  private static final long RULE_START_PRIORITY = 16384;

  private final KeepalivedText text = new KeepalivedText();
  private final List<Draft> drafts = new ArrayList<>();

  /** Instance to sync group. */
  private final Map<String, String> groups = new HashMap<>();

  private final long[] rulePriority = {RULE_START_PRIORITY, RULE_START_PRIORITY};
  private String group = "";

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
    final List<PolicyRule> rules = new ArrayList<>();

    Draft(String name) {
      this.name = name;
    }

    VrrpInstance done(@Nullable String group) {
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
          group,
          unicastSource,
          peers,
          addresses,
          routes,
          rules);
    }
  }

  private KeepalivedConf(Path includes) {
    this.includes = includes;
  }

  static List<VrrpInstance> read(Path directory) {
    KeepalivedConf conf = new KeepalivedConf(directory.resolve("keepalived.d"));
    conf.lines(StateFile.lines(directory.resolve("keepalived.conf")));
    conf.finish();
    return conf.drafts.stream().map(d -> d.done(conf.groups.get(d.name))).toList();
  }

  private void lines(List<String> lines) {
    for (String line : lines) {
      String pattern = KeepalivedInclude.pattern(line);
      if (pattern == null) {
        words(text.words(line));
      } else {
        include(pattern);
      }
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
    begin(keyword, head);
    blocks.push(keyword);
    pendingBlock = "";
  }

  private void begin(String keyword, List<String> words) {
    if (words.size() < 2) {
      return;
    }
    if (keyword.equals("vrrp_instance")) {
      finish();
      draft = new Draft(words.get(1));
    } else if (keyword.equals("vrrp_sync_group")) {
      group = words.get(1);
    }
  }

  private void close() {
    String block = blocks.isEmpty() ? "" : blocks.pop();
    if (block.equals("vrrp_instance")) {
      finish();
    }
  }

  /** Ends an instance; at the end of a file that is cut off, the one that was being read. */
  private void finish() {
    if (draft != null) {
      drafts.add(draft);
      draft = null;
    }
  }

  private void statement(List<String> words) {
    if (words.isEmpty()) {
      return;
    }
    String keyword = words.getFirst();
    pendingBlock = keyword; // its brace may stand on the next line
    begin(keyword, words);
    if ("group".equals(blocks.peek())) {
      words.forEach(name -> groups.put(name, group));
    }
    Draft d = draft;
    if (d == null || blocks.isEmpty()) {
      return;
    }
    switch (blocks.peek()) {
      case "virtual_ipaddress" -> add(d.addresses, KeepalivedEntry.address(words, false));
      case "virtual_ipaddress_excluded" -> add(d.addresses, KeepalivedEntry.address(words, true));
      case "virtual_routes" -> add(d.routes, KeepalivedEntry.route(words, d.dev));
      case "virtual_rules" -> rule(d, words);
      case "unicast_peer" -> {
        if (IpAddress.isAddress(keyword)) {
          d.peers.add(IpAddress.parse(keyword));
        }
      }
      case "vrrp_instance" -> setting(d, keyword, words.size() > 1 ? words.get(1) : "");
      default -> {}
    }
  }

  private static <T> void add(List<T> list, @Nullable T entry) {
    if (entry != null) {
      list.add(entry);
    }
  }

  private void rule(Draft d, List<String> words) {
    PolicyRule rule = KeepalivedRule.parse(words, 0);
    if (rule == null) {
      return;
    }
    boolean given = rule.priority() != 0;
    long priority = given ? rule.priority() : rulePriority[rule.v6() ? 1 : 0]--;
    PolicyRule placed = KeepalivedRule.parse(words, priority);
    if (placed != null) {
      d.rules.add(placed);
    }
  }

  private void include(String pattern) {
    for (String name : KeepalivedInclude.alternatives(pattern)) {
      String component = name.substring(name.lastIndexOf('/') + 1);
      if (component.isEmpty() || ++included > MAX_INCLUDES) {
        continue;
      }
      if (!KeepalivedInclude.isWild(component)) {
        lines(StateFile.lines(includes.resolve(component)));
      } else if (Files.isDirectory(includes)) {
        for (String file : StateFile.names(includes)) {
          if (KeepalivedInclude.matches(component, file)) {
            lines(StateFile.lines(includes.resolve(file)));
          }
        }
      }
    }
  }

  private static void setting(Draft d, String keyword, String value) {
    switch (keyword) {
      case "interface" -> d.dev = value;
      case "virtual_router_id" -> d.vrid = KeepalivedEntry.number(value);
      case "state" -> d.state = value;
      case "priority" -> d.priority = KeepalivedEntry.number(value);
      case "version" -> d.version = KeepalivedEntry.number(value);
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
}
