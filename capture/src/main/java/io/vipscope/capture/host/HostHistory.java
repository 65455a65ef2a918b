package io.vipscope.capture.host;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of one host in order of time, each read when it is first asked for: a history may
 * be long, and a prediction needs its end. Not for use by several threads.
 */
public final class HostHistory extends AbstractList<HostSnapshot> {

  private final String name;
  private final List<Path> folders;
  private final List<@Nullable HostSnapshot> read;

  private HostHistory(String name, List<Path> folders) {
    this.name = name;
    this.folders = folders;
    this.read = new ArrayList<>();
    folders.forEach(_ -> read.add(null));
  }

  /**
   * The snapshots in a directory, at least one.
   *
   * @param directory one with an {@code addr.json} is a snapshot; else each of its subfolders is
   * @throws CaptureException if there is none, or a {@code meta.json} cannot be read
   */
  public static HostHistory of(String name, Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new CaptureException(
          directory + ": no such directory, expected the snapshots of " + name);
    }
    if (Files.exists(directory.resolve("addr.json"))) {
      return new HostHistory(name, List.of(directory));
    }
    List<Path> folders = SnapshotReader.folders(directory);
    if (folders.isEmpty()) {
      throw new CaptureException(
          directory + ": has no addr.json and no subfolder, expected a snapshot of " + name);
    }
    record Dated(Path folder, long endNs) {}
    return new HostHistory(
        name,
        folders.stream()
            .map(folder -> new Dated(folder, SnapshotMeta.read(folder).endNs()))
            .sorted(Comparator.comparingLong(Dated::endNs))
            .map(Dated::folder)
            .toList());
  }

  @Override
  public int size() {
    return folders.size();
  }

  /**
   * A snapshot; 0 is the oldest.
   *
   * @throws CaptureException if it cannot be read
   */
  @Override
  public HostSnapshot get(int index) {
    HostSnapshot known = read.get(index);
    HostSnapshot snapshot = known == null ? SnapshotReader.read(name, folders.get(index)) : known;
    read.set(index, snapshot);
    return snapshot;
  }
}
