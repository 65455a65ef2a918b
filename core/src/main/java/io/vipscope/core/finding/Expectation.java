package io.vipscope.core.finding;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.SourceClass;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants the source of some outbound flows to be. An empty list means any.
 *
 * @param number its place in the file, from 1
 * @param protocol as in records; null = any
 * @param must what the source must be
 */
public record Expectation(
    int number,
    List<String> hosts,
    List<IpPrefix> destinations,
    List<PortRange> ports,
    @Nullable String protocol,
    Must must) {

  /** Ports, both ends included. */
  public record PortRange(int from, int to) {
    boolean contains(int port) {
      return from <= port && port <= to;
    }
  }

  /** What a source must be. */
  public sealed interface Must {
    /** An address of the host that is no VIP, or a VIP. */
    record Be(SourceClass sourceClass) implements Must {}

    /** This very address. */
    record BeAddress(IpAddress address) implements Must {}
  }

  public Expectation {
    hosts = List.copyOf(hosts);
    destinations = List.copyOf(destinations);
    ports = List.copyOf(ports);
  }

  /** The same of these hosts. */
  public Expectation of(List<String> names) {
    return new Expectation(number, names, destinations, ports, protocol, must);
  }

  /** Whether it speaks of this flow. */
  boolean isAbout(FlowRecord f, FlowVerdict v) {
    return (hosts.isEmpty() || v.host() != null && hosts.contains(v.host()))
        && (destinations.isEmpty() || destinations.stream().anyMatch(d -> d.contains(f.dst())))
        && (ports.isEmpty()
            || !Protocols.isIcmp(f.protocol())
                && ports.stream().anyMatch(p -> p.contains(f.dstPort())))
        && (protocol == null || protocol.equals(Protocols.name(f.protocol())));
  }

  /** Whether the flow's source is what it must be. An address of the other family cannot be it. */
  boolean isMet(FlowRecord f, FlowVerdict v) {
    return switch (must) {
      case Must.Be(SourceClass sourceClass) -> v.sourceClass() == sourceClass;
      case Must.BeAddress(IpAddress address) ->
          f.src().equals(address) || f.src().v6() != address.v6();
    };
  }

  /** What it wants, in a word. */
  String wanted() {
    return switch (must) {
      case Must.Be(SourceClass sourceClass) -> "a " + sourceClass + " address";
      case Must.BeAddress(IpAddress address) -> address.toString();
    };
  }
}
