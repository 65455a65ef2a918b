package io.vipscope.tools.export;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.failover.Trigger;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.SegmentText;
import io.vipscope.tools.view.ResultSink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counters over all flow records and failovers. The cold thread adds, any thread reads. Label sets
 * are limited; what is beyond counts as {@code other}.
 */
public final class MetricCounts implements ResultSink {

  private static final int MAX_LABEL_SETS = 2_000;
  private static final double[] DARK_SECONDS = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

  /** Values of labels, by counter. */
  private static final class Counter {
    final Map<String, AtomicLong> values = new ConcurrentSkipListMap<>();

    /**
     * Shows a zero. A counter that is 1 when Prometheus first sees it has not increased: the first
     * of its events would be told to nobody.
     */
    void expect(String... labels) {
      if (values.size() < MAX_LABEL_SETS) {
        values.putIfAbsent(String.join("\u0000", labels), new AtomicLong());
      }
    }

    void add(String... labels) {
      String key = String.join("\u0000", labels);
      if (values.size() >= MAX_LABEL_SETS && !values.containsKey(key)) {
        key = "other\u0000".repeat(labels.length - 1) + "other";
      }
      values.computeIfAbsent(key, _ -> new AtomicLong()).incrementAndGet();
    }
  }

  private final Segments segments;
  private final PairNames pairs;
  private final Map<List<String>, Long> lastAdverts = new ConcurrentHashMap<>();
  private final AtomicLong ackedBytes = new AtomicLong();
  private final AtomicLong unseenBytes = new AtomicLong();
  private final Counter flows = new Counter();
  private final Counter judged = new Counter();
  private final ToldFlows told = new ToldFlows();
  private final Counter mismatches = new Counter();
  private final Counter undecided = new Counter();
  private final Counter conditional = new Counter();
  private final Counter failovers = new Counter();
  private final long[] dark = new long[DARK_SECONDS.length + 1];
  private double darkSum;

  /**
   * @param segments what numbers of segments stand for
   * @param hosts that are audited
   */
  public MetricCounts(Segments segments, Collection<AuditedHost> hosts) {
    this.segments = segments;
    pairs = new PairNames(hosts);
    for (AuditedHost host : hosts) {
      for (String cause : FlowVerdict.CAUSES) {
        mismatches.expect(pairs.of(host.name()), host.name(), cause, "false");
      }
    }
  }

  @Override
  public void judged(FlowRecord flow, FlowVerdict v, boolean accepted) {
    judged.add(text(v.host()), text(v.sourceClass()), text(v.verdict()));
    if (v.verdict() == Verdict.MISMATCH && told.began(flow)) {
      mismatch(v, accepted);
    }
  }

  private void mismatch(FlowVerdict v, boolean accepted) {
    for (String cause : v.causes()) {
      mismatches.add(text(v.pair()), text(v.host()), cause, Boolean.toString(accepted));
    }
  }

  @Override
  public void flow(FlowRecord flow, FlowVerdict v, boolean accepted) {
    boolean untold = told.ended(flow);
    if (flow.reason() == EndReason.ACTIVE) {
      return;
    }
    flows.add(text(v.host()), text(v.sourceClass()), text(v.verdict()));
    if (v.verdict() == Verdict.MISMATCH) {
      if (untold) {
        mismatch(v, accepted);
      }
    } else if (v.verdict() == Verdict.UNDECIDED) {
      undecided.add(text(v.host()), text(v.code()));
    } else if (v.verdict() == Verdict.CONDITIONAL) {
      for (String condition : v.conditions()) {
        conditional.add(text(v.host()), condition);
      }
    }
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  @Override
  public void advert(String host, int segment, int vrid, int family, long atNs) {
    List<String> labels =
        List.of(
            "pair", pairs.of(host),
            "segment", SegmentText.of(segments, segment),
            "vrid", Integer.toString(vrid),
            "family", Integer.toString(family));
    if (lastAdverts.replace(labels, atNs) == null && lastAdverts.size() < MAX_LABEL_SETS) {
      lastAdverts.put(labels, atNs);
      for (Trigger trigger : Trigger.values()) {
        failovers.expect(
            labels.get(1), labels.get(3), labels.get(5), labels.get(7), trigger.toString());
      }
    }
  }

  @Override
  public void acknowledged(long acked, long unseen) {
    ackedBytes.addAndGet(acked);
    unseenBytes.addAndGet(unseen);
  }

  @Override
  public void failover(Failover f) {
    failovers.add(
        pairs.of(f.to(), f.from()),
        SegmentText.of(segments, f.segment()),
        f.vrid() < 0 ? "" : Integer.toString(f.vrid()),
        f.vips().isEmpty() ? "" : Integer.toString(f.vips().getFirst().family()),
        f.trigger().toString());
    if (f.darkNs() < 0) {
      return;
    }
    double seconds = f.darkNs() / 1e9;
    int bucket = 0;
    while (bucket < DARK_SECONDS.length && seconds > DARK_SECONDS[bucket]) {
      bucket++;
    }
    synchronized (dark) {
      dark[bucket]++;
      darkSum += seconds;
    }
  }

  void write(MetricText out, List<String> iface) {
    out.metric(
            "vipscope_mirror_acknowledged_bytes_total",
            "counter",
            "TCP data of audited addresses that was acknowledged, in a sample of connections.")
        .value("vipscope_mirror_acknowledged_bytes_total", iface, ackedBytes.get());
    out.metric(
            "vipscope_mirror_unseen_bytes_total",
            "counter",
            "Of the acknowledged data, what the capture does not have: lost by mirror or sensor.")
        .value("vipscope_mirror_unseen_bytes_total", iface, unseenBytes.get());
    counter(
        out,
        "vipscope_flows_judged_total",
        "Flows as they begin, by what is said of them then; class and verdict are empty where the"
            + " flow has none.",
        judged,
        "host",
        "source_class",
        "verdict");
    counter(
        out,
        "vipscope_flows_total",
        "Flow records written, when flows have ended, with the final verdict.",
        flows,
        "host",
        "source_class",
        "verdict");
    counter(
        out,
        "vipscope_mismatches_total",
        "Mismatches, told as flows begin; one with two causes counts for both.",
        mismatches,
        "pair",
        "host",
        "cause",
        "accepted");
    counter(
        out,
        "vipscope_undecided_total",
        "Flows without a decision, by reason.",
        undecided,
        "host",
        "code");
    counter(
        out,
        "vipscope_conditional_total",
        "Conditional flows; one with two conditions counts for both.",
        conditional,
        "host",
        "condition");
    counter(
        out,
        "vipscope_failovers_total",
        "Changes of holder of a VRRP instance.",
        failovers,
        "pair",
        "segment",
        "vrid",
        "family",
        "trigger");
    histogram(out);
    adverts(out);
  }

  private void adverts(MetricText out) {
    String name = "vipscope_last_advert_timestamp_seconds";
    out.metric(name, "gauge", "Capture time of an audited host's last VRRP advert.");
    lastAdverts.entrySet().stream()
        .sorted(Comparator.comparing(e -> e.getKey().toString()))
        .forEach(e -> out.value(name, e.getKey(), e.getValue() / 1e9));
  }

  private static void counter(
      MetricText out, String name, String help, Counter counter, String... labels) {
    out.metric(name, "counter", help);
    counter.values.forEach((key, count) -> {
      List<String> pairs = new ArrayList<>();
      String[] values = key.split("\u0000", -1);
      for (int i = 0; i < labels.length; i++) {
        pairs.add(labels[i]);
        pairs.add(values[i]);
      }
      out.value(name, pairs, count.get());
    });
  }

  private void histogram(MetricText out) {
    String name = "vipscope_failover_dark_seconds";
    out.metric(name, "histogram", "For how long nobody served the VIPs at a change of holder.");
    synchronized (dark) {
      long sum = 0;
      for (int i = 0; i < DARK_SECONDS.length; i++) {
        sum += dark[i];
        out.value(name + "_bucket", List.of("le", Double.toString(DARK_SECONDS[i])), sum);
      }
      sum += dark[DARK_SECONDS.length];
      out.value(name + "_bucket", List.of("le", "+Inf"), sum);
      out.value(name + "_sum", List.of(), darkSum);
      out.value(name + "_count", List.of(), sum);
    }
  }
}
