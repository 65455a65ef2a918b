package io.vipscope.core.finding;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.HostDirectory;
import io.vipscope.core.verdict.Severity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code reply-source-mismatch}: a client asked a VIP, and its question was answered from another
 * address of the pair, to the same client and ports within five seconds; three times, or to two
 * clients. It is what a wildcard UDP socket without {@code IP_PKTINFO} does. TCP and ICMP cannot.
 */
final class ReplyWatch {

  private static final long WITHIN_NS = 5_000_000_000L;
  private static final long QUIET_NS = 60_000_000_000L;
  private static final int ENOUGH = 3;
  private static final int ENOUGH_CLIENTS = 2;
  private static final int MAX_QUESTIONS = 50_000;

  private record Question(IpAddress client, int clientPort, IpAddress vip, int port, int protocol) {
    // Written out as in IpAddress: every flow of a VIP asks.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Question q
          && clientPort == q.clientPort
          && port == q.port
          && protocol == q.protocol
          && client.equals(q.client)
          && vip.equals(q.vip);
    }

    @Override
    public int hashCode() {
      return ((client.hashCode() * 31 + clientPort) * 31 + vip.hashCode()) * 31 + port;
    }
  }

  private record Service(
      int segment,
      @Nullable String host,
      IpAddress vip,
      IpAddress answered,
      int port,
      int protocol) {
    @Override
    public String toString() {
      return vip
          + " "
          + Protocols.name(protocol)
          + "-"
          + port
          + " "
          + answered
          + (segment < 0 ? "" : " vlan-" + segment);
    }
  }

  /** Answers that are not enough yet. */
  private static final class Answers {
    final List<FlowRecord> flows = new ArrayList<>();
    final Set<IpAddress> clients = new HashSet<>();
  }

  private final HostDirectory hosts;
  private final FindingLog log;
  private final Map<Service, Answers> answers = new LinkedHashMap<>();
  private final Map<Question, Long> questions =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Long> eldest) {
          return size() > MAX_QUESTIONS;
        }
      };

  ReplyWatch(HostDirectory hosts, FindingLog log) {
    this.hosts = hosts;
    this.log = log;
  }

  /**
   * A flow began.
   *
   * @param host the audited host concerned
   */
  void opened(FlowRecord f, @Nullable String host) {
    if (f.opener() == Opener.FIRST_FRAME && hosts.isVip(f.vlan(), f.dst())) {
      questions.put(
          new Question(f.src(), f.srcPort(), f.dst(), f.dstPort(), f.protocol()), f.startNs());
    }
    IpAddress asked = f.asked();
    if (f.opener() != Opener.LISTENER || asked == null || !hosts.isVip(f.vlan(), asked)) {
      return;
    }
    Long askedNs =
        questions.get(new Question(f.src(), f.srcPort(), asked, f.dstPort(), f.protocol()));
    if (askedNs != null && f.startNs() - askedNs <= WITHIN_NS) {
      answered(new Service(f.vlan(), host, asked, f.dst(), f.dstPort(), f.protocol()), f);
    }
  }

  /** A frame to a VIP: the question is asked again. */
  void used(VipFrame f) {
    if (f.protocol() != Protocols.TCP && hosts.isVip(f.vlan(), f.dst())) {
      questions.computeIfPresent(
          new Question(f.src(), f.srcPort(), f.dst(), f.dstPort(), f.protocol()),
          (_, _) -> f.tsNs());
    }
  }

  private void answered(Service service, FlowRecord f) {
    if (answers.size() >= MAX_QUESTIONS && !answers.containsKey(service)) {
      return;
    }
    Answers so = answers.computeIfAbsent(service, _ -> new Answers());
    so.clients.add(f.src());
    so.flows.add(f);
    boolean open = log.isOpen(FindingKind.REPLY_SOURCE_MISMATCH, service.toString());
    if (!open && so.flows.size() < ENOUGH && so.clients.size() < ENOUGH_CLIENTS) {
      return;
    }
    FlowRecord first = so.flows.getFirst();
    for (FlowRecord flow : so.flows) {
      log.see(sighting(service, flow, first), f.startNs());
    }
    so.flows.clear();
  }

  private static Sighting sighting(Service s, FlowRecord f, FlowRecord first) {
    String port = s.port() + "/" + Protocols.name(s.protocol()).toLowerCase(java.util.Locale.ROOT);
    Sighting sighting =
        new Sighting(
            FindingKind.REPLY_SOURCE_MISMATCH,
            s.toString(),
            Severity.WARNING,
            s.host(),
            s.vip(),
            first.startNs(),
            f.startNs(),
            f.flowId(),
            f.flowId(),
            "asked at "
                + s.vip()
                + " "
                + port
                + ", "
                + (s.host() == null ? "the pair" : s.host())
                + " answers from "
                + s.answered()
                + ": clients that check the source drop the answer",
            List.of(
                (s.host() == null ? "on the holder of " + s.vip() + ": " : "ssh " + s.host() + " ")
                    + "ss -lunp sport = :"
                    + s.port()
                    + "  # bind it to "
                    + s.vip()
                    + ", or have it answer by "
                    + (s.vip().v6() ? "IPV6_PKTINFO" : "IP_PKTINFO")));
    return sighting.in(s.segment());
  }

  void advance(long nowNs) {
    log.quiet(FindingKind.REPLY_SOURCE_MISMATCH, QUIET_NS, nowNs);
  }
}
