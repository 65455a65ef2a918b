package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A run of this program that shows a page; closing it ends the run, as a test's end would. */
record Page(String url, Thread run) implements AutoCloseable {

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Pattern ADDRESS = Pattern.compile("page at (\\S+)");

  /** Starts a command that shows a page at a free port, and waits until it says where. */
  static Page open(String... args) throws InterruptedException {
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--serve", "0"));
    Thread run =
        Thread.ofPlatform()
            .daemon()
            .start(() ->
                Main.run(
                    all.toArray(String[]::new),
                    new PrintWriter(new StringWriter(), true),
                    new PrintWriter(err, true)));
    for (int i = 0; i < 600 && (run.isAlive() || i == 0); i++) {
      Matcher address = ADDRESS.matcher(err.toString());
      if (address.find()) {
        return new Page(address.group(1), run);
      }
      Thread.sleep(50);
    }
    return fail("no page: " + err);
  }

  /** Asks; headers as name, value, name, value. */
  HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Asks for a page's head; its status, and what its length would be. */
  String head(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(url + path)).HEAD().build(),
            HttpResponse.BodyHandlers.ofString());
    return answer.statusCode()
        + " "
        + answer.headers().firstValue("Content-Length").orElse("")
        + answer.body();
  }

  JsonNode json(String path) throws IOException, InterruptedException {
    return JsonMapper.shared().readTree(get(path).body());
  }

  /** Waits until the audit behind it is over. */
  void awaitEnd() throws IOException, InterruptedException {
    for (int i = 0; i < 600 && json("api/overview").get("running").asBoolean(); i++) {
      Thread.sleep(50);
    }
  }

  @Override
  public void close() {
    run.interrupt();
  }
}
