package io.vipscope.tools.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.tools.Timestamp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Which rules, routes and source NAT rules the flows went by, as JSON. */
final class CoverageJson {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int MAX_ROWS = 500;

  private CoverageJson() {}

  /** Whether a rule was used, or why that is not known. */
  private static String use(RuleCoverage c) {
    if (c.flows() > 0) {
      return "used";
    }
    return c.observable() ? "never" : "unseen";
  }

  /**
   * Those that a request asks for, in the order of hosts and of their dumps, 500 at most.
   *
   * @param query {@code host}; {@code use}: used, never, unseen; {@code kernel}: 1 for the kernel's
   *     own too; {@code q}: words that must stand in it
   */
  static byte[] of(List<RuleCoverage> all, Query query) {
    String host = query.text("host");
    String use = query.text("use");
    boolean kernel = query.text("kernel").equals("1");
    List<String> words =
        Arrays.stream(query.text("q").toLowerCase(Locale.ROOT).split("\\s+"))
            .filter(w -> !w.isEmpty())
            .toList();
    ObjectNode out = MAPPER.createObjectNode();
    ArrayNode rows = out.putArray("rows");
    ObjectNode uses = out.putObject("uses").put("used", 0).put("never", 0).put("unseen", 0);
    int found = 0;
    int known = 0;
    long sinceNs = Long.MAX_VALUE;
    for (RuleCoverage c : all) {
      if (!kernel && !c.own()) {
        continue;
      }
      known++;
      uses.put(use(c), uses.get(use(c)).asInt() + 1);
      if (c.sinceNs() != Long.MIN_VALUE) {
        sinceNs = Math.min(sinceNs, c.sinceNs());
      }
      String text = (c.kind() + " " + c.text() + " " + c.id()).toLowerCase(Locale.ROOT);
      if ((host.isEmpty() || host.equals(c.host()))
          && (use.isEmpty() || use.equals(use(c)))
          && words.stream().allMatch(text::contains)) {
        if (found++ < MAX_ROWS) {
          row(rows.addObject(), c);
        }
      }
    }
    out.put("found", found).put("known", known);
    out.put("since", sinceNs == Long.MAX_VALUE ? null : Timestamp.of(sinceNs));
    return out.toString().getBytes(UTF_8);
  }

  private static void row(ObjectNode node, RuleCoverage c) {
    node.put("host", c.host()).put("kind", c.kind()).put("id", c.id()).put("text", c.text());
    node.put("flows", c.flows()).put("bytes", c.bytes());
    node.put("last", c.lastNs() == RuleCoverage.NEVER ? null : Timestamp.of(c.lastNs()));
    node.put("use", use(c)).put("own", c.own()).put("current", c.current());
  }
}
