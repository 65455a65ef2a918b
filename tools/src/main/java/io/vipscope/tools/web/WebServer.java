package io.vipscope.tools.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.vipscope.capture.CaptureException;
import io.vipscope.tools.picture.Stylesheet;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The page's server: a thread of its own for every request; the audit never waits for one. */
public final class WebServer implements AutoCloseable {

  private static final int MAX_STREAMS = 64;
  private static final String HTML = "text/html; charset=utf-8";
  private static final String JSON = "application/json; charset=utf-8";

  /** What does not change, by path. */
  private record Asset(String type, String body) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Access access;
  private final PageSource source;
  private final PageJson json;
  private final ChangeStream changes;
  private final Semaphore streams = new Semaphore(MAX_STREAMS);
  private final Map<String, Asset> assets = new HashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final String url;

  /**
   * Starts to listen.
   *
   * @param token who does not show it is refused; null: none
   * @param tls what it proves itself with, and speaks TLS alone; null: plain HTTP
   * @throws CaptureException if the address cannot be used
   */
  public WebServer(
      ListenAddress listen, @Nullable String token, @Nullable SSLContext tls, PageSource source) {
    // Else a small answer waits for the client's delayed acknowledgement, some 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    this.source = source;
    access = new Access(token, tls != null);
    json = new PageJson(source);
    changes = new ChangeStream(source);
    asset("/", "index.html", HTML);
    asset("/app.js", "app.js", "text/javascript; charset=utf-8");
    asset("/app.css", "app.css", "text/css; charset=utf-8");
    assets.put("/style.css", new Asset("text/css; charset=utf-8", Stylesheet.css()));
    try {
      server = server(listen, tls);
    } catch (IOException e) {
      throw new CaptureException(
          "--serve "
              + listen.address()
              + ":"
              + listen.port()
              + ": cannot be listened on: "
              + e.getMessage(),
          e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    String host =
        listen.address().v6() ? "[" + listen.address() + "]" : listen.address().toString();
    url = (tls == null ? "http://" : "https://") + host + ":" + server.getAddress().getPort() + "/";
  }

  private static HttpServer server(ListenAddress listen, @Nullable SSLContext tls)
      throws IOException {
    if (tls == null) {
      return HttpServer.create(listen.socketAddress(), 0);
    }
    HttpsServer server = HttpsServer.create(listen.socketAddress(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return server;
  }

  private void asset(String path, String name, String type) {
    try (InputStream in = WebServer.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in the program");
      }
      assets.put(path, new Asset(type, new String(in.readAllBytes(), UTF_8)));
    } catch (IOException e) {
      throw new IllegalStateException(name + " is missing in the program", e);
    }
  }

  /** The page's address. */
  public String url() {
    return url;
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET") && !isHead(exchange)) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        text(exchange, 405, "GET and HEAD alone are answered\n");
        return;
      }
      String path = exchange.getRequestURI().getPath();
      String cookie = access.cookie(exchange);
      if (cookie != null) {
        exchange.getResponseHeaders().set("Set-Cookie", cookie);
        exchange.getResponseHeaders().set("Location", "/");
        text(exchange, 303, "");
      } else if (!access.allows(exchange)) {
        text(exchange, 403, "Not allowed: show the token (?token=...), or ask as 127.0.0.1\n");
      } else {
        answer(exchange, path);
      }
    } catch (IOException _) {
      // the reader went away
    }
  }

  private void answer(HttpExchange exchange, String path) throws IOException {
    Query query = Query.of(exchange.getRequestURI());
    switch (path) {
      case "/api/overview" -> body(exchange, 200, JSON, json.overview());
      case "/api/flows" -> body(exchange, 200, JSON, json.flows(query));
      case "/api/coverage" -> body(exchange, 200, JSON, json.coverage(query));
      case "/api/health" -> body(exchange, 200, JSON, json.health());
      case "/api/flow" -> {
        byte[] flow = json.flow(query);
        if (flow == null) {
          text(exchange, 404, "No such flow, or no longer kept\n");
        } else {
          body(exchange, 200, JSON, flow);
        }
      }
      case "/events" -> events(exchange);
      case "/metrics" -> {
        String text = source.metrics();
        if (text == null) {
          text(exchange, 404, "Records have no numbers of a running audit\n");
        } else {
          body(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text.getBytes(UTF_8));
        }
      }
      default -> {
        Asset asset = assets.get(path);
        if (asset == null) {
          text(exchange, 404, "Not found\n");
        } else {
          body(exchange, 200, asset.type(), asset.body().getBytes(UTF_8));
        }
      }
    }
  }

  private static boolean isHead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD");
  }

  private void events(HttpExchange exchange) throws IOException {
    if (isHead(exchange)) {
      head(exchange, "text/event-stream");
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    if (!streams.tryAcquire()) {
      text(exchange, 503, "Too many pages are open\n");
      return;
    }
    try {
      head(exchange, "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        changes.write(out);
      }
    } finally {
      streams.release();
    }
  }

  private static void text(HttpExchange exchange, int code, String text) throws IOException {
    body(exchange, code, "text/plain; charset=utf-8", text.getBytes(UTF_8));
  }

  private static void head(HttpExchange exchange, String type) {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src"
            + " 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  }

  private static void body(HttpExchange exchange, int code, String type, byte[] bytes)
      throws IOException {
    head(exchange, type);
    if (isHead(exchange)) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
      exchange.sendResponseHeaders(code, -1);
      return;
    }
    exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    }
  }

  /** Waits until it is closed. */
  public void awaitClose() throws InterruptedException {
    closed.await();
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
