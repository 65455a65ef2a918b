package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.host.RemoteCollector;
import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Snapshots of other hosts, by ssh, ten at a time. */
final class RemoteSnapshots {

  private static final int AT_A_TIME = 10;

  /**
   * A host to ask.
   *
   * @param destination as ssh knows it
   * @param folder of its snapshots, each in a subfolder named by the time
   */
  record Target(String host, String destination, Path folder) {}

  private final List<String> ssh;
  private final String keepalived;
  private final PrintWriter out;
  private final PrintWriter err;
  private final List<String> failed = new ArrayList<>();

  /**
   * @param command ssh and its options, separated by blanks
   * @param keepalived keepalived's configuration on the hosts
   */
  RemoteSnapshots(String command, String keepalived, PrintWriter out, PrintWriter err) {
    List<String> words = new ArrayList<>(List.of(command.strip().split("\\s+")));
    // Nobody is there to answer questions, and a host that does not answer must not stop the rest.
    words.addAll(List.of("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"));
    this.ssh = words;
    this.keepalived = keepalived;
    this.out = out;
    this.err = err;
  }

  /** {@code [NAME=]DESTINATION}: the name is else the destination's without user. */
  static Target target(String text, Path above) {
    int equals = text.indexOf('=');
    String destination = text.substring(equals + 1);
    String host =
        equals > 0
            ? text.substring(0, equals)
            : destination
                .substring(destination.lastIndexOf('@') + 1)
                .replaceFirst("^ssh://", "")
                .replaceFirst(":\\d+$", "");
    if (host.isEmpty() || host.contains("/") || destination.isEmpty() || host.startsWith(".")) {
      throw new IllegalArgumentException(
          "'" + text + "': expected [NAME=]DESTINATION, as root@lb1 or lb1=root@192.0.2.1");
    }
    return new Target(host, destination, above.resolve(host));
  }

  /** Asks all; returns whether every one answered. */
  boolean collect(List<Target> targets) throws InterruptedException {
    Semaphore free = new Semaphore(AT_A_TIME);
    List<Thread> threads = new ArrayList<>();
    for (Target target : targets) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  free.acquire();
                  try {
                    collect(target);
                  } finally {
                    free.release();
                  }
                } catch (CaptureException e) {
                  fail(target, String.valueOf(e.getMessage()));
                } catch (InterruptedException _) {
                  fail(target, "interrupted");
                } catch (RuntimeException e) {
                  fail(target, "internal error: " + e);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return failed.isEmpty();
  }

  private synchronized void fail(Target target, String sentence) {
    failed.add(target.host());
    err.println("vipscope: " + target.host() + ": " + sentence);
    err.flush();
  }

  private synchronized void warn(Target target, String sentence) {
    err.println("vipscope: warning: " + target.host() + ": " + sentence);
  }

  private void collect(Target target) throws InterruptedException {
    SnapshotFolder.checkNone(target.folder(), "");
    Path place = SnapshotFolder.ofNow(target.folder());
    try (SnapshotFolder folder = new SnapshotFolder(place)) {
      new RemoteCollector(folder.path(), text -> warn(target, text), ssh, target.destination())
          .collect(target.host(), keepalived);
      HostSnapshot snapshot = SnapshotReader.read(target.host(), folder.path());
      folder.publish();
      report(target, place, snapshot);
    }
  }

  private synchronized void report(Target target, Path place, HostSnapshot snapshot) {
    String vips = String.join(", ", snapshot.vips().stream().map(IpAddress::toString).toList());
    out.println(
        place
            + ": "
            + target.host()
            + ", "
            + snapshot.addresses().size()
            + " addresses, VIPs: "
            + (vips.isEmpty() ? "none named" : vips));
    out.flush();
  }
}
