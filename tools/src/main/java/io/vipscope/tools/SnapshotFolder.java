package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A snapshot's folder while it is filled: it appears at once, when it is complete. */
final class SnapshotFolder implements AutoCloseable {

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Path target;
  private final Path unfinished;

  /** The folder above, if it was made here: it goes again when nothing comes into it. */
  private final @Nullable Path made;

  /**
   * Makes a folder beside the target that no reader takes for a host or a snapshot.
   *
   * @throws CaptureException if the target has content, or cannot be written
   */
  SnapshotFolder(Path target) {
    this.target = target;
    try {
      if (Files.exists(target) && !isEmpty(target)) {
        throw new CaptureException(
            target + ": is not empty; give another folder, or --history for a new subfolder of it");
      }
      Path parent = Objects.requireNonNull(target.toAbsolutePath().getParent());
      made = Files.exists(parent) ? null : parent;
      Files.createDirectories(parent);
      unfinished = Files.createTempDirectory(parent, ".vipscope-snapshot-");
    } catch (IOException e) {
      throw new CaptureException(target + ": cannot be written: " + IoReason.writing(e), e);
    }
  }

  /** A new subfolder, named by the time. */
  static Path ofNow(Path host) {
    return host.resolve(NAME.format(Instant.now()));
  }

  /**
   * Checks that a folder has no snapshot in itself, so that there may be some in subfolders.
   *
   * @param advice what else may be done
   */
  static void checkNone(Path folder, String advice) {
    if (Files.exists(folder.resolve("addr.json"))) {
      throw new CaptureException(
          folder + ": holds a snapshot already; give another folder" + advice);
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  /** Where to write. */
  Path path() {
    return unfinished;
  }

  void publish() {
    try {
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CaptureException(target + ": cannot be written: " + IoReason.writing(e), e);
    }
  }

  /** Removes what was not published. */
  @Override
  public void close() {
    if (!Files.exists(unfinished)) {
      return;
    }
    try (Stream<Path> files = Files.walk(unfinished)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new CaptureException(unfinished + ": cannot be removed: " + e.getMessage(), e);
    }
    if (made != null) {
      removeEmpty(made);
    }
  }

  /** An empty folder of a host would be taken for a host whose state is missing. */
  private static void removeEmpty(Path folder) {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException _) {
      // another snapshot has come into it
    } catch (IOException e) {
      throw new CaptureException(folder + ": cannot be removed: " + IoReason.writing(e), e);
    }
  }
}
