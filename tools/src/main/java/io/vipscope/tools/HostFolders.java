package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.snapshot.Assumption;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.AuditedPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folders that hold the audited hosts' snapshots: read at the start, and looked at again for
 * newer snapshots while a live audit runs. One thread at a time uses an instance.
 */
final class HostFolders {

  /** A snapshot without meta.json says nowhere that it is complete: it must have rested so long. */
  private static final long REST_MS = 1_000;

  /**
   * A host's folder.
   *
   * @param offsetNs how far its snapshots' times are shifted
   * @param pair its pair; null without one
   * @param known what the user knows of its sockets
   */
  record Folder(
      String host, Path path, long offsetNs, @Nullable AuditedPair pair, List<Assumption> known) {

    Folder {
      known = List.copyOf(known);
    }

    private HostSnapshot of(HostSnapshot found) {
      return found.shifted(offsetNs).assuming(known);
    }
  }

  private final List<Folder> folders;
  private final Consumer<String> warnings;
  private final @Nullable SelfState self;
  private final Map<Path, Long> read = new HashMap<>();
  private final Map<Path, Long> failed = new HashMap<>();
  private final Map<String, List<HostSnapshot>> snapshots = new LinkedHashMap<>();
  private final Map<String, @Nullable AuditedPair> pairs = new HashMap<>();

  /** Hosts whose keepalived.conf is absent or names no VIP. */
  private final List<String> withoutVips = new ArrayList<>();

  /**
   * @param selfPair the pair of the host that this runs on
   * @param self that host, if it is audited too
   */
  HostFolders(
      List<Folder> folders,
      Consumer<String> warnings,
      @Nullable AuditedPair selfPair,
      @Nullable SelfState self) {
    this.folders = List.copyOf(folders);
    this.warnings = warnings;
    this.self = self;
    if (self != null) {
      pairs.put(self.host(), selfPair);
    }
  }

  /**
   * Reads everything; one warning per host whose NAT rules were not collected.
   *
   * @throws CaptureException if a snapshot cannot be read
   */
  List<AuditedHost> readAll() {
    for (Folder folder : folders) {
      for (Path snapshot : places(folder)) {
        read.put(snapshot, stamp(snapshot));
      }
      List<HostSnapshot> found =
          SnapshotReader.readHost(folder.host(), folder.path(), warnings).stream()
              .map(folder::of)
              .toList();
      snapshots.put(folder.host(), new ArrayList<>(found));
      AuditedPair pair = folder.pair();
      pairs.put(folder.host(), pair);
      if (found.stream().noneMatch(s -> !s.vips().isEmpty())
          && (pair == null || pair.vips().isEmpty())) {
        withoutVips.add(folder.host());
      }
      if (found.stream().noneMatch(s -> s.netfilter().known())) {
        warnings.accept(folder.host() + ": no nft.json and no iptables-save.txt: NAT is unknown");
      }
    }
    if (self != null) {
      snapshots.put(self.host(), new ArrayList<>(self.snapshots()));
      boolean _ = self.takeChanged();
    }
    return hosts();
  }

  /** This host's state; null if it is not audited. */
  @Nullable SelfState self() {
    return self;
  }

  /** Hosts of which no snapshot names a VIP. */
  List<String> withoutVips() {
    return List.copyOf(withoutVips);
  }

  private List<AuditedHost> hosts() {
    return snapshots.entrySet().stream()
        .map(e ->
            new AuditedHost(
                e.getKey(),
                pairs.get(e.getKey()),
                List.copyOf(e.getValue()),
                self != null && e.getKey().equals(self.host()) ? self.gaps() : List.of()))
        .toList();
  }

  /** Makes the next look read every snapshot again, also those that could not be read. */
  void forget() {
    read.clear();
    failed.clear();
  }

  /** Reads what is new since the last look; null if nothing is. Never throws for a bad snapshot. */
  @Nullable List<AuditedHost> readNew() {
    boolean changed = false;
    for (Folder folder : folders) {
      for (Path place : places(folder)) {
        changed |= take(folder, place);
      }
    }
    if (self != null && self.takeChanged()) {
      snapshots.put(self.host(), new ArrayList<>(self.snapshots()));
      changed = true;
    }
    if (!changed) {
      return null;
    }
    return hosts();
  }

  private boolean take(Folder folder, Path place) {
    long stamp = stamp(place);
    boolean rested =
        Files.exists(place.resolve("meta.json")) || System.currentTimeMillis() - stamp > REST_MS;
    Long before = read.get(place);
    if (before != null && before == stamp || stamp == 0 || !rested) {
      return false;
    }
    try {
      HostSnapshot snapshot = folder.of(SnapshotReader.read(folder.host(), place));
      List<HostSnapshot> all = snapshots.computeIfAbsent(folder.host(), _ -> new ArrayList<>());
      all.removeIf(s -> s.tEndNs() == snapshot.tEndNs() || s.tEndNs() == HostSnapshot.ALWAYS);
      all.add(snapshot);
      read.put(place, stamp);
      return true;
    } catch (CaptureException e) {
      // Perhaps it is just being written: told once, if it stays so.
      Long last = failed.put(place, stamp);
      if (last != null && last == stamp) {
        read.put(place, stamp);
        warnings.accept(e.getMessage());
      }
      return false;
    }
  }

  /** The text of a file in a host's newest snapshot; null if it is not there. */
  @Nullable String newestText(String host, String file) {
    for (Folder folder : folders) {
      if (folder.host().equals(host)) {
        List<Path> places = places(folder);
        try {
          return places.isEmpty() ? null : Files.readString(places.getLast().resolve(file));
        } catch (IOException _) {
          return null;
        }
      }
    }
    return null;
  }

  private static List<Path> places(Folder folder) {
    Path path = folder.path();
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    return Files.exists(path.resolve("addr.json")) ? List.of(path) : SnapshotReader.folders(path);
  }

  /** When a file of the snapshot last changed, ms; 0 without addr.json. */
  private static long stamp(Path snapshot) {
    if (!Files.exists(snapshot.resolve("addr.json"))) {
      return 0;
    }
    long newest = 0;
    try (Stream<Path> files = Files.list(snapshot)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        newest = Math.max(newest, Files.getLastModifiedTime(file).toMillis());
      }
    } catch (IOException _) {
      return 0; // it was being replaced at this very moment; the next look will tell
    }
    return newest;
  }
}
