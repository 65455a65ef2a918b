package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.model.change.Role;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vipscope whatif}: what a change of a host's configuration would do to its sources. */
@Command(
    name = "whatif",
    header = "Which destinations, or recorded flows, would change source.",
    description = {
      "Makes changes to a copy of the host's recorded state, as the kernel would, and compares the"
          + " answers before and after. Nothing is run on any host. Without DST and -r, every block"
          + " of destinations that the host tells apart is compared."
    },
    sortOptions = false,
    footer = {
      "",
      "A CMD is a command of 'ip addr', 'ip route', 'ip rule', 'nft' or 'iptables', in quotes.",
      "",
      "Examples:",
      "  vipscope whatif --host lb1=snapshots/lb1 \\",
      "    --change 'ip route replace default via 192.0.2.1 dev eth0 src 192.0.2.9'",
      "  vipscope whatif --host lb1=snapshots/lb1 -r mirror.pcap.gz \\",
      "    --change 'ip addr change 192.0.2.9/24 dev eth0 preferred_lft 0'",
      "  vipscope whatif --host lb1=snapshots/lb1 198.51.100.7 \\",
      "    --change 'nft add rule ip nat postrouting oifname eth0 snat to 192.0.2.9'"
    })
final class WhatifCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Mixin private HostOptions hosts = new HostOptions();
  @Mixin private AssumeOption assumed = new AssumeOption();

  @Option(
      names = "--on",
      paramLabel = "NAME",
      description = "The host that is changed; needed if several are given.")
  private @Nullable String on;

  @Option(
      names = "--change",
      required = true,
      paramLabel = "CMD",
      description = "A change. Repeatable: one after the other.")
  private List<String> commands = new ArrayList<>();

  @Option(
      names = "-r",
      paramLabel = "FILE",
      description = "Compare for each flow of this capture. Repeatable.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--role",
      paramLabel = "R",
      description = "Compare as master, backup or both. Default: both, if there are VIPs.")
  private PredictCommand.@Nullable WhichRole role;

  @Mixin private QueryOptions query = new QueryOptions();

  @Mixin private MirrorMixin mirror = new MirrorMixin();

  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  @Option(names = "-v", description = "On an internal error, show where.")
  @SuppressWarnings("UnusedVariable") // Main looks for it in the parsed command line
  private boolean verbose;

  @Parameters(arity = "0..*", paramLabel = "DST", description = "Destination addresses.")
  private List<String> destinations = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    if (!files.isEmpty() && !destinations.isEmpty()) {
      throw usage("Give DST or -r FILE, not both");
    }
    if (!files.isEmpty() && role != null) {
      throw usage("--role is not for -r: a flow's state is that of its time");
    }
    NamedChanges changes = changes();
    List<RouteQuery> asked = destinations.stream().map(query::query).toList();
    List<AuditedHost> all = hosts.folders(spec.commandLine().getErr(), assumed.byHost()).readAll();
    AuditedHost host = changedHost(all);
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (!files.isEmpty()) {
        flows(new HostIndex(all, hosts.vips()), host, changes, out);
      } else {
        destinations(host, changes, asked, out);
      }
    } finally {
      out.flush();
    }
    return ExitCode.DONE;
  }

  private NamedChanges changes() {
    try {
      return new NamedChanges(commands);
    } catch (IllegalArgumentException e) {
      throw usage("--change " + e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private AuditedHost changedHost(List<AuditedHost> all) {
    if (all.isEmpty()) {
      throw usage("Give --host NAME=DIR or --hosts DIR");
    }
    if (on == null && all.size() > 1) {
      throw usage("--on NAME says which of several hosts is changed");
    }
    return all.stream()
        .filter(h -> on == null || h.name().equals(on))
        .findFirst()
        .orElseThrow(() -> usage("--on names '" + on + "', which is no host that was given"));
  }

  private void destinations(
      AuditedHost host, NamedChanges changes, List<RouteQuery> asked, PrintWriter out) {
    List<ChangedState> states = ChangedState.of(host.snapshots(), changes, roles(host));
    WhatifOutput output =
        json ? new WhatifJson(host.name(), out) : new WhatifText(host.name(), out);
    for (RouteQuery q : asked) {
      if (host.snapshots().getLast().routes(q.v6()) == null) {
        throw new CaptureException(
            host.name() + ": no IPv" + q.dst().family() + " routes were recorded");
      }
    }
    List<ChangedState> direct = states.stream().filter(s -> !s.afterFailover()).toList();
    Set<String> refusals =
        direct.stream().map(s -> String.valueOf(s.refused())).collect(Collectors.toSet());
    boolean allRefused = direct.stream().allMatch(s -> s.after() == null);
    if (allRefused && refusals.size() == 1 && !json) { // what it comes to is one sentence
      throw new CaptureException("the kernel would refuse " + refusals.iterator().next());
    }
    List<DestinationChange.Sweep> shown = new ArrayList<>();
    for (ChangedState state : states) {
      HostSnapshot after = state.after();
      if (after == null) {
        output.refused(state);
      } else if (!asked.isEmpty()) {
        output.answers(state, asked, after);
      } else {
        DestinationChange.Sweep sweep = sweep(state.before(), after);
        // What a failover leads to is told if it is not what the change does in that role anyway.
        if (!state.afterFailover() || shown.stream().noneMatch(sweep::sameAs)) {
          output.sweep(state, sweep);
        }
        shown.add(sweep);
      }
    }
    if (allRefused) {
      throw new CaptureException(
          refusals.size() == 1
              ? "the kernel would refuse " + direct.getFirst().refused()
              : "the kernel would refuse the change in every role");
    }
  }

  private DestinationChange.Sweep sweep(HostSnapshot before, HostSnapshot after) {
    DestinationChange.Sweep v4 = sweep(before, after, false);
    DestinationChange.Sweep v6 = sweep(before, after, true);
    List<DestinationChange> both = new ArrayList<>(v4.changes());
    both.addAll(v6.changes());
    return new DestinationChange.Sweep(both, v4.blocks() + v6.blocks());
  }

  private DestinationChange.Sweep sweep(HostSnapshot before, HostSnapshot after, boolean v6) {
    return before.routes(v6) == null || !query.allows(v6)
        ? new DestinationChange.Sweep(List.of(), 0)
        : DestinationChange.of(before, after, v6, query::query);
  }

  private List<Role> roles(AuditedHost host) {
    if (host.snapshots().getLast().vips().isEmpty()) {
      if (role != null) {
        throw usage("--role needs a keepalived.conf with VIPs in the snapshot");
      }
      return List.of();
    }
    return switch (Objects.requireNonNullElse(role, PredictCommand.WhichRole.BOTH)) {
      case MASTER -> List.of(Role.MASTER);
      case BACKUP -> List.of(Role.BACKUP);
      case BOTH -> List.of(Role.MASTER, Role.BACKUP);
    };
  }

  private void flows(HostIndex index, AuditedHost host, NamedChanges changes, PrintWriter out)
      throws InterruptedException {
    WhatifFlows output = new WhatifFlows(host.name(), json, out);
    FlowChanges comparison = new FlowChanges(host.name(), changes, output::changed);
    CaptureException broken = FlowLookup.audit(files, index, mirror, comparison);
    output.end(comparison);
    if (broken != null) {
      throw broken;
    }
    if (comparison.compared == 0 && !comparison.refused.isEmpty()) {
      throw new CaptureException(comparison.refused.keySet().iterator().next());
    }
  }
}
