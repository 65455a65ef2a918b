package io.vipscope.core.pipeline;

import io.vipscope.core.finding.VerdictReasons;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.model.coverage.RuleItem;
import io.vipscope.core.model.flow.ConditionalSource;
import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.inverse.Cause;
import io.vipscope.core.model.inverse.CauseText;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.selection.Egress;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.ownership.OwnershipTimeline;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Origin;
import io.vipscope.core.verdict.PathVerdict;
import io.vipscope.core.verdict.Severity;
import io.vipscope.core.verdict.SourceClass;
import io.vipscope.core.verdict.UndecidedCode;
import io.vipscope.core.verdict.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a flow's source is with what the state in force at its start gives. One thread uses
 * an instance; the answer depends on what the timeline and the services have shown so far.
 */
final class FlowJudge {

  /**
   * keepalived adds a VIP after its first advert and removes it after its last one: within some
   * milliseconds as a rule, on a busy host later.
   */
  private static final long UNORDERED_NS = 100_000_000L;

  /**
   * A verdict.
   *
   * @param reasons what the model says beside it
   */
  record Judgement(FlowVerdict verdict, VerdictReasons reasons) {}

  private static final String NO_FIRST_FRAGMENT = "the first fragment was not captured: no ports";

  private final HostIndex index;
  private final OwnershipTimeline timeline;
  private final NextHops nextHops;
  private final Services services;
  private final AuditOptions options;
  private final StateSelector states;
  private final Predictions predictions = new Predictions();

  /** What is said of flows of no audited host, which are most on many a mirror port. */
  private final @Nullable FlowVerdict[] elsewhere = new FlowVerdict[3];

  FlowJudge(
      HostIndex index,
      OwnershipTimeline timeline,
      NextHops nextHops,
      Services services,
      AuditOptions options) {
    this.index = index;
    this.timeline = timeline;
    this.nextHops = nextHops;
    this.services = services;
    this.options = options;
    states = new StateSelector(timeline);
  }

  Predictions predictions() {
    return predictions;
  }

  FlowPlace place(FlowRecord flow) {
    return FlowPlace.of(flow, index, timeline, states, options.useMacs());
  }

  FlowVerdict judge(FlowRecord flow, FlowPlace place) {
    return place.isElsewhere() ? elsewhere(flow, place) : draft(flow, place).done();
  }

  /** The same, with what the model says beside it. */
  Judgement judgement(FlowRecord flow, FlowPlace place) {
    if (place.isElsewhere()) {
      return new Judgement(elsewhere(flow, place), reasons(flow, place, null));
    }
    VerdictDraft draft = draft(flow, place);
    return new Judgement(draft.done(), reasons(flow, place, draft.observation));
  }

  private FlowVerdict elsewhere(FlowRecord flow, FlowPlace place) {
    int kind = flow.icmpMessage() ? 0 : flow.firstFrameReset() ? 1 : 2;
    FlowVerdict said = elsewhere[kind];
    if (said == null) {
      said = draft(flow, place).done();
      elsewhere[kind] = said;
    }
    return said;
  }

  /**
   * What is known to explain a flow's source with; null where it is compared with no prediction.
   */
  @Nullable Evidence evidence(FlowRecord flow, FlowPlace place) {
    Observation observation = draft(flow, place).observation;
    AuditedHost host = place.host();
    return observation == null || host == null
        ? null
        : SnapshotEvidence.of(observation, host, index, states, flow.startNs());
  }

  private VerdictDraft draft(FlowRecord flow, FlowPlace place) {
    VerdictDraft draft = new VerdictDraft(place);
    AuditedHost host = place.host();
    switch (place.direction()) {
      case OUTBOUND -> {
        if (host == null) {
          ownership(draft, flow, flow.src());
          draft.sourceClass = SourceClass.VIP;
          draft.undecided(
              UndecidedCode.NO_STATE, "nobody is known to hold " + flow.src() + " at that time");
        } else {
          outbound(draft, flow, host, place);
        }
      }
      case INBOUND -> {
        IpAddress asked = flow.asked() == null ? flow.dst() : flow.asked();
        if (index.isVip(flow.vlan(), asked)) {
          ownership(draft, flow, asked);
        }
        draft.reason =
            flow.opener() == Opener.LISTENER
                ? "an answer to a question that was asked at " + asked
                : "opened by " + flow.src();
      }
      case UNKNOWN -> {
        boolean judged = host != null && !flow.icmpMessage() && !flow.firstFrameReset();
        draft.reason =
            flow.icmpMessage()
                ? "an ICMP message, which opens nothing"
                : flow.firstFrameReset()
                    ? "the first frame seen is a reset"
                    : "neither end is an audited host";
        if (judged && flow.orphanFragment()) {
          draft.undecided(UndecidedCode.FRAGMENT, NO_FIRST_FRAGMENT);
        } else if (judged) {
          draft.undecided(
              UndecidedCode.MID_STREAM, "the capture does not show who opened the connection");
        }
      }
      case TRANSIT -> {
        draft.origin = Origin.FORWARDED;
        draft.reason = "forwarded by " + (host == null ? "a host" : host.name());
      }
    }
    return draft;
  }

  private void outbound(VerdictDraft draft, FlowRecord flow, AuditedHost host, FlowPlace place) {
    StateInForce inForce = states.at(host, flow.startNs());
    HostSnapshot state = inForce.state();
    draft.stateTimeNs = state.tEndNs();
    draft.sourceClass = classOf(flow, host, flow.src());
    draft.origin = origin(flow, state, place);
    source(draft, flow.src(), state);
    if (draft.sourceClass == SourceClass.VIP) {
      ownership(draft, flow, flow.src());
    }
    if (!index.isVip(flow.vlan(), flow.src()) && timeline.isAdvertised(flow.src())) {
      draft.undecided(
          UndecidedCode.NO_STATE,
          flow.src() + " is advertised by VRRP, but no keepalived.conf and no --vip names it");
      return;
    }
    if (state.routes(flow.src().v6()) == null) {
      draft.undecided(
          UndecidedCode.NO_STATE,
          "no snapshot of " + host.name() + " has IPv" + flow.src().family() + " routes");
      return;
    }
    if (draft.sourceClass == SourceClass.FOREIGN && state.sysctls().values().isEmpty()) {
      draft.undecided(
          UndecidedCode.NO_STATE,
          "no snapshot of "
              + host.name()
              + " tells whether it forwards: "
              + flow.src()
              + " may be somebody else's");
      return;
    }
    if (tooOld(state, flow.startNs())) {
      draft.undecided(UndecidedCode.STATE_STALE, "the nearest snapshot is older than allowed");
      return;
    }
    if (host.isUnknown(flow.startNs())) {
      draft.undecided(
          UndecidedCode.NO_STATE,
          "events of the configuration of " + host.name() + " were lost around that time");
      return;
    }
    if (flow.orphanFragment()) {
      draft.undecided(UndecidedCode.FRAGMENT, NO_FIRST_FRAGMENT);
      return;
    }
    if (flow.src().isAny()) {
      draft.undecided(UndecidedCode.UNMODELLED, "a packet without a source address");
      return;
    }
    FlowQuery query = new FlowQuery(flow.dst(), flow.protocol(), flow.srcPort(), flow.dstPort());
    FlowPrediction prediction = predictions.predict(state, query);
    draft.prediction(prediction, new LazyTrace(() -> predictions.trace(state, query)));
    Observation observation =
        new Observation(
            query,
            flow.src(),
            state,
            inForce.neighbours(),
            draft.sourceClass != SourceClass.FOREIGN);
    draft.observation = observation;
    IpAddress first = draft.predicted.isEmpty() ? null : draft.predicted.getFirst();
    draft.predictedClass = first == null ? null : classOf(flow, host, first);
    if (draft.vip == null && first != null && index.isVip(flow.vlan(), first)) {
      ownership(draft, flow, first);
    }
    if (prediction.unmodelled() != null) {
      draft.undecided(
          UndecidedCode.UNMODELLED,
          "the state uses what is not modelled: " + prediction.unmodelled());
      return;
    }
    egress(draft, flow, state, place, prediction);
    if (prediction.sources().contains(flow.src())) {
      draft.decided(
          Verdict.MATCH, Severity.INFO, flow.src() + " is what " + host.name() + " uses here");
      return;
    }
    differs(draft, flow, host, observation, prediction);
  }

  private static boolean onlyDefaults(List<PolicyRule> rules) {
    for (PolicyRule rule : rules) {
      if (!rule.isDefault()) {
        return false;
      }
    }
    return true;
  }

  /**
   * The way that the flow took, if it is a predicted one; else the first with its source. Where a
   * policy rule may test what the wire does not show, another way proves nothing; nor does it in
   * frames that a router has sent on.
   */
  private void egress(
      VerdictDraft draft,
      FlowRecord flow,
      HostSnapshot state,
      FlowPlace place,
      FlowPrediction prediction) {
    boolean found = false;
    for (Egress egress : prediction.predicted()) {
      boolean sameSource = flow.src().equals(egress.source());
      PathVerdict path = nextHops.check(flow, state, egress);
      if (path == PathVerdict.MISMATCH
          && !(place.sentByHost() && onlyDefaults(state.rules(flow.src().v6())))) {
        path = PathVerdict.UNKNOWN;
      }
      boolean better =
          !found
              || path == PathVerdict.MATCH
              || path == PathVerdict.UNKNOWN && draft.path == PathVerdict.MISMATCH;
      if (draft.pathDev == null || sameSource && better) {
        draft.egress(egress, path);
        found |= sameSource;
      }
    }
  }

  /** Why the kernel itself chose the VIP that is a flow's source; null if somebody named it. */
  @Nullable String vipChoice(FlowRecord flow, FlowPlace place) {
    AuditedHost host = place.host();
    if (host == null) {
      return null;
    }
    HostSnapshot state = states.at(host, flow.startNs()).state();
    FlowQuery query = new FlowQuery(flow.dst(), flow.protocol(), flow.srcPort(), flow.dstPort());
    return VipChoice.why(
        state,
        flow.src(),
        flow.dst(),
        predictions.predict(state, query),
        predictions.route(state, query, flow.src()));
  }

  /**
   * What of the host's state an outbound flow went by; empty where the state does not give its
   * source.
   */
  Set<RuleItem> uses(FlowRecord flow, FlowPlace place) {
    AuditedHost host = place.host();
    if (host == null) {
      return Set.of();
    }
    HostSnapshot state = states.at(host, flow.startNs()).state();
    FlowQuery query = new FlowQuery(flow.dst(), flow.protocol(), flow.srcPort(), flow.dstPort());
    return state.routes(flow.src().v6()) == null
        ? Set.of()
        : predictions.uses(state, query, flow.src(), flow.ttl() < 0 ? -1 : flow.tos());
  }

  private VerdictReasons reasons(
      FlowRecord flow, FlowPlace place, @Nullable Observation observation) {
    return new VerdictReasons() {
      @Override
      public @Nullable String chosen() {
        return vipChoice(flow, place);
      }

      @Override
      public Set<String> uses() {
        return RuleUsage.keys(FlowJudge.this.uses(flow, place));
      }

      @Override
      public List<String> absences() {
        return observation == null ? List.of() : predictions.absences(observation);
      }
    };
  }

  private void differs(
      VerdictDraft draft,
      FlowRecord flow,
      AuditedHost host,
      Observation observed,
      FlowPrediction prediction) {
    HostSnapshot state = observed.state();
    Set<String> conditions = new TreeSet<>();
    for (ConditionalSource conditional : prediction.conditional()) {
      boolean refuted = conditional.isForwarded() && draft.origin == Origin.LOCAL;
      if (conditional.source().equals(flow.src()) && !refuted) {
        conditions.add(conditional.condition());
      }
    }
    for (HostSnapshot neighbour : observed.neighbours()) {
      if (neighbour.routes(flow.src().v6()) == null) {
        continue;
      }
      Set<IpAddress> sources = predictions.predict(neighbour, observed.query()).sources();
      if (sources.contains(flow.src())) {
        conditions.add(between(state, neighbour));
      } else if (state.assumed()
          && draft.sourceClass != SourceClass.FOREIGN
          && !sources.equals(prediction.sources())) {
        conditions.add("the change of the VIP did not do to this host what keepalived.conf says");
      }
    }
    String expected = expectation(prediction);
    boolean maybeAnswer = services.maybeAnswer(flow, host, state);
    if (!conditions.isEmpty() && !maybeAnswer) {
      draft.conditions.addAll(conditions);
      draft.decided(
          Verdict.CONDITIONAL,
          Severity.NOTICE,
          expected + "; " + flow.src() + " if " + String.join(" or ", conditions));
      return;
    }
    if (conditions.isEmpty() && changing(flow, host, prediction, observed)) {
      draft.undecided(
          UndecidedCode.FAILOVER,
          expected
              + "; the VIP was changing hands, and before or after that "
              + flow.src()
              + " is the source: the wire does not show which came first");
      return;
    }
    if (maybeAnswer) {
      draft.undecided(
          UndecidedCode.MID_STREAM,
          "it may answer a question that was not captured: UDP does not show who opened it");
      return;
    }
    List<Cause> causes = predictions.causes(observed);
    causes.forEach(cause -> draft.causes.add(CauseText.word(cause)));
    boolean held = state.holds(flow.src()) && !heldByAnother(flow, host);
    Severity severity;
    if (!held) {
      severity = Severity.CRITICAL;
    } else {
      severity = draft.causes.equals(List.of("bind")) ? Severity.INFO : Severity.WARNING;
    }
    draft.decided(
        Verdict.MISMATCH,
        severity,
        expected + ", " + flow.src() + " was used: " + told(flow, causes));
  }

  /**
   * Whether a change of the host's VIPs lies so close to the flow's start that the wire cannot
   * order them, and the state on its other side gives the observed source while this one does not.
   */
  private boolean changing(
      FlowRecord flow, AuditedHost host, FlowPrediction prediction, Observation observed) {
    long beforeNs = flow.startNs() - UNORDERED_NS - 1;
    for (OwnershipTimeline.Change change : timeline.changesOf(host.name()).after(beforeNs)) {
      if (Math.abs(change.tsNs() - flow.startNs()) > UNORDERED_NS) {
        continue;
      }
      boolean after = flow.startNs() >= change.tsNs();
      HostSnapshot other = states.at(host, after ? change.tsNs() - 1 : change.tsNs()).state();
      if (other.routes(flow.src().v6()) == null) {
        continue;
      }
      Set<IpAddress> sources = predictions.predict(other, observed.query()).sources();
      if (sources.contains(flow.src()) && !sources.equals(prediction.sources())) {
        return true;
      }
    }
    return false;
  }

  /** Whether adverts or claims show another host as the holder of the source, a VIP, by then. */
  private boolean heldByAnother(FlowRecord flow, AuditedHost host) {
    Ownership then = timeline.at(flow.vlan(), flow.src(), flow.startNs());
    return index.isVip(flow.vlan(), flow.src())
        && then != null
        && then.heard()
        && then.host() != null
        && !then.host().equals(host.name());
  }

  private static String told(FlowRecord flow, List<Cause> causes) {
    return String.join(
        ", or ",
        causes.stream().map(c -> CauseText.clause(c, flow.src(), FlowJudge::time)).toList());
  }

  private static String expectation(FlowPrediction prediction) {
    if (prediction.sources().isEmpty()) {
      return prediction.error() == null
          ? "no source address is expected"
          : "no packet is expected (" + prediction.error() + ")";
    }
    return String.join(" or ", prediction.sources().stream().map(IpAddress::toString).toList())
        + " is expected ("
        + prediction.mechanism()
        + ")";
  }

  private static String between(HostSnapshot a, HostSnapshot b) {
    long from = Math.min(a.tEndNs(), b.tEndNs());
    long to = Math.max(a.tEndNs(), b.tEndNs());
    if (from == to) {
      return "the state changed some time after " + time(from);
    }
    return "state changed between " + time(from) + " and " + time(to);
  }

  private static String time(long ns) {
    return ns == HostSnapshot.ALWAYS
        ? "an unknown time"
        : Instant.ofEpochSecond(
                Math.floorDiv(ns, 1_000_000_000L), Math.floorMod(ns, 1_000_000_000L))
            .toString();
  }

  private boolean tooOld(HostSnapshot state, long tsNs) {
    return state.tEndNs() != HostSnapshot.ALWAYS
        && Math.abs(tsNs - state.tEndNs()) > options.maxStateAgeNs();
  }

  private SourceClass classOf(FlowRecord flow, AuditedHost host, IpAddress address) {
    if (index.isVip(flow.vlan(), address)) {
      return SourceClass.VIP;
    }
    return index.hostsOfAddress(flow.vlan(), address).contains(host)
        ? SourceClass.PRIMARY
        : SourceClass.FOREIGN;
  }

  /** The TTL that a host gives to its own packets is counted down when it forwards. */
  private static Origin origin(FlowRecord flow, HostSnapshot state, FlowPlace place) {
    if (flow.ttl() < 0 || !place.sentByHost()) {
      return Origin.UNKNOWN;
    }
    boolean v6 = flow.src().v6();
    int own =
        v6
            ? state.sysctls().device(true, "default", "hop_limit", 64)
            : state.sysctls().number("net.ipv4.ip_default_ttl", 64);
    boolean known = !state.sysctls().values().isEmpty();
    if (flow.ttl() == own || known && !state.forwards(v6)) {
      return Origin.LOCAL;
    }
    return known && flow.ttl() < own ? Origin.FORWARDED : Origin.UNKNOWN;
  }

  private static void source(VerdictDraft draft, IpAddress source, HostSnapshot state) {
    Link link = state.owner(source);
    InterfaceAddress address = state.find(source);
    draft.sourceDev = link == null ? null : link.name();
    if (address != null) {
      draft.sourceFlags = words(address.flags());
    }
  }

  private static List<String> words(Set<AddressFlag> flags) {
    if (flags.isEmpty()) {
      return List.of();
    }
    List<String> words = new ArrayList<>();
    for (AddressFlag flag : flags) {
      words.add(flag.name().toLowerCase(Locale.ROOT));
    }
    Collections.sort(words);
    return List.copyOf(words);
  }

  private void ownership(VerdictDraft draft, FlowRecord flow, IpAddress vip) {
    draft.vip = vip;
    @Nullable Ownership ownership = timeline.at(flow.vlan(), vip, flow.startNs());
    if (ownership != null) {
      draft.owner = ownership.host();
      draft.epoch = ownership.epoch();
    }
  }
}
