package io.vipscope.tools;

import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say what else than its destination is known of a packet or its socket. */
final class QueryOptions {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(names = "--from", paramLabel = "ADDR", description = "Source that the socket bound.")
  private @Nullable String from;

  @Option(names = "--mark", paramLabel = "M", description = "Firewall mark of the socket.")
  private String mark = "0";

  @Option(names = "--tos", paramLabel = "T", description = "Type of service octet.")
  private String tos = "0";

  @Option(names = "--oif", paramLabel = "DEV", description = "Device that the socket is bound to.")
  private @Nullable String oif;

  @Option(
      names = "--ipproto",
      paramLabel = "P",
      description = "IP protocol; default udp for IPv4, none for IPv6.")
  private @Nullable String protocol;

  @Option(names = "--sport", paramLabel = "N", description = "Source port.")
  private String sport = "0";

  @Option(names = "--dport", paramLabel = "N", description = "Destination port.")
  private String dport = "0";

  @Option(names = "--uid", paramLabel = "U", description = "User of the socket.")
  private String uid = "0";

  /**
   * The query for a destination.
   *
   * @throws ParameterException if the destination or an option is none
   */
  RouteQuery query(String dst) {
    try {
      return QueryReader.query(
          dst,
          from,
          QueryReader.number("--mark", mark, 0xffffffffL),
          QueryReader.number("--tos", tos, 255),
          oif,
          protocol,
          QueryReader.number("--sport", sport, 65535),
          QueryReader.number("--dport", dport, 65535),
          QueryReader.number("--uid", uid, 0xffffffffL),
          0);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /** The same for an address. */
  RouteQuery query(IpAddress dst) {
    return query(dst.toString());
  }

  /** Whether the bound source, if one is given, is of this family. */
  boolean allows(boolean v6) {
    return from == null || from.contains(":") == v6;
  }
}
