package io.vipscope.tools;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which process has which socket, by {@code /proc/PID/fd}. One thread uses an instance. */
final class ProcessFiles {

  private static final Path PROC = Path.of("/proc");

  /** Looking through all processes takes milliseconds: not for every flow. */
  private static final long AGAIN_NS = 50_000_000L;

  /** Processes that had sockets lately: they are looked through each time. */
  private static final int RECENT = 16;

  private final Map<Long, Long> pidOfInode = new HashMap<>();
  private final LinkedHashSet<Long> recent = new LinkedHashSet<>();
  private long lookedNs = Long.MIN_VALUE;

  /** The process with a socket of this inode; if none is found, its user alone. */
  OwnProcess of(long uid, long inode) {
    Long pid = inode == 0 ? null : pid(inode);
    return pid == null
        ? new OwnProcess(-1, null, uid, null)
        : new OwnProcess(pid, line(pid, "comm"), uid, unit(pid));
  }

  private @Nullable Long pid(long inode) {
    pidOfInode.clear();
    for (long pid : List.copyOf(recent)) {
      scan(pid);
    }
    Long found = pidOfInode.get(inode);
    long now = System.nanoTime();
    if (found == null && (lookedNs == Long.MIN_VALUE || now - lookedNs > AGAIN_NS)) {
      lookedNs = now;
      scanAll();
      found = pidOfInode.get(inode);
    }
    if (found != null) {
      recent.remove(found);
      recent.addLast(found);
      if (recent.size() > RECENT) {
        recent.removeFirst();
      }
    }
    return found;
  }

  private void scanAll() {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        scan(Long.parseLong(String.valueOf(process.getFileName())));
      }
    } catch (IOException | DirectoryIteratorException _) {
      // without /proc nobody is found
    }
  }

  private void scan(long pid) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(PROC.resolve(pid + "/fd"))) {
      for (Path file : files) {
        String target = Files.readSymbolicLink(file).toString();
        if (target.startsWith("socket:[")) {
          pidOfInode.put(Long.parseLong(target.substring(8, target.length() - 1)), pid);
        }
      }
    } catch (IOException | DirectoryIteratorException _) {
      // it has ended, or is not ours to see
    }
  }

  private static @Nullable String line(long pid, String file) {
    try {
      return Files.readString(PROC.resolve(pid + "/" + file)).strip();
    } catch (IOException _) {
      return null;
    }
  }

  /** The innermost unit of the process's control group. */
  private static @Nullable String unit(long pid) {
    String groups = line(pid, "cgroup");
    if (groups == null) {
      return null;
    }
    String unit = null;
    for (String group : groups.split("\n", -1)) {
      for (String part : group.split("/", -1)) {
        if (part.endsWith(".service") || part.endsWith(".scope")) {
          unit = part;
        }
      }
    }
    return unit;
  }
}
