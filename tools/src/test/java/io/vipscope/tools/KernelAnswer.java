package io.vipscope.tools;

import io.vipscope.core.net.IpAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code ip -j -d route get} printed, or what a socket got; what was not seen is null.
 *
 * @param error errno's name; null on success
 */
record KernelAnswer(
    @Nullable IpAddress source,
    @Nullable String dev,
    @Nullable IpAddress gateway,
    @Nullable String table,
    @Nullable String error) {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Map<String, String> ERRORS =
      Map.of(
          "Network is unreachable", "ENETUNREACH",
          "No route to host", "EHOSTUNREACH",
          "Permission denied", "EACCES",
          "Invalid argument", "EINVAL",
          "No such device", "ENODEV");

  /** Puts the answers of a batch and its errors, which name lines, back in order. */
  static List<KernelAnswer> read(int count, List<String> out, List<String> err) {
    Map<Integer, String> errors = new HashMap<>();
    String last = "";
    for (String line : err) {
      if (line.startsWith("Command failed ")) {
        errors.put(Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).strip()), last);
      } else {
        last = line;
      }
    }
    Deque<String> answers = new ArrayDeque<>();
    out.stream().filter(line -> line.contains("\"dst\"")).forEach(answers::add);
    List<KernelAnswer> result = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      String failure = errors.get(i);
      result.add(failure == null ? success(answers.remove()) : failure(failure));
    }
    return result;
  }

  /** What {@code sockets.py} printed. */
  static KernelAnswer ofSocket(String[] words) {
    if (words[0].equals("error")) {
      return new KernelAnswer(null, null, null, null, words[1]);
    }
    int mtu = Integer.parseInt(words[3]);
    String dev =
        Stream.of("eth0", "eth1", "eth2", "p0", "p1", "p2")
            .filter(d -> RandomHost.mtu(d) == mtu)
            .findFirst()
            .orElse(mtu > 60_000 ? "lo" : null);
    IpAddress source = words[1].equals("-") ? null : address(words[1]);
    return new KernelAnswer(source, dev, null, null, null);
  }

  private static KernelAnswer failure(String text) {
    String message = text.substring(text.indexOf(':') + 1).strip();
    if (text.startsWith("Cannot find device")) {
      return new KernelAnswer(null, null, null, null, "ENODEV");
    }
    return new KernelAnswer(null, null, null, null, ERRORS.getOrDefault(message, text));
  }

  private static KernelAnswer success(String line) {
    JsonNode route = MAPPER.readTree(line).get(0);
    IpAddress given = address(text(route.get("from")));
    JsonNode via = route.get("via");
    String gateway = via == null ? text(route.get("gateway")) : text(via.get("host"));
    return new KernelAnswer(
        given == null ? address(text(route.get("prefsrc"))) : given,
        text(route.get("dev")),
        address(gateway),
        route.has("table") ? text(route.get("table")) : "main", // not shown without a route
        null);
  }

  private static @Nullable String text(@Nullable JsonNode value) {
    return value == null || value.isNull() ? null : value.asString();
  }

  private static @Nullable IpAddress address(@Nullable String text) {
    IpAddress address = text == null ? null : IpAddress.parse(text);
    return address == null || address.isAny() ? null : address;
  }
}
