package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.SnapshotEvidence.Recorded;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads flows from EVE JSON lines; records that are about no flow are passed over. */
final class EveReader {

  /** What an audit writes beside flows. */
  private static final Set<String> NO_FLOWS =
      Set.of("vip_owner", "failover", "finding", "coverage", "nat", "stats");

  private final String file;

  /**
   * @param file path, or {@code -} for standard input
   */
  EveReader(String file) {
    this.file = file;
  }

  /** Whether a file starts as a JSON line does. A pipe is none: looking would take from it. */
  static boolean isRecords(String file) {
    Path path = Path.of(file);
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      return in.read() == '{';
    } catch (IOException _) {
      return false; // who opens it next says why
    }
  }

  /**
   * Gives every flow's record, in order.
   *
   * @throws CaptureException at the first bad line, after the records before it were given
   */
  void forEach(Consumer<EveRecord> consumer) {
    new RecordLines(file)
        .forEach((node, _) -> {
          if (!NO_FLOWS.contains(node.path("event_type").asString(""))) {
            consumer.accept(record(node));
          }
        });
  }

  private EveRecord record(JsonNode node) {
    int protocol = protocol(needed(node, "proto"));
    boolean icmp = Protocols.isIcmp(protocol);
    IpAddress src = address(needed(node, "src_ip"), "src_ip");
    IpAddress dst = address(needed(node, "dest_ip"), "dest_ip");
    if (src.v6() != dst.v6()) {
      throw new IllegalArgumentException("src_ip and dest_ip differ in family");
    }
    JsonNode start = node.path("flow").path("start");
    ExplainedFlow flow =
        new ExplainedFlow(
            number(node, "flow_id", Long.MAX_VALUE),
            node.path("community_id").asString(null),
            src,
            icmp ? 0 : (int) number(node, "src_port", FlowName.MAX_PORT),
            dst,
            icmp ? 0 : (int) number(node, "dest_port", FlowName.MAX_PORT),
            protocol,
            start.isString()
                ? time(start, "flow.start")
                : time(node.path("timestamp"), "timestamp"),
            file.equals("-") ? "standard input" : file);
    JsonNode own = node.path("vipscope");
    return new EveRecord(flow, own.isObject() ? judged(own) : null);
  }

  private static EveRecord.Judged judged(JsonNode own) {
    String verdict = own.path("verdict").asString(null);
    return new EveRecord.Judged(
        own.path("host").asString(null),
        verdict == null ? null : verdict(verdict),
        own.path("reason").asString(""),
        own.path("mechanism").isString() ? state(own) : null);
  }

  private static Recorded state(JsonNode own) {
    Set<IpAddress> predicted = new HashSet<>();
    for (JsonNode source : own.path("predicted")) {
      predicted.add(address(source.asString(""), "vipscope.predicted"));
    }
    List<String> trace = new ArrayList<>();
    own.path("trace").forEach(step -> trace.add(step.asString("")));
    JsonNode at = own.path("state_time");
    return new Recorded(
        at.isString() ? time(at, "vipscope.state_time") : HostSnapshot.ALWAYS,
        own.path("source_dev").isString(),
        predicted,
        trace);
  }

  private static Verdict verdict(String text) {
    try {
      return Verdict.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("vipscope.verdict: '" + text + "' is no verdict");
    }
  }

  private static String needed(JsonNode node, String key) {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      throw new IllegalArgumentException(key + " is missing");
    }
    if (!value.isString() && !value.isIntegralNumber()) {
      throw new IllegalArgumentException(key + " must be a string, found " + value);
    }
    return value.asString();
  }

  private static IpAddress address(String text, String key) {
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException(key + ": '" + text + "' is not an IP address");
    }
  }

  private static int protocol(String text) {
    try {
      return QueryReader.protocol(text.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("proto: '" + text + "' is no protocol");
    }
  }

  /** 0 if it is not there. */
  private static long number(JsonNode node, String key, long limit) {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      return 0;
    }
    boolean fits = value.isIntegralNumber() && value.canConvertToLong();
    if (!fits || value.asLong() < 0 || value.asLong() > limit) {
      throw new IllegalArgumentException(
          key + " must be a number from 0 to " + limit + ", found " + value);
    }
    return value.asLong();
  }

  private static long time(JsonNode value, String key) {
    if (value.isMissingNode() || value.isNull()) {
      return FlowVerdict.NO_TIME;
    }
    @Nullable Long ns = Timestamp.parse(value.asString(""));
    if (ns == null) {
      throw new IllegalArgumentException(key + ": " + value + " is no time");
    }
    return ns;
  }
}
