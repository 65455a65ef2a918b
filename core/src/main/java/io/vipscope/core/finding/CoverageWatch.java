package io.vipscope.core.finding;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.verdict.Severity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which rules, routes and NAT rules are used, and {@code dead-rule}: one that somebody made, that
 * the host still has, and that no flow went by in 24 hours of the capture.
 */
public final class CoverageWatch {

  private static final long OBSERVED_NS = 86_400_000_000_000L;
  private static final long LOOK_NS = 60_000_000_000L;
  private static final int MAX_ITEMS = 100_000;

  /**
   * An item of a host's state.
   *
   * @param kind rule, route or snat
   */
  public record Item(String host, String kind, String text, boolean observable, boolean own) {

    private Key key() {
      return new Key(host, kind, text);
    }
  }

  private record Key(String host, String kind, String text) {}

  private static final class Use {
    Item item;
    boolean current;
    long sinceNs = Long.MIN_VALUE;
    long flows;
    long bytes;
    long lastNs = RuleCoverage.NEVER;

    Use(Item item) {
      this.item = item;
    }
  }

  private final FindingLog log;
  private final Map<Key, Use> uses = new LinkedHashMap<>();
  private final Map<String, Long> flows = new LinkedHashMap<>();
  private long nowNs = Long.MIN_VALUE;
  private long lookedNs = Long.MIN_VALUE;

  CoverageWatch(FindingLog log) {
    this.log = log;
  }

  /** What a host has now; what else is known of it was there before. */
  public void has(String host, List<Item> items) {
    uses.forEach((key, use) -> use.current &= !key.host().equals(host));
    for (Item item : items) {
      Use use = use(item);
      if (use != null) {
        use.item = item;
        use.current = true;
      }
    }
  }

  /** Something that a host had at another time. */
  public void had(Item item) {
    use(item);
  }

  private @Nullable Use use(Item item) {
    Use known = uses.get(item.key());
    if (known == null && uses.size() < MAX_ITEMS) {
      known = new Use(item);
      known.sinceNs = nowNs;
      uses.put(item.key(), known);
    }
    return known;
  }

  /** A flow of the host has ended that went by these. */
  public void used(FlowRecord flow, String host, List<Item> items) {
    flows.merge(host, 1L, Long::sum);
    for (Item item : items) {
      Use use = use(item);
      if (use != null) {
        if (use.flows++ == 0) {
          log.resolve(FindingKind.DEAD_RULE, subject(use), nowNs);
        }
        use.bytes += flow.bytesToServer() + flow.bytesToClient();
        use.lastNs = Math.max(use.lastNs, flow.startNs());
      }
    }
  }

  void advance(long atNs) {
    if (nowNs == Long.MIN_VALUE) {
      uses.values().forEach(use -> use.sinceNs = atNs);
    }
    nowNs = atNs;
    if (lookedNs != Long.MIN_VALUE && atNs - lookedNs < LOOK_NS) {
      return;
    }
    lookedNs = atNs;
    for (Use use : uses.values()) {
      if (isDead(use)) {
        log.see(dead(use), atNs);
      }
    }
  }

  private boolean isDead(Use use) {
    return use.flows == 0
        && use.current
        && use.item.observable()
        && use.item.own()
        && nowNs - use.sinceNs >= OBSERVED_NS
        && flows.containsKey(use.item.host())
        && !log.isOpen(FindingKind.DEAD_RULE, subject(use));
  }

  private static String subject(Use use) {
    return use.item.host() + " " + id(use.item);
  }

  private Sighting dead(Use use) {
    Item item = use.item;
    String show =
        switch (item.kind()) {
          case "rule" -> "ip" + (item.text().startsWith("rule6") ? " -6" : "") + " rule show";
          case "route" -> "ip route show table all";
          default -> "nft list ruleset";
        };
    return new Sighting(
        FindingKind.DEAD_RULE,
        subject(use),
        Severity.INFO,
        item.host(),
        null,
        use.sinceNs,
        nowNs,
        0,
        Sighting.NO_FLOW,
        "no flow of "
            + item.host()
            + " went by this "
            + (item.kind().equals("snat") ? "NAT rule" : item.kind())
            + " in "
            + (nowNs - use.sinceNs) / 3_600_000_000_000L
            + " h: "
            + item.text(),
        List.of("ssh " + item.host() + " " + show));
  }

  /** A hash of what it says (FNV-1a): short, and the same in every run. */
  private static String id(Item item) {
    int hash = 0x811c9dc5;
    String all = item.kind() + " " + item.text();
    for (int i = 0; i < all.length(); i++) {
      hash = (hash ^ all.charAt(i)) * 0x01000193;
    }
    return item.kind() + "-" + "%08x".formatted(hash);
  }

  /** Everything so far, in the order of hosts and of their dumps. */
  public List<RuleCoverage> all() {
    List<RuleCoverage> all = new ArrayList<>();
    for (Use use : uses.values()) {
      Item item = use.item;
      all.add(
          new RuleCoverage(
              item.host(),
              item.kind(),
              item.text(),
              id(item),
              use.flows,
              use.bytes,
              use.lastNs,
              use.sinceNs,
              item.observable(),
              item.own(),
              use.current,
              nowNs));
    }
    return all;
  }
}
