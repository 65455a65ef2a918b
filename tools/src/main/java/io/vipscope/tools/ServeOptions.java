package io.vipscope.tools;

import io.vipscope.tools.web.ListenAddress;
import io.vipscope.tools.web.PageSource;
import io.vipscope.tools.web.WebServer;
import java.io.PrintWriter;
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
              + " ADDR 127.0.0.1; another address needs a token. Port 0: any free one.")
  private @Nullable ListenAddress listen;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "Who wants to see the page must show it: once as ?token=TOKEN, or as bearer token. Also"
              + " from the environment: VIPSCOPE_TOKEN.")
  private @Nullable String token;

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
    if (listen != null && !listen.loopback() && token() == null) {
      throw new ParameterException(
          spec.commandLine(),
          "--serve on "
              + listen.address()
              + " needs a token: other machines could read every flow (--token, or "
              + TOKEN_VARIABLE
              + ")");
    }
    if (token != null && listen == null) {
      throw new ParameterException(spec.commandLine(), "--token expects --serve");
    }
  }

  private @Nullable String token() {
    String text = token == null ? System.getenv(TOKEN_VARIABLE) : token;
    return text == null || text.isEmpty() ? null : text;
  }

  /** Starts the page's server, and says where it is; null if none was asked for. */
  @Nullable WebServer start(PageSource source, PrintWriter err) {
    return listen == null ? null : start(listen, source, err);
  }

  /** The same at this address where none was given. */
  WebServer start(ListenAddress otherwise, PageSource source, PrintWriter err) {
    WebServer server = new WebServer(listen == null ? otherwise : listen, token(), source);
    err.println("vipscope: page at " + server.url() + (token() == null ? "" : " (with the token)"));
    err.flush();
    return server;
  }
}
