package io.vipscope.tools;

import io.vipscope.tools.export.Anonymizer;
import io.vipscope.tools.export.HostPort;
import io.vipscope.tools.export.IpfixOutput;
import io.vipscope.tools.export.Output;
import io.vipscope.tools.export.SyslogOutput;
import io.vipscope.tools.export.WebhookOutput;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options of an audit that name where its results go beside records and summary. */
final class OutputOptions {

  /** RFC 5612 keeps this private enterprise number for examples. */
  private static final long EXAMPLE_PEN = 32_473;

  private static final long MAX_PEN = 0xffff_ffffL;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "Write a report for a ticket into this folder: report.html (one file, pictures within),"
              + " report.md, report.json.")
  private @Nullable Path report;

  @Mixin private ServeOptions serve = new ServeOptions();

  @Option(
      names = "--plain",
      description =
          "A live audit on a terminal prints a line per event instead of filling the screen.")
  private boolean plain;

  @Option(
      names = "--syslog",
      paramLabel = "[tcp://]HOST:PORT",
      description =
          "Send owners, failovers, findings and unaccepted mismatches as syslog (RFC 5424), by UDP"
              + " or TCP.")
  private @Nullable String syslog;

  @Option(
      names = "--webhook",
      paramLabel = "URL",
      description =
          "Post findings, resolved ones too, as Alertmanager takes them:"
              + " http://HOST:9093/api/v2/alerts.")
  private @Nullable URI webhook;

  @Option(
      names = "--ipfix",
      paramLabel = "HOST:PORT",
      converter = HostPortConverter.class,
      description = "Send flow records as IPFIX (RFC 7011) by UDP.")
  private @Nullable HostPort ipfix;

  @Option(
      names = "--pen",
      paramLabel = "N",
      description =
          "Private enterprise number of vipscope's own elements in IPFIX and syslog. Default:"
              + " 32473, which is for examples.")
  private long pen = EXAMPLE_PEN;

  @Option(
      names = "--anonymize",
      paramLabel = "KEYFILE",
      description =
          "Replace addresses in all results by pseudonyms that keep prefixes (Crypto-PAn). The key"
              + " is made if the file is not there. Names, ports and times stay.")
  private @Nullable Path anonymize;

  /** Reads a receiver. */
  static final class HostPortConverter implements ITypeConverter<HostPort> {
    @Override
    public HostPort convert(String text) {
      try {
        return HostPort.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Finds usage errors. */
  void check() {
    serve.check();
    if (syslog != null) {
      syslogReceiver(syslog);
    }
    if (webhook != null
        && (webhook.getHost() == null || !List.of("http", "https").contains(scheme(webhook)))) {
      throw usage("--webhook expects http://HOST[:PORT]/PATH, found '" + webhook + "'");
    }
    if (pen < 1 || pen > MAX_PEN) {
      throw usage("--pen expects 1 to " + MAX_PEN);
    }
  }

  private static String scheme(URI url) {
    return String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private HostPort syslogReceiver(String text) {
    try {
      return HostPort.parse(text.replaceFirst("^(tcp|udp)://", ""));
    } catch (IllegalArgumentException e) {
      throw usage("--syslog: " + e.getMessage());
    }
  }

  /** Whether addresses become pseudonyms. */
  boolean anonymizes() {
    return anonymize != null;
  }

  /**
   * Opens what was asked for.
   *
   * @param text whether people read standard output: no records go there
   * @param quiet no line per event
   */
  Outputs open(OutputContext context, boolean text, boolean quiet) {
    Anonymizer names = anonymize == null ? null : new Anonymizer(AnonymizeKey.of(anonymize));
    if (syslog != null) {
      syslogReceiver(syslog).check();
    }
    if (ipfix != null) {
      ipfix.check();
    }
    if (webhook != null) {
      new HostPort(webhook.getHost(), webhook.getPort() < 0 ? 80 : webhook.getPort()).check();
    }
    Outputs outputs =
        new Outputs(context, names, report, serve, text && !plain && Outputs.onTerminal());
    List<Output> more = new ArrayList<>();
    if (syslog != null) {
      more.add(
          new SyslogOutput(
              syslogReceiver(syslog), syslog.startsWith("tcp://"), context.sensor(), pen));
    }
    if (webhook != null) {
      more.add(new WebhookOutput(webhook, context.sensor(), outputs.pageUrl()));
    }
    if (ipfix != null) {
      more.add(new IpfixOutput(ipfix, context.segments(), pen));
    }
    outputs.also(more);
    if (text && !quiet && context.live() && !outputs.onScreen()) {
      outputs.alsoTell(new EventLines(context.out()));
    }
    return outputs;
  }
}
