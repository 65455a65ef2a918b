package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Deviations that are accepted ({@code --baseline FILE}), and those of this run to be written down
 * ({@code --learn FILE}). Files have one JSON object a line, with keys of {@link Deviation} and
 * {@code comment}; empty lines and those that begin with # are passed over.
 */
final class Baseline {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Set<String> KEYS =
      Set.of("host", "source", "protocol", "destination", "port", "cause", "comment");

  /** Enough for any network whose deviations are deliberate. */
  private static final int MAX_LEARNED = 100_000;

  private final List<Deviation> accepted;
  private final Set<Deviation> learned = new LinkedHashSet<>();
  private final boolean learning;

  private Baseline(List<Deviation> accepted, boolean learning) {
    this.accepted = accepted;
    this.learning = learning;
  }

  /**
   * Reads what is accepted.
   *
   * @param file null = nothing is
   * @param learning whether mismatches are to be remembered
   */
  static Baseline read(@Nullable Path file, boolean learning) {
    return new Baseline(file == null ? List.of() : read(file), learning);
  }

  /** The same by the files of a configuration's pairs, each about its own hosts. */
  static Baseline of(List<PairConfig> pairs, boolean learning) {
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
    return new Baseline(accepted, learning);
  }

  private static List<Deviation> read(Path file) {
    List<Deviation> accepted = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file, UTF_8);
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be read: " + IoReason.of(e), e);
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
          text(node, "protocol", place),
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
    return v.verdict() == Verdict.MISMATCH && accepted.stream().anyMatch(d -> d.covers(f, v));
  }

  /** Takes a final verdict. */
  void learn(FlowRecord f, FlowVerdict v) {
    if (learning
        && v.verdict() == Verdict.MISMATCH
        && learned.size() < MAX_LEARNED
        && !accepts(f, v)) {
      learned.add(Deviation.of(f, v));
    }
  }

  /** Writes the deviations of this run that are not accepted yet, sorted. */
  void write(Path file) {
    List<String> lines = learned.stream().map(Deviation::json).sorted().toList();
    try {
      Files.write(file, lines, UTF_8);
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be written: " + IoReason.of(e), e);
    }
  }

  /** How many deviations were learned. */
  int learned() {
    return learned.size();
  }
}
