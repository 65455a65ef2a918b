package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.SegmentName;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vipscope config check}: prints the pairs, and every error of the file. */
@Command(
    name = "check",
    header = "Prints pairs, VIPs, hosts and the age of their state, and every error.",
    description = "Exit 3 if something is wrong; then every error stands on standard error.",
    sortOptions = false,
    footer = {"", "Example:", "  vipscope config check vipscope.yaml"})
final class ConfigCheckCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "The configuration. Default: /etc/vipscope/vipscope.yaml.")
  private @Nullable Path file;

  @Option(names = "--config", paramLabel = "FILE", description = "The same, as audit takes it.")
  private @Nullable Path configFile;

  @Option(names = "-v", description = "Say more about internal errors.")
  @SuppressWarnings("UnusedVariable") // Main asks the command line whether it was given
  private boolean verbose;

  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private record Claim(IpAddress address, @Nullable SegmentName segment) {}

  private final Map<Claim, PairConfig> claims = new HashMap<>();
  private final Set<String> warned = new HashSet<>();

  @Override
  public Integer call() {
    if (file != null && configFile != null) {
      throw new ParameterException(spec.commandLine(), "Give FILE or --config FILE, not both");
    }
    Path named = file != null ? file : configFile;
    ConfigFile config = ConfigReader.read(named == null ? ConfigFile.DEFAULT : named, problems);
    problems.addAll(CaptureCheck.problems(config.capture()));
    PrintWriter out = spec.commandLine().getOut();
    capture(config, out);
    pairs(config, out);
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    warnings.forEach(w -> err.println("vipscope: warning: " + w));
    problems.forEach(p -> err.println("vipscope: " + p));
    err.flush();
    return problems.isEmpty() ? ExitCode.DONE : ExitCode.INPUT;
  }

  private static void capture(ConfigFile config, PrintWriter out) {
    for (CaptureSetting setting : config.capture()) {
      List<String> values = ConfigDefaults.values(setting);
      out.println(
          "capture  " + setting.key() + (values.isEmpty() ? "" : " " + String.join(", ", values)));
    }
    DurationOption age = config.maxAge();
    if (age != null) {
      out.println("state    at most " + age(age.ns()) + " away from a flow");
    }
  }

  private void pairs(ConfigFile config, PrintWriter out) {
    List<String> names =
        config.pairs().stream().flatMap(pair -> pair.hostNames().stream()).toList();
    for (PairConfig pair : config.pairs()) {
      Set<IpAddress> vips = new LinkedHashSet<>(pair.vips());
      List<String> hosts = new ArrayList<>();
      for (PairConfig.Host host : pair.hosts()) {
        hosts.add(host(pair, host, config, vips));
      }
      if (vips.isEmpty() && !pair.hosts().isEmpty()) {
        warnings.add(
            pair.where()
                + ": no keepalived.conf of pair "
                + pair.name()
                + " names a VIP: every address counts as primary; give vips");
      }
      out.println("pair     " + pair.name() + ", segment " + pair.segmentText());
      out.println("  VIPs   " + text(vips));
      hosts.forEach(line -> out.println("  host   " + line));
      check(pair, names);
    }
  }

  /** Two pairs of one segment that have an address in common cannot be told apart. */
  private void claim(PairConfig pair, PairConfig.Host host, AuditedHost audited) {
    for (IpAddress address : audited.addresses()) {
      Claim claim = new Claim(address, pair.segment());
      PairConfig before = claims.putIfAbsent(claim, pair);
      if (before != null
          && !before.name().equals(pair.name())
          && !address.isLinkLocal()
          && warned.add(before.name() + " " + pair.name())) {
        warnings.add(
            host.where()
                + ": "
                + address
                + " is also an address of pair "
                + before.name()
                + "; give each pair its segment");
      }
    }
  }

  private static String text(Set<IpAddress> vips) {
    return vips.isEmpty() ? "-" : String.join(" ", vips.stream().map(Object::toString).toList());
  }

  /** Reads what a pair's own files say. */
  private void check(PairConfig pair, List<String> names) {
    attempt(pair.expect(), () -> problems.addAll(ExpectFile.read(pair.expect()).strangers(names)));
    attempt(pair.baseline(), () -> Baseline.read(pair.baseline(), null));
  }

  private void attempt(@Nullable Path path, Runnable reading) {
    if (path == null || !Files.isReadable(path)) {
      return; // told of when the configuration was read
    }
    try {
      reading.run();
    } catch (CaptureException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
  }

  private String host(
      PairConfig pair, PairConfig.Host host, ConfigFile config, Set<IpAddress> vips) {
    List<HostSnapshot> found;
    try {
      if (!Files.isDirectory(host.folder())) {
        throw new CaptureException(
            host.where() + ": expected the snapshots of " + host.name() + " in " + host.folder());
      }
      found = SnapshotReader.readHost(host.name(), host.folder());
    } catch (CaptureException e) {
      problems.add(String.valueOf(e.getMessage()));
      return host.name() + ", no state";
    }
    AuditedHost audited = new AuditedHost(host.name(), null, found);
    vips.addAll(audited.vips());
    claim(pair, host, audited);
    String count = found.size() == 1 ? ", 1 snapshot" : ", " + found.size() + " snapshots";
    long endNs = audited.snapshots().getLast().shifted(host.offsetNs()).tEndNs();
    if (endNs == HostSnapshot.ALWAYS) {
      return host.name() + count + ", valid for all times";
    }
    long ageNs = System.currentTimeMillis() * 1_000_000L - endNs;
    DurationOption most = config.maxAge();
    if (most != null && ageNs > most.ns()) {
      warnings.add(
          host.where() + ": the state of " + host.name() + " is older than " + age(most.ns()));
    }
    return host.name()
        + count
        + ", the newest of "
        + Timestamp.of(endNs).substring(0, "2026-11-22T06:32:07".length())
        + " UTC, "
        + age(ageNs)
        + " ago";
  }

  /** A length of time in its largest unit. */
  private static String age(long ns) {
    long seconds = ns / 1_000_000_000L;
    return Math.abs(seconds) >= 172_800
        ? seconds / 86_400 + " days"
        : Math.abs(seconds) >= 7_200
            ? seconds / 3_600 + " h"
            : Math.abs(seconds) >= 120 ? seconds / 60 + " min" : seconds + " s";
  }
}
