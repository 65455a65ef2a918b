package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.finding.Expectation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A configuration ({@code --config FILE}): how to capture, where the hosts' state is, and the
 * pairs.
 *
 * @param file null = there is none
 * @param capture what stands below {@code capture:}
 * @param stateFolder where hosts that name no folder have theirs
 * @param maxAge older or newer state gives no verdict; null = no limit
 */
record ConfigFile(
    @Nullable Path file,
    List<CaptureSetting> capture,
    Path stateFolder,
    @Nullable DurationOption maxAge,
    List<PairConfig> pairs) {

  /** Read where no other is named, if it is there. */
  static final Path DEFAULT = Path.of("/etc/vipscope/vipscope.yaml");

  /** Where snapshots are, unless the file says otherwise. */
  static final Path STATE = Path.of("/var/lib/vipscope");

  static final ConfigFile NONE = new ConfigFile(null, List.of(), STATE, null, List.of());

  ConfigFile {
    capture = List.copyOf(capture);
    pairs = List.copyOf(pairs);
  }

  /**
   * Reads the file that was named, else the default one.
   *
   * @throws CaptureException with the first thing that is wrong in it
   */
  static ConfigFile of(@Nullable Path named) {
    Path file = named != null ? named : Files.exists(DEFAULT) ? DEFAULT : null;
    if (file == null) {
      return NONE;
    }
    List<String> problems = new ArrayList<>();
    ConfigFile config = ConfigReader.read(file, problems);
    if (!problems.isEmpty()) {
      int more = problems.size() - 1;
      throw new CaptureException(
          problems.getFirst()
              + (more == 0 ? "" : " (and " + more + " more: vipscope config check " + file + ")"));
    }
    return config;
  }

  /** The pair of a host; null if no pair names it. */
  @Nullable PairConfig pairOf(String host) {
    for (PairConfig pair : pairs) {
      if (pair.hostNames().contains(host)) {
        return pair;
      }
    }
    return null;
  }

  /** What the pairs' files expect of their hosts. */
  List<Expectation> expectations() {
    List<Expectation> all = new ArrayList<>();
    for (PairConfig pair : pairs) {
      for (Expectation e : ExpectFile.read(pair.expect()).expectations()) {
        all.add(e.hosts().isEmpty() ? e.of(pair.hostNames()) : e);
      }
    }
    return all;
  }
}
