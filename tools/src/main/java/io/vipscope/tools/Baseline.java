package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Deviations that are accepted ({@code --baseline FILE}), and those of this run to be added to a
 * file ({@code --learn FILE}), whose lines stay as they are. Files have one JSON object a line,
 * with keys of {@link Deviation} and {@code comment}; empty lines and those that begin with # are
 * passed over.
 */
final class Baseline {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Set<String> KEYS =
      Set.of("host", "source", "protocol", "destination", "port", "cause", "comment");

  /** Enough for any network whose deviations are deliberate. */
  private static final int MAX_LEARNED = 100_000;

  private final List<Deviation> accepted;
  private final Set<Deviation> learned = new LinkedHashSet<>();
  private final @Nullable Path learnFile;

  /** What stands in the file that is written to. */
  private final List<Deviation> kept;

  private Baseline(List<Deviation> accepted, @Nullable Path learnFile) {
    this.accepted = accepted;
    this.learnFile = learnFile;
    this.kept = learnFile != null && Files.isRegularFile(learnFile) ? read(learnFile) : List.of();
  }

  /**
   * Reads what is accepted.
   *
   * @param file null = nothing is
   * @param learnFile where mismatches are to be added that are not accepted; null = nowhere
   * @throws CaptureException if one of the files cannot be read or has a wrong line
   */
  static Baseline read(@Nullable Path file, @Nullable Path learnFile) {
    return new Baseline(file == null ? List.of() : read(file), learnFile);
  }

  /** The same by the files of a configuration's pairs, each about its own hosts. */
  static Baseline of(List<PairConfig> pairs, @Nullable Path learnFile) {
    List<Deviation> accepted = new ArrayList<>();
    for (PairConfig pair : pairs) {
      Path file = pair.baseline();
      for (Deviation d : file == null ? List.<Deviation>of() : read(file)) {
        if (d.host() == null) {
          pair.hostNames().forEach(host -> accepted.add(d.of(host)));
        } else {
          accepted.add(d);
        }
      }
    }
    return new Baseline(accepted, learnFile);
  }

  private static List<Deviation> read(Path file) {
    List<Deviation> accepted = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file, UTF_8);
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be read: " + IoReason.reading(e), e);
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        accepted.add(parse(line, file + ": line " + (i + 1) + ": "));
      }
    }
    return accepted;
  }

  private static Deviation parse(String line, String place) {
    JsonNode node;
    try {
      node = MAPPER.readTree(line);
    } catch (JacksonException _) {
      throw new CaptureException(place + "not a JSON object");
    }
    if (!node.isObject()) {
      throw new CaptureException(place + "not a JSON object");
    }
    for (String key : node.propertyNames()) {
      if (!KEYS.contains(key)) {
        throw new CaptureException(place + "unknown key " + key);
      }
    }
    String cause = text(node, "cause", place);
    if (cause != null && !FlowVerdict.CAUSES.contains(cause)) {
      throw new CaptureException(place + "no cause is named " + cause);
    }
    String protocol = text(node, "protocol", place);
    String source = text(node, "source", place);
    String destination = text(node, "destination", place);
    JsonNode port = node.get("port");
    boolean anyPort = port == null || port.isNull();
    if (!anyPort && (!port.isInt() || port.asInt() < 0 || port.asInt() > 65_535)) {
      throw new CaptureException(place + "port is no number from 0 to 65535");
    }
    try {
      return new Deviation(
          text(node, "host", place),
          source == null ? null : IpAddress.parse(source),
          protocol == null ? null : ProtocolName.parse(protocol),
          destination == null ? null : IpPrefix.parse(destination),
          anyPort ? null : port.asInt(),
          cause);
    } catch (IllegalArgumentException e) {
      throw new CaptureException(place + e.getMessage());
    }
  }

  private static @Nullable String text(JsonNode node, String key, String place) {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isString()) {
      throw new CaptureException(place + key + " is no string");
    }
    return value.asString();
  }

  /** Whether a verdict is a mismatch that is meant to be. */
  boolean accepts(FlowRecord f, FlowVerdict v) {
    return v.verdict() == Verdict.MISMATCH
        && !accepted.isEmpty()
        && accepted.stream().anyMatch(d -> d.covers(f, v));
  }

  /** Takes a final verdict. */
  void learn(FlowRecord f, FlowVerdict v) {
    if (learnFile != null
        && v.verdict() == Verdict.MISMATCH
        && learned.size() < MAX_LEARNED
        && !accepts(f, v)
        && kept.stream().noneMatch(d -> d.covers(f, v))) {
      learned.add(Deviation.of(f, v));
    }
  }

  /**
   * Adds the deviations of this run that are not accepted yet to the file, sorted, behind what
   * stands there.
   *
   * @return what was done, in a sentence; null if nothing was to be learned
   */
  @Nullable String write() {
    if (learnFile == null) {
      return null;
    }
    List<String> lines = new ArrayList<>(learned.stream().map(Deviation::json).sorted().toList());
    try {
      if (endsWithinLine(learnFile) && !lines.isEmpty()) {
        lines.addFirst("");
      }
      Files.write(learnFile, lines, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new CaptureException(learnFile + ": cannot be written: " + IoReason.writing(e), e);
    }
    return learnFile
        + ": "
        + learned.size()
        + " deviations"
        + (kept.isEmpty() ? "" : " added to the " + kept.size() + " that it had");
  }

  /** Whether its last line has no end. */
  private static boolean endsWithinLine(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) == 0) {
      return false;
    }
    try (RandomAccessFile end = new RandomAccessFile(file.toFile(), "r")) {
      end.seek(end.length() - 1);
      return end.read() != '\n';
    }
  }
}
