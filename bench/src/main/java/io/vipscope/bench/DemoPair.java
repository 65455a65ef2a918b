package io.vipscope.bench;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The pair of the demo before its failover: both hosts' first snapshots. */
final class DemoPair {

  private DemoPair() {}

  /** The first snapshot of {@code lb1}, which is master and has one SNAT rule, or {@code lb2}. */
  static HostSnapshot host(String name) {
    return SnapshotReader.readHost(name, snapshots().resolve(name)).getFirst();
  }

  /** In the clone that {@code bench/run} is in, else in a folder above the working directory. */
  private static Path snapshots() {
    Path start = Path.of(System.getProperty("vipscope.home", "")).toAbsolutePath();
    for (@Nullable Path folder = start; folder != null; folder = folder.getParent()) {
      Path found = folder.resolve("tools/demo/snapshots");
      if (Files.isDirectory(found)) {
        return found;
      }
    }
    throw new IllegalStateException("no tools/demo/snapshots in or above " + start);
  }
}
