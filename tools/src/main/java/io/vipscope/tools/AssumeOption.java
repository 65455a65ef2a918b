package io.vipscope.tools;

import io.vipscope.core.model.snapshot.Assumption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --assume}: what the user knows of the sockets of audited hosts. */
final class AssumeOption {

  /** One assumption about one host. */
  record Assumed(String host, Assumption assumption) {

    /** {@code HOST:mark=VALUE=PROTO/PORT}; uid and tos likewise. */
    static final class Converter implements ITypeConverter<Assumed> {

      private static final String EXPECTED =
          "expected HOST:mark=VALUE=PROTO/PORT, or uid or tos for mark, as in"
              + " lb1:mark=0x1=tcp/443";

      @Override
      public Assumed convert(String text) {
        int colon = text.indexOf(':');
        String[] parts = colon < 1 ? new String[0] : text.substring(colon + 1).split("=", -1);
        if (parts.length != 3) {
          throw new TypeConversionException("'" + text + "': " + EXPECTED);
        }
        try {
          Assumption.Kind kind = Assumption.Kind.valueOf(parts[0].toUpperCase(Locale.ROOT));
          long most = kind == Assumption.Kind.TOS ? 255 : 0xffff_ffffL;
          long value = Long.decode(parts[1]);
          String[] flows = parts[2].split("/", -1);
          if (value < 0 || value > most || flows.length > 2) {
            throw new IllegalArgumentException();
          }
          int port = flows.length == 1 || flows[1].equals("*") ? -1 : Integer.parseInt(flows[1]);
          int protocol =
              flows[0].equals("*")
                  ? Assumption.ANY
                  : QueryReader.protocol(flows[0].toLowerCase(Locale.ROOT));
          if (port > 65_535 || port < -1) {
            throw new IllegalArgumentException();
          }
          return new Assumed(
              text.substring(0, colon), new Assumption(kind, (int) value, protocol, port));
        } catch (IllegalArgumentException _) {
          throw new TypeConversionException("'" + text + "': " + EXPECTED);
        }
      }
    }
  }

  @Option(
      names = "--assume",
      paramLabel = "HOST:WHAT=VALUE=PROTO/PORT",
      converter = Assumed.Converter.class,
      description =
          "Take for a fact that this host's own flows of a protocol to a port carry a mark, belong"
              + " to a uid, or have a tos, as lb1:mark=0x1=tcp/443 or lb1:uid=33=*/*: rules that"
              + " test it then decide, and nothing depends on it as a condition. Repeatable; the"
              + " first that fits a flow counts.")
  private List<Assumed> assumed = new ArrayList<>();

  /** What is known, by host. */
  Map<String, List<Assumption>> byHost() {
    Map<String, List<Assumption>> all = new LinkedHashMap<>();
    for (Assumed one : assumed) {
      all.computeIfAbsent(one.host(), _ -> new ArrayList<>()).add(one.assumption());
    }
    return all;
  }
}
