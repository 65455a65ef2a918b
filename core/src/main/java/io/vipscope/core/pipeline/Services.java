package io.vipscope.core.pipeline;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.verdict.Direction;
import java.util.HashSet;
import java.util.Set;

/**
 * What the capture has shown so far of the hosts' services, to tell an answer whose question was
 * not captured from a flow that the host opened. Only TCP and ICMP say by themselves who opened.
 */
final class Services {

  private static final int MAX_PORTS = 1 << 18;
  private static final int DEFAULT_FIRST_EPHEMERAL = 32_768;

  private record Port(String host, int protocol, int number) {}

  private final Set<Port> asked = new HashSet<>();
  private final Set<String> heardTowards = new HashSet<>();

  /** Learns from a flow at its start or end. */
  void observe(FlowRecord flow, FlowPlace place, HostIndex index) {
    AuditedHost host = place.host();
    if (host == null) {
      return;
    }
    if (place.direction() == Direction.INBOUND && flow.openerSeen()) {
      if (!index.isLocal(flow.vlan(), flow.src())) {
        heardTowards.add(host.name());
      }
      if (flow.opener() == Opener.FIRST_FRAME && hasPorts(flow) && asked.size() < MAX_PORTS) {
        asked.add(new Port(host.name(), flow.protocol(), flow.dstPort()));
      }
    } else if (place.direction() == Direction.OUTBOUND
        && flow.pktsToClient() > 0
        && !index.isLocal(flow.vlan(), flow.dst())) {
      heardTowards.add(host.name());
    }
  }

  private static boolean hasPorts(FlowRecord flow) {
    return flow.srcPort() != 0 || flow.dstPort() != 0;
  }

  /**
   * Whether a flow that seems to be opened by the host may be the answer to a question that the
   * capture lacks: the host's port is known to be asked by others; or it is one that the kernel
   * gives to nobody by itself while the peer's is one that it does; or the capture has shown
   * nothing at all that was sent to this host.
   */
  boolean maybeAnswer(FlowRecord flow, AuditedHost host, HostSnapshot state) {
    if (flow.opener() != Opener.FIRST_FRAME || Protocols.isIcmp(flow.protocol())) {
      return false;
    }
    if (!heardTowards.contains(host.name())) {
      return true;
    }
    if (!hasPorts(flow)) {
      return false;
    }
    if (asked.contains(new Port(host.name(), flow.protocol(), flow.srcPort()))) {
      return true;
    }
    return flow.srcPort() < firstEphemeral(state) && flow.dstPort() >= DEFAULT_FIRST_EPHEMERAL;
  }

  private static int firstEphemeral(HostSnapshot state) {
    String range = state.sysctls().values().get("net.ipv4.ip_local_port_range");
    if (range != null) {
      try {
        return Integer.parseInt(range.strip().split("\\s+")[0]);
      } catch (NumberFormatException _) {
        return DEFAULT_FIRST_EPHEMERAL;
      }
    }
    return DEFAULT_FIRST_EPHEMERAL;
  }
}
