package io.vipscope.tools;

import io.vipscope.core.finding.Expectation;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Options about what verdicts are given, which of them matter, and what the exit code says. */
final class VerdictOptions {

  private static final long LIVE_ACTIVE_NS = 300_000_000_000L;

  /**
   * What the options name, read.
   *
   * @param fail null: nothing that is found changes the exit code
   * @param loss null: no loss does
   * @param expect the file of that option, empty without one
   * @param expectations those of the file, or of the configuration
   */
  record Judging(
      @Nullable FailOn fail,
      @Nullable MaxLoss loss,
      ExpectFile expect,
      List<Expectation> expectations,
      Baseline baseline) {}

  @Option(
      names = "--max-state-age",
      paramLabel = "D",
      converter = DurationOption.Converter.class,
      description = "Snapshots further away in time than this give no verdict.")
  private @Nullable DurationOption maxStateAge;

  @Option(
      names = "--active-timeout",
      paramLabel = "D",
      converter = DurationOption.Converter.class,
      description =
          "Write interim records of long flows this often. Default: live 300s, files never.")
  private @Nullable DurationOption activeTimeout;

  @Option(
      names = "--fail-on",
      paramLabel = "LIST",
      description =
          "Exit 1 if found: mismatch[:CAUSE], finding[:SEVERITY], unaccepted, blind"
              + " (comma-separated).")
  private @Nullable String failOn;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description =
          "Accepted deviations, one JSON object a line: they count neither for --fail-on nor in the"
              + " summary.")
  private @Nullable Path baselineFile;

  @Option(
      names = "--expect",
      paramLabel = "FILE",
      description =
          "What sources must be, a YAML list: must_be (primary, vip or an address), hosts,"
              + " destinations, ports, protocol. A violation is a finding.")
  private @Nullable Path expectFile;

  @Option(
      names = "--learn",
      paramLabel = "FILE",
      description =
          "Add the mismatches that are not accepted yet to this file, as a baseline. Lines and"
              + " comments that it has stay; it may be the --baseline itself.")
  private @Nullable Path learnFile;

  @Option(
      names = "--max-loss",
      paramLabel = "N|P%",
      description = "Exit 4 if more than N frames, or P percent of all, were dropped.")
  private @Nullable String maxLoss;

  /**
   * Minds the numbers.
   *
   * @throws ParameterException if one is out of its range
   */
  void check(CommandLine line) {
    check(line, maxStateAge, "--max-state-age");
    check(line, activeTimeout, "--active-timeout");
  }

  private static void check(CommandLine line, @Nullable DurationOption time, String option) {
    OptionCheck.check(line, time == null || time.ns() > 0, option, "a positive time");
  }

  /** What the command line leaves open is as the configuration says. */
  void defaultsFrom(ConfigFile config) {
    maxStateAge = maxStateAge == null ? config.maxAge() : maxStateAge;
  }

  /**
   * Reads what the options name.
   *
   * @throws io.vipscope.capture.CaptureException if a file cannot be read: with its line
   */
  Judging read(ConfigFile config) {
    FailOn fail = failOn == null ? null : FailOn.parse(failOn);
    MaxLoss loss = maxLoss == null ? null : MaxLoss.parse(maxLoss);
    ExpectFile expect = ExpectFile.read(expectFile);
    return new Judging(
        fail,
        loss,
        expect,
        expectFile == null ? config.expectations() : expect.expectations(),
        baselineFile == null
            ? Baseline.of(config.pairs(), learnFile)
            : Baseline.read(baselineFile, learnFile));
  }

  /** How far away in time a snapshot may be, in ns. */
  long maxStateAgeNs() {
    return maxStateAge == null ? Long.MAX_VALUE : maxStateAge.ns();
  }

  /** How often interim records of long flows are written, in ns; 0: never. */
  long activeNs(boolean live) {
    return activeTimeout != null ? activeTimeout.ns() : live ? LIVE_ACTIVE_NS : 0;
  }
}
