package io.vipscope.tools.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.core.finding.Finding;
import io.vipscope.tools.Timestamp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Findings to Alertmanager's {@code /api/v2/alerts}, or to whoever takes its payload. Open ones are
 * told again every minute, else Alertmanager would think them over; a resolved one has an end. A
 * receiver that fails is tried again, later each time.
 */
public final class WebhookOutput implements Output {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int CAPACITY = 1_000;
  private static final int MAX_OPEN = 2_000;
  private static final long FIRST_WAIT_MS = 500;
  private static final long LONGEST_WAIT_MS = 30_000;
  private static final long AGAIN_NS = 60_000_000_000L;
  private static final long PATIENCE_MS = 5_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /**
   * What is told of a finding.
   *
   * @param endNs when it ended; {@link Finding#NO_TIME}: it has not
   */
  private record Told(Finding finding, long endNs) {}

  private final URI url;
  private final String sensor;
  private final @Nullable String page;
  private final HttpClient client;
  private final SinkQueue<Finding> queue;
  private final Map<String, Finding> open = new LinkedHashMap<>();
  private long toldNs = System.nanoTime();
  private volatile boolean closing;

  /**
   * Starts to send.
   *
   * @param page the page of this audit, for {@code generatorURL}; null without one
   */
  public WebhookOutput(URI url, String sensor, @Nullable String page) {
    this.url = url;
    this.sensor = sensor;
    this.page = page;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    queue =
        new SinkQueue<>(
            "webhook",
            CAPACITY,
            new SinkQueue.Receiver<>() {
              @Override
              public void send(Finding finding) throws InterruptedException {
                take(finding);
              }

              @Override
              public void idle() throws InterruptedException {
                tellAgain();
              }
            });
  }

  @Override
  public String name() {
    return "webhook";
  }

  @Override
  public long drops() {
    return queue.drops();
  }

  @Override
  public String reason() {
    return queue.reason();
  }

  @Override
  public void finding(Finding finding) {
    queue.offer(finding);
  }

  private void take(Finding finding) throws InterruptedException {
    boolean over = finding.status() == Finding.Status.RESOLVED;
    Finding before = open.get(finding.id());
    if (over) {
      open.remove(finding.id());
    } else if (before != null || open.size() < MAX_OPEN) {
      open.put(finding.id(), finding);
    }
    List<Told> told = new ArrayList<>();
    if (before != null && before.severity() != finding.severity()) {
      told.add(new Told(before, finding.atNs())); // labels make an alert: this one ends
    }
    told.add(new Told(finding, over ? endNs(finding) : Finding.NO_TIME));
    if (!post(told)) {
      queue.lost(1);
    }
  }

  private static long endNs(Finding f) {
    return f.endNs() == Finding.NO_TIME ? f.atNs() : f.endNs();
  }

  private void tellAgain() throws InterruptedException {
    if (!open.isEmpty() && !closing && System.nanoTime() - toldNs > AGAIN_NS) {
      post(open.values().stream().map(f -> new Told(f, Finding.NO_TIME)).toList());
    }
  }

  /** True if the receiver took it; tries until the run ends. */
  private boolean post(List<Told> findings) throws InterruptedException {
    toldNs = System.nanoTime();
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(payload(findings), UTF_8))
            .build();
    long waitMs = FIRST_WAIT_MS;
    while (true) {
      try {
        int code = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (code / 100 == 2) {
          return true;
        }
        queue.failed(url + ": answers with status " + code);
        if (code / 100 == 4 && code != 408 && code != 429) {
          return false; // it will not take it later either
        }
      } catch (IOException e) {
        queue.failed(url + ": " + OutputReason.of(e)); // not there now
      }
      Thread.sleep(waitMs);
      waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs);
    }
  }

  private String payload(List<Told> findings) {
    ArrayNode alerts = MAPPER.createArrayNode();
    for (Told one : findings) {
      Finding f = one.finding();
      ObjectNode alert = alerts.addObject();
      ObjectNode labels = alert.putObject("labels");
      labels.put("alertname", "Vipscope_" + f.kind().toString().replace('-', '_'));
      labels.put("finding_id", f.id()).put("kind", f.kind().toString());
      labels.put("severity", f.severity().toString()).put("sensor", sensor);
      if (f.host() != null) {
        labels.put("host", f.host());
      }
      if (f.vip() != null) {
        labels.put("vip", f.vip().toString());
      }
      ObjectNode annotations = alert.putObject("annotations");
      annotations.put("summary", f.text()).put("next", String.join("\n", f.next()));
      annotations.put("count", Long.toString(f.count()));
      alert.put("startsAt", rfc3339(f.startNs()));
      if (one.endNs() != Finding.NO_TIME) {
        alert.put("endsAt", rfc3339(one.endNs()));
      }
      if (page != null) {
        alert.put("generatorURL", page);
      }
    }
    return MAPPER.writeValueAsString(alerts);
  }

  private static String rfc3339(long ns) {
    return Timestamp.of(ns).substring(0, 29) + "Z";
  }

  @Override
  public void close() {
    closing = true;
    queue.close(PATIENCE_MS);
    client.shutdownNow();
  }
}
