package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Letters that people know from tcpdump: with the same meaning, or refused with the reason. */
final class TcpdumpLetters {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(names = "-D", description = "List the interfaces, and end.")
  private boolean list;

  @Option(names = "-n", description = "Print addresses as numbers: always so.")
  @SuppressWarnings("UnusedVariable") // taken, as names are never asked for
  private boolean numeric;

  @Option(names = "-q", description = "Say less: no line at the start, none per event.")
  private boolean quiet;

  @Option(names = "-F", paramLabel = "FILE", description = "Read the expression from this file.")
  private @Nullable Path expressionFile;

  @Option(names = "-Q", paramLabel = "WAY", hidden = true)
  private @Nullable String way;

  @Option(names = "-e", hidden = true)
  private boolean ethernet;

  @Option(names = "-L", hidden = true)
  private boolean linkTypes;

  @Option(names = "-N", hidden = true)
  private boolean shortNames;

  @Option(names = "-y", hidden = true)
  private @Nullable String linkType;

  @Option(names = "-C", hidden = true)
  private @Nullable String fileSize;

  @Option(names = "-G", hidden = true)
  private @Nullable String seconds;

  @Option(names = "-W", hidden = true)
  private @Nullable String fileCount;

  @Option(names = "-Z", hidden = true)
  private @Nullable String user;

  /** Refuses what has no meaning here. */
  void check() {
    Map<String, Boolean> given = new LinkedHashMap<>();
    given.put("-e: records have both MACs in 'ether' (--json)", ethernet);
    given.put("-N: names of hosts are never looked up", shortNames);
    given.put("-L and -y: the link type is the interface's own", linkTypes || linkType != null);
    given.put(
        "-C, -G and -W: records are rotated by logrotate and SIGHUP, -w keeps evidence alone",
        fileSize != null || seconds != null || fileCount != null);
    given.put(
        "-Z: to run without root give the user CAP_NET_RAW and CAP_NET_ADMIN, as the unit does",
        user != null);
    given.put(
        "-Q: a flow needs both directions to tell question from answer",
        way != null && !way.equals("inout"));
    given.forEach((sentence, is) -> {
      if (is) {
        throw new ParameterException(spec.commandLine(), sentence);
      }
    });
  }

  /** Whether only the interfaces are to be listed. */
  boolean lists() {
    return list;
  }

  boolean quiet() {
    return quiet;
  }

  /**
   * The expression: that of the file, if one is given.
   *
   * @param words given on the command line
   * @throws CaptureException if the file cannot be read
   */
  List<String> expression(List<String> words) {
    Path file = expressionFile;
    if (file == null) {
      return words;
    }
    if (!words.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "-F FILE and an expression: give one");
    }
    try {
      String text = Files.readString(file).strip();
      return text.isEmpty() ? List.of() : List.of(text.replaceAll("\\s+", " "));
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be read: " + IoReason.reading(e), e);
    }
  }

  /** A line per interface, as {@code tcpdump -D} has them: number, name, what it is. */
  static void list(PrintWriter out) {
    List<NetworkInterface> all;
    try {
      all =
          NetworkInterface.networkInterfaces()
              .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
              .toList();
    } catch (SocketException e) {
      throw new CaptureException("the interfaces cannot be listed: " + e.getMessage(), e);
    }
    int number = 0;
    for (NetworkInterface one : all) {
      out.println(++number + "." + one.getName() + " [" + state(one) + "]" + addresses(one));
    }
  }

  private static String state(NetworkInterface one) {
    try {
      return (one.isUp() ? "Up" : "Down") + (one.isLoopback() ? ", Loopback" : "");
    } catch (SocketException _) {
      return "gone";
    }
  }

  private static String addresses(NetworkInterface one) {
    String all =
        one.getInterfaceAddresses().stream()
            .map(a ->
                a.getAddress().getHostAddress().replaceFirst("%.*", "")
                    + "/"
                    + a.getNetworkPrefixLength())
            .collect(Collectors.joining(", "));
    return all.isEmpty() ? "" : " " + all;
  }
}
