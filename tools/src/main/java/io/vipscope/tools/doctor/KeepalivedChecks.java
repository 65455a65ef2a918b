package io.vipscope.tools.doctor;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.VirtualAddress;
import io.vipscope.core.model.snapshot.VrrpInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Traps of keepalived in an audited host's configuration and in what became of it. */
public final class KeepalivedChecks {

  private static final Pattern SINGLE_PORT = Pattern.compile("\\b([sd]port)\\s+(\\d+)(?![-\\d])");
  private static final Pattern UNKNOWN_OPTION = Pattern.compile("\\bip_proto\\b");
  private static final int HOST6 = 128;

  private final String host;
  private final List<Check> checks = new ArrayList<>();

  private KeepalivedChecks(String host) {
    this.host = host;
  }

  /**
   * Checks of one host; one that says so if nothing was found.
   *
   * @param configuration text of keepalived.conf; null if it was not collected
   */
  public static List<Check> of(String host, HostSnapshot state, @Nullable String configuration) {
    KeepalivedChecks all = new KeepalivedChecks(host);
    if (configuration == null) {
      return List.of(
          Check.unknown(
              "keepalived of " + host,
              "no keepalived.conf in its snapshot",
              "it names the VIPs, and shows what keepalived may have understood otherwise"));
    }
    all.text(configuration);
    all.instances(state);
    return all.checks.isEmpty()
        ? List.of(
            Check.ok(
                "keepalived of " + host,
                "no known trap",
                "rules that keepalived understood otherwise change sources silently"))
        : all.checks;
  }

  private void add(String found, String why, @Nullable String fix) {
    checks.add(new Check(Check.Status.WARN, "keepalived of " + host, found, why, fix));
  }

  private void text(String configuration) {
    String text = configuration.replaceAll("(?m)[#!].*$", "");
    Matcher single = SINGLE_PORT.matcher(text);
    while (single.find()) {
      String port = single.group(2);
      add(
          "virtual_rules: " + single.group(),
          "keepalived 2.2 rejects a single port and installs the rule without it: it then matches"
              + " every port",
          "write "
              + single.group(1)
              + " "
              + port
              + "-"
              + port
              + ", then reload and look: ip rule show");
    }
    if (UNKNOWN_OPTION.matcher(text).find()) {
      add(
          "virtual_rules: ip_proto",
          "the manual names it, keepalived 2.2 knows ipproto only and drops the rule",
          "write ipproto, then reload and look: ip rule show");
    }
  }

  private void instances(HostSnapshot state) {
    for (VrrpInstance instance : state.instances()) {
      for (VirtualAddress vip : instance.addresses()) {
        address(state, vip);
      }
      boolean master = instance.addresses().stream().anyMatch(a -> state.holds(a.address()));
      for (PolicyRule rule : instance.rules()) {
        List<PolicyRule> there = state.rules(rule.v6());
        boolean exact =
            there.stream().anyMatch(r -> r.withPriority(0).equals(rule.withPriority(0)));
        if (master && !exact) {
          add(
              instance.name() + ": a rule of virtual_rules is not among the kernel's as written",
              "keepalived dropped a selector, or the whole rule: sources follow another way",
              (rule.v6() ? "ip -6" : "ip")
                  + " rule show  # against virtual_rules; journalctl -u keepalived");
        }
      }
    }
  }

  private void address(HostSnapshot state, VirtualAddress vip) {
    var held = state.find(vip.address());
    if (!vip.address().v6() || held == null || held.prefixLength() == HOST6) {
      return;
    }
    if (!held.has(io.vipscope.core.model.snapshot.AddressFlag.DEPRECATED)) {
      add(
          "VIP " + vip.address() + "/" + held.prefixLength() + " is preferred",
          "an IPv6 VIP that is not deprecated becomes the source of this host's own connections",
          "write preferred_lft 0 behind the address, or /128");
    }
  }
}
