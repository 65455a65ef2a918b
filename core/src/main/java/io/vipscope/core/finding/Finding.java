package io.vipscope.core.finding;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.Severity;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a finding at one moment.
 *
 * @param id the same for all that is told of it
 * @param host the audited host concerned, or null
 * @param segment the one concerned, or -1
 * @param vip the VIP concerned, or null
 * @param atNs when this is told
 * @param startNs when it began
 * @param endNs the last evidence so far; {@link #NO_TIME} when it opens
 * @param count pieces of evidence
 * @param flows distinct flows among them, as far as counted
 * @param frames places in the capture of the first of them
 * @param next commands to confirm and to fix; printed, never run. What only the program around
 *     knows stands in capitals, as {@link Commands} has it
 */
public record Finding(
    String id,
    FindingKind kind,
    Severity severity,
    Status status,
    @Nullable String host,
    int segment,
    @Nullable IpAddress vip,
    long atNs,
    long startNs,
    long endNs,
    long count,
    int flows,
    List<Long> frames,
    String text,
    List<String> next) {

  /** It has just opened: there is no end yet. */
  public static final long NO_TIME = Long.MIN_VALUE;

  /** How far a finding is. */
  public enum Status {
    OPEN,
    UPDATE,
    RESOLVED;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The word used in records. */
    @Override
    public String toString() {
      return text;
    }
  }

  /** The same with other commands. */
  public Finding withNext(List<String> commands) {
    return new Finding(
        id, kind, severity, status, host, segment, vip, atNs, startNs, endNs, count, flows, frames,
        text, commands);
  }

  public Finding {
    frames = List.copyOf(frames);
    next = List.copyOf(next);
  }
}
