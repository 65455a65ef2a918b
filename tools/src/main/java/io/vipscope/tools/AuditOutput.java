package io.vipscope.tools;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.flow.AckSight;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.pipeline.HostIndex;
import io.vipscope.core.sink.AuditSink;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.Verdict;
import io.vipscope.tools.export.Anonymizer;
import io.vipscope.tools.view.ResultSink;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The audit's results as records, totals and summary. Called on the cold thread alone. */
final class AuditOutput implements AuditSink {

  /** Which flow records are written. */
  enum Records {
    ALL,
    MISMATCH,
    NONE
  }

  private final HostIndex index;
  private final @Nullable RecordWriter writer;
  private final Records records;
  private final Baseline baseline;
  private @Nullable NatPairing nat;
  private final @Nullable EvidenceIndex evidence;
  private final AuditTotals totals = new AuditTotals();
  private final AuditSummary summary;
  private @Nullable Anonymizer anonymizer;
  private @Nullable NextCommands commands;
  private final List<ResultSink> sinks = new ArrayList<>();
  private final Set<Severity> found = EnumSet.noneOf(Severity.class);

  /**
   * @param writer null = no records
   * @param evidence notes which frames are to be kept; null = none
   */
  AuditOutput(
      HostIndex index,
      @Nullable RecordWriter writer,
      Records records,
      Baseline baseline,
      Segments segments,
      @Nullable EvidenceIndex evidence) {
    this.evidence = evidence;
    summary = new AuditSummary(totals, segments);
    this.index = index;
    this.writer = writer;
    this.records = records;
    this.baseline = baseline;
    index.hosts().forEach(h -> totals.expect(h.name()));
  }

  /** Every address in the results becomes a pseudonym; called before the first result. */
  void anonymize(@Nullable Anonymizer names) {
    anonymizer = names;
  }

  /** Puts what the run knows into the commands of findings; called before the first result. */
  void commands(NextCommands known) {
    commands = known;
  }

  /** Gives the results to these, too; called before the first result. */
  void also(List<ResultSink> more) {
    sinks.addAll(more);
  }

  @Override
  public void owner(Ownership found) {
    VrrpNames names = VrrpNames.of(found, index);
    Ownership ownership = anonymizer == null ? found : anonymizer.of(found);
    summary.add(ownership);
    if (writer != null) {
      writer.owner(ownership, names);
    }
    sinks.forEach(sink -> sink.owner(ownership, names.instance()));
  }

  @Override
  public void advert(ControlEvent.Advert advert, int segment, @Nullable String host) {
    if (host != null) {
      int family = advert.source().family();
      sinks.forEach(sink -> sink.advert(host, segment, advert.vrid(), family, advert.tsNs()));
    }
  }

  @Override
  public void acknowledged(AckSight sight) {
    sinks.forEach(sink -> sink.acknowledged(sight.ackedBytes(), sight.unseenBytes()));
  }

  @Override
  public void failover(Failover found) {
    Failover failover = anonymizer == null ? found : anonymizer.of(found);
    summary.add(failover);
    if (writer != null) {
      writer.failover(failover, index.pairOf(found.to(), found.from()));
    }
    sinks.forEach(sink -> sink.failover(failover));
  }

  @Override
  public void finding(Finding seen) {
    Finding told = commands == null ? seen : commands.in(seen);
    Finding finding = anonymizer == null ? told : anonymizer.of(told);
    found.add(finding.severity());
    if (evidence != null) {
      evidence.add(finding);
    }
    summary.add(finding);
    if (writer != null) {
      String pair = index.pairOf(told.host());
      writer.finding(finding, pair != null ? pair : index.pairOf(told.segment(), told.vip()));
    }
    sinks.forEach(sink -> sink.finding(finding));
  }

  @Override
  public void judged(FlowRecord began, FlowVerdict said) {
    if (!sinks.isEmpty()) {
      boolean accepted = baseline.accepts(began, said);
      FlowRecord flow = anonymizer == null ? began : anonymizer.of(began);
      FlowVerdict verdict = anonymizer == null ? said : anonymizer.of(said);
      sinks.forEach(sink -> sink.judged(flow, verdict, accepted));
    }
  }

  /** Flows before and behind NAT are told beside the others. */
  void nat(NatPairing pairing) {
    nat = pairing;
  }

  /** Tells what was paired so far. */
  void flushNat() {
    if (nat != null) {
      for (NatFlow paired : nat.take()) {
        NatFlow flow = anonymizer == null ? paired : paired.anonymous(anonymizer);
        summary.add(flow);
        if (writer != null) {
          writer.nat(flow);
        }
      }
    }
  }

  @Override
  public void coverage(RuleCoverage counted) {
    RuleCoverage use = anonymizer == null ? counted : anonymizer.of(counted);
    summary.add(use);
    if (writer != null) {
      writer.coverage(use, index.pairOf(counted.host()));
    }
  }

  @Override
  public void mismatch(FlowRecord flow, FlowVerdict verdict) {
    boolean accepted = baseline.accepts(flow, verdict);
    if (evidence != null && !accepted) {
      evidence.begins(flow, verdict);
    }
    if (writer != null && records != Records.NONE) {
      if (anonymizer == null) {
        writer.flow("verdict", flow, verdict, accepted);
      } else {
        writer.flow("verdict", anonymizer.of(flow), anonymizer.of(verdict), accepted);
      }
    }
  }

  @Override
  public void flow(FlowRecord ended, FlowVerdict said) {
    flushNat();
    boolean accepted = baseline.accepts(ended, said);
    baseline.learn(ended, said);
    FlowRecord flow = anonymizer == null ? ended : anonymizer.of(ended);
    FlowVerdict verdict = anonymizer == null ? said : anonymizer.of(said);
    if (evidence != null) {
      evidence.recorded(flow, verdict, verdict.verdict() == Verdict.MISMATCH && !accepted);
    }
    totals.add(flow, verdict, accepted);
    summary.add(flow, verdict, accepted);
    boolean differs =
        verdict.verdict() == Verdict.MISMATCH || verdict.verdict() == Verdict.CONDITIONAL;
    if (writer != null && (records == Records.ALL || records == Records.MISMATCH && differs)) {
      writer.flow("flow", flow, verdict, accepted);
    }
    sinks.forEach(sink -> sink.flow(flow, verdict, accepted));
  }

  AuditTotals totals() {
    return totals;
  }

  AuditSummary summary() {
    return summary;
  }

  /** The severities of the findings so far. */
  Set<Severity> found() {
    return found;
  }
}
