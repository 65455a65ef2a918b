package io.vipscope.tools;

import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.MirrorTransport;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.AuditOptions;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options about how audited frames lie within captured ones, and what their outside tells. */
final class MirrorMixin {

  /** Which IP layer of a frame a flow is made of. */
  enum Layer {
    OUTER,
    INNER
  }

  /** A transport, and the port of a VXLAN that is not on its own. */
  record Transport(MirrorTransport kind, int port) {

    /** {@code auto}, {@code none}, {@code erspan}, {@code vxlan[:PORT]}, ... */
    static final class Converter implements ITypeConverter<Transport> {

      private static final String EXPECTED =
          "expected auto, none, erspan, vxlan[:PORT], geneve or gre";

      @Override
      public Transport convert(String value) {
        int colon = value.indexOf(':');
        String name = colon < 0 ? value : value.substring(0, colon);
        int port = colon < 0 ? 0 : port(value.substring(colon + 1));
        for (MirrorTransport kind : MirrorTransport.values()) {
          if (kind.toString().equals(name.toLowerCase(Locale.ROOT))) {
            if (colon >= 0 && kind != MirrorTransport.VXLAN) {
              break;
            }
            return new Transport(kind, port);
          }
        }
        throw new TypeConversionException("'" + value + "': " + EXPECTED);
      }

      private static int port(String text) {
        try {
          int port = Integer.parseInt(text);
          if (port > 0 && port < 1 << 16) {
            return port;
          }
        } catch (NumberFormatException _) {
          // told below
        }
        throw new TypeConversionException("'" + text + "' is no port: " + EXPECTED);
      }
    }
  }

  @Option(
      names = "--mirror",
      paramLabel = "TRANSPORT",
      converter = Transport.Converter.class,
      description =
          "What carries mirrored frames to the sensor and is taken off first: erspan, vxlan[:PORT],"
              + " geneve, gre, none, or auto: ERSPAN always, the others where they are addressed to"
              + " the sensor itself. Default: auto.")
  private Transport transport = new Transport(MirrorTransport.AUTO, 0);

  @Option(
      names = "--layer",
      paramLabel = "WHICH",
      description =
          "The IP layer of a mirrored frame that flows are made of: outer, or inner, the one within"
              + " all tunnels. Default: outer.")
  private Layer layer = Layer.OUTER;

  @Option(names = "--no-vlan-key", description = "Leave the VLAN id out of a flow's key.")
  private boolean noVlanKey;

  @Option(names = "--no-l2", description = "MACs do not name hosts: the mirror is routed.")
  private boolean noL2;

  /**
   * What was asked for.
   *
   * @param interfaces that are captured live; none for files
   */
  MirrorOptions options(List<String> interfaces) {
    return new MirrorOptions(
        transport.kind(), transport.port(), addresses(interfaces), layer == Layer.INNER);
  }

  /** Whether the outermost VLAN id is part of a flow's key. */
  boolean segments() {
    return !noVlanKey;
  }

  /** Whether MACs name hosts. */
  boolean useMacs() {
    return !noL2;
  }

  /** Of an audit of everything with the given options and defaults else. */
  AuditOptions auditOptions() {
    return new AuditOptions(useMacs(), segments(), /* everything= */ true, Long.MAX_VALUE);
  }

  /** The options that differ from the defaults, with their values. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    if (transport.kind() != MirrorTransport.AUTO) {
      String port = transport.port() == 0 ? "" : ":" + transport.port();
      words.addAll(List.of("--mirror", transport.kind() + port));
    }
    if (layer == Layer.INNER) {
      words.addAll(List.of("--layer", "inner"));
    }
    if (noVlanKey) {
      words.add("--no-vlan-key");
    }
    if (noL2) {
      words.add("--no-l2");
    }
    return words;
  }

  private static Set<IpAddress> addresses(List<String> interfaces) {
    Set<IpAddress> all = new LinkedHashSet<>();
    for (String name : interfaces) {
      @Nullable NetworkInterface one;
      try {
        one = NetworkInterface.getByName(name);
      } catch (SocketException _) {
        one = null; // opening it says why
      }
      if (one != null) {
        for (InetAddress address : Collections.list(one.getInetAddresses())) {
          String text = address.getHostAddress();
          int zone = text.indexOf('%');
          all.add(IpAddress.parse(zone < 0 ? text : text.substring(0, zone)));
        }
      }
    }
    return all;
  }
}
