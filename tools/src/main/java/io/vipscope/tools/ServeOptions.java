package io.vipscope.tools;

import io.vipscope.tools.web.ListenAddress;
import io.vipscope.tools.web.PageSource;
import io.vipscope.tools.web.TlsIdentity;
import io.vipscope.tools.web.WebServer;
import java.io.PrintWriter;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options of the page. */
final class ServeOptions {

  /** Where the token may stand, too: what is on a command line every user of the machine sees. */
  static final String TOKEN_VARIABLE = "VIPSCOPE_TOKEN";

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--serve",
      paramLabel = "[ADDR:]PORT",
      converter = Converter.class,
      description =
          "Show the audit on a web page here, and its numbers for Prometheus at /metrics. Without"
              + " ADDR 127.0.0.1; another address needs TLS or a token. Port 0: any free one.")
  private @Nullable ListenAddress listen;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "Who wants to see the page must show it: once as ?token=TOKEN, or as bearer token. Also"
              + " from the environment: VIPSCOPE_TOKEN.")
  private @Nullable String token;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "Show the page over TLS with this certificate, PEM; those that lead to its authority"
              + " after it.")
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key (RSA or EC): PEM, PKCS#8, without a password.")
  private @Nullable Path key;

  /** Reads an address. */
  static final class Converter implements ITypeConverter<ListenAddress> {
    @Override
    public ListenAddress convert(String text) {
      try {
        return ListenAddress.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  boolean wanted() {
    return listen != null;
  }

  /** Usage errors are found before anything is opened. */
  void check() {
    if ((certificate == null) != (key == null)) {
      throw usage("--tls-cert and --tls-key expect each other");
    }
    if (listen != null && !listen.loopback() && token() == null && certificate == null) {
      throw usage(
          "--serve on "
              + listen.address()
              + " needs a token or TLS: other machines could read every flow (--token, or "
              + TOKEN_VARIABLE
              + "; --tls-cert and --tls-key)");
    }
    if (listen == null && (token != null || certificate != null)) {
      throw usage((token != null ? "--token" : "--tls-cert") + " expects --serve");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private @Nullable String token() {
    String text = token == null ? System.getenv(TOKEN_VARIABLE) : token;
    return text == null || text.isEmpty() ? null : text;
  }

  /**
   * Starts the page's server, and says where it is; null if none was asked for.
   *
   * @throws io.vipscope.capture.CaptureException if certificate, key or address cannot be used
   */
  @Nullable WebServer start(PageSource source, PrintWriter err) {
    return listen == null ? null : start(listen, source, err);
  }

  /** The same at this address where none was given. */
  WebServer start(ListenAddress otherwise, PageSource source, PrintWriter err) {
    ListenAddress at = listen == null ? otherwise : listen;
    SSLContext tls = certificate == null || key == null ? null : TlsIdentity.read(certificate, key);
    WebServer server = new WebServer(at, token(), tls, source);
    err.println("vipscope: page at " + server.url() + (token() == null ? "" : " (with the token)"));
    if (token() == null && !at.loopback()) {
      err.println("vipscope: warning: no --token: whoever reaches this address can read the page");
    }
    err.flush();
    return server;
  }
}
