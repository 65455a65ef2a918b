package io.vipscope.tools;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import io.vipscope.core.verdict.FlowVerdict;
import org.jspecify.annotations.Nullable;

/**
 * A mismatch that is meant to be: one line of {@code --baseline} and {@code --learn}. What is null
 * may be anything.
 *
 * @param protocol as in records
 * @param cause one of the mismatch's causes
 */
record Deviation(
    @Nullable String host,
    @Nullable IpAddress source,
    @Nullable String protocol,
    @Nullable IpPrefix destination,
    @Nullable Integer port,
    @Nullable String cause) {

  /** What a mismatch deviates in, exactly; ICMP has no port. */
  static Deviation of(FlowRecord f, FlowVerdict v) {
    return new Deviation(
        v.host(),
        f.src(),
        Protocols.name(f.protocol()),
        IpPrefix.host(f.dst()),
        Protocols.isIcmp(f.protocol()) ? null : f.dstPort(),
        v.causes().isEmpty() ? null : v.causes().getFirst());
  }

  /** The same of one host. */
  Deviation of(String one) {
    return new Deviation(one, source, protocol, destination, port, cause);
  }

  boolean covers(FlowRecord f, FlowVerdict v) {
    return (host == null || host.equals(v.host()))
        && (source == null || source.equals(f.src()))
        && (protocol == null || protocol.equals(Protocols.name(f.protocol())))
        && (destination == null || destination.contains(f.dst()))
        && (port == null || port == f.dstPort())
        && (cause == null || v.causes().contains(cause));
  }

  String json() {
    return new JsonText()
        .open()
        .put("host", host)
        .put("source", source)
        .put("protocol", protocol)
        .put("destination", destination)
        .put("port", port)
        .put("cause", cause)
        .put("comment", "")
        .close()
        .take();
  }
}
