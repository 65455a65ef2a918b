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

  /** Beside others; those are newer, as far as anybody can tell. */
  private final List<Path> undated;

  private HostHistory(String name, List<Path> folders, List<Path> undated) {
    this.name = name;
    this.folders = folders;
    this.undated = undated;
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
      return new HostHistory(name, List.of(directory), List.of());
    }
    List<Path> folders = SnapshotReader.folders(directory);
    if (folders.isEmpty()) {
      throw new CaptureException(
          directory + ": has no addr.json and no subfolder, expected a snapshot of " + name);
    }
    for (Path folder : folders) {
      if (!Files.exists(folder.resolve("addr.json")) && SnapshotReader.holdsSnapshots(folder)) {
        throw new CaptureException(
            directory
                + ": holds hosts ("
                + folder.getFileName()
                + "), expected the snapshots of "
                + name
                + " alone");
      }
    }
    record Dated(Path folder, long endNs) {}
    List<Dated> dated =
        folders.stream()
            .map(folder -> new Dated(folder, SnapshotMeta.read(folder).endNs()))
            .sorted(Comparator.comparingLong(Dated::endNs))
            .toList();
    List<Path> undated =
        dated.stream().filter(d -> d.endNs() == HostSnapshot.ALWAYS).map(Dated::folder).toList();
    return new HostHistory(
        name, dated.stream().map(Dated::folder).toList(), folders.size() > 1 ? undated : List.of());
  }

  /** Where a snapshot of it lies; of a state that was made of them: the newest. */
  @SuppressWarnings("ReferenceEquality") // the very snapshot: contents may be alike
  public Path folder(HostSnapshot snapshot) {
    for (int i = 0; i < folders.size(); i++) {
      if (read.get(i) == snapshot) {
        return folders.get(i);
      }
    }
    return folders.getLast();
  }

  /** What to warn of: a snapshot without a time, beside others, counts as the oldest. */
  public List<String> warnings() {
    return undated.stream()
        .map(f -> f + ": no meta.json tells its time, so it counts as older than the others")
        .toList();
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
