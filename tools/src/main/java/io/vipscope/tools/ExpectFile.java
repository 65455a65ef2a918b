package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.finding.Expectation;
import io.vipscope.core.finding.Expectation.Must;
import io.vipscope.core.finding.Expectation.PortRange;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import io.vipscope.core.verdict.SourceClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads {@code --expect FILE}: a YAML list, each entry with {@code must_be} ({@code primary},
 * {@code vip} or an address) and optionally {@code hosts}, {@code destinations}, {@code ports}
 * (numbers or {@code FROM-TO}) and {@code protocol}. One value may stand for a list of one.
 */
final class ExpectFile {

  private static final Set<String> KEYS =
      Set.of("hosts", "destinations", "ports", "protocol", "must_be");

  private ExpectFile() {}

  static List<Expectation> read(@Nullable Path file) {
    if (file == null) {
      return List.of();
    }
    Object content;
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
      content = new Load(settings).loadFromString(Files.readString(file, UTF_8));
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be read: " + IoReason.of(e), e);
    } catch (YamlEngineException e) {
      throw new CaptureException(
          file + ": no YAML: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
    }
    if (!(content instanceof List<?> entries)) {
      throw new CaptureException(file + ": a list of expectations is expected");
    }
    List<Expectation> expectations = new ArrayList<>();
    for (Object entry : entries) {
      int number = expectations.size() + 1;
      try {
        expectations.add(expectation(number, entry));
      } catch (IllegalArgumentException e) {
        throw new CaptureException(file + ": entry " + number + ": " + e.getMessage(), e);
      }
    }
    return expectations;
  }

  private static Expectation expectation(int number, Object entry) {
    if (!(entry instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("no mapping");
    }
    for (Object key : map.keySet()) {
      if (!(key instanceof String name) || !KEYS.contains(name)) {
        throw new IllegalArgumentException("unknown key " + key);
      }
    }
    List<String> protocol = texts(map.get("protocol"));
    if (protocol.size() > 1) {
      throw new IllegalArgumentException("more than one protocol");
    }
    return new Expectation(
        number,
        texts(map.get("hosts")),
        texts(map.get("destinations")).stream().map(IpPrefix::parse).toList(),
        texts(map.get("ports")).stream().map(ExpectFile::ports).toList(),
        protocol.isEmpty() ? null : protocol.getFirst().toUpperCase(Locale.ROOT),
        must(texts(map.get("must_be"))));
  }

  private static Must must(List<String> words) {
    if (words.size() != 1) {
      throw new IllegalArgumentException("must_be: primary, vip or an address is expected");
    }
    return switch (words.getFirst()) {
      case "primary" -> new Must.Be(SourceClass.PRIMARY);
      case "vip" -> new Must.Be(SourceClass.VIP);
      case String address -> new Must.BeAddress(IpAddress.parse(address));
    };
  }

  private static PortRange ports(String text) {
    String[] ends = text.split("-", 2);
    try {
      int from = Integer.parseInt(ends[0].strip());
      int to = ends.length == 1 ? from : Integer.parseInt(ends[1].strip());
      if (from >= 0 && from <= to && to <= 65_535) {
        return new PortRange(from, to);
      }
    } catch (NumberFormatException _) {
      // one message for both
    }
    throw new IllegalArgumentException("no port or range: '" + text + "'");
  }

  private static List<String> texts(@Nullable Object value) {
    return switch (value) {
      case null -> List.of();
      case List<?> list -> list.stream().map(ExpectFile::text).toList();
      default -> List.of(text(value));
    };
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case String s -> s;
      case Integer i -> i.toString();
      case null, default -> throw new IllegalArgumentException("unexpected value " + value);
    };
  }
}
