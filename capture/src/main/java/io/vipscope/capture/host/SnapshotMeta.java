package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.HostSnapshot;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What {@code meta.json} says of a snapshot. The file is written by scripts, not by a command: a
 * value that is null is one that is not known.
 *
 * @param host null if not told
 * @param startNs when taking it began, ns since 1970; the end if not told
 * @param endNs when taking it ended; {@link HostSnapshot#ALWAYS} if not told
 * @param kernel release; null if not told
 */
record SnapshotMeta(@Nullable String host, long startNs, long endNs, @Nullable String kernel) {

  static SnapshotMeta read(Path folder) {
    JsonPlace meta = StateFile.json(folder.resolve("meta.json"));
    if (meta == null) {
      return new SnapshotMeta(null, HostSnapshot.ALWAYS, HostSnapshot.ALWAYS, null);
    }
    long endNs = meta.object().integer("t_end_ns", HostSnapshot.ALWAYS);
    return new SnapshotMeta(
        meta.text("host"), meta.integer("t_start_ns", endNs), endNs, meta.text("kernel"));
  }
}
