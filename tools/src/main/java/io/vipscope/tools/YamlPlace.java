package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A value in a YAML file, that knows its line. What is wrong with it is noted, not thrown. */
final class YamlPlace {

  private final Path file;
  private final String key;
  private final Node node;
  private final List<String> problems;

  /**
   * @param key the mapping's key that this is below; empty at the top
   */
  private YamlPlace(Path file, String key, Node node, List<String> problems) {
    this.file = file;
    this.key = key;
    this.node = node;
    this.problems = problems;
  }

  /**
   * Reads a file.
   *
   * @param problems takes one sentence for everything that is wrong, here and in places below
   * @return null if it cannot be read, is no YAML, or is empty
   */
  static @Nullable YamlPlace read(Path file, List<String> problems) {
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
      Node root = new Compose(settings).composeString(Files.readString(file, UTF_8)).orElse(null);
      if (root == null) {
        problems.add(file + ": is empty");
      }
      return root == null ? null : new YamlPlace(file, "", root, problems);
    } catch (IOException e) {
      problems.add(file + ": cannot be read: " + IoReason.reading(e));
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
      problems.add(file + ": line " + line + ": no YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      problems.add(
          file + ": no YAML: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
    return null;
  }

  int line() {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }

  /** File and line. */
  String where() {
    return file + ": line " + line();
  }

  /** Notes what is wrong here. */
  void wrong(String sentence) {
    problems.add(where() + ": " + sentence);
  }

  /** Notes that something else should stand here. */
  void expected(String what) {
    wrong((key.isEmpty() ? "" : key + ": ") + "expected " + what + ", found " + found());
  }

  private String found() {
    return switch (node) {
      case ScalarNode s when s.getTag().equals(Tag.NULL) -> "nothing";
      case ScalarNode s -> "'" + s.getValue() + "'";
      case SequenceNode _ -> "a list";
      default -> "a mapping";
    };
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  boolean isMapping() {
    return node instanceof MappingNode;
  }

  /** The value's text as it was written; null, and noted, if it is none. */
  @Nullable String text(String what) {
    if (node instanceof ScalarNode s && !s.getTag().equals(Tag.NULL) && !s.getValue().isBlank()) {
      return s.getValue();
    }
    expected(what);
    return null;
  }

  /** One value, or a list of them. */
  List<YamlPlace> list(String what) {
    if (node instanceof SequenceNode s) {
      return s.getValue().stream().map(n -> new YamlPlace(file, key, n, problems)).toList();
    }
    if (node instanceof ScalarNode s && !s.getTag().equals(Tag.NULL)) {
      return List.of(this);
    }
    expected(what);
    return List.of();
  }

  /** The entries of a list of mappings. */
  List<YamlPlace> entries(String what) {
    if (node instanceof SequenceNode s) {
      return s.getValue().stream().map(n -> new YamlPlace(file, key, n, problems)).toList();
    }
    expected(what);
    return List.of();
  }

  /**
   * The entries of a mapping, in their order.
   *
   * @param keys that may stand here; null = any
   */
  Map<String, YamlPlace> mapping(String what, @Nullable Set<String> keys) {
    Map<String, YamlPlace> entries = new LinkedHashMap<>();
    if (!(node instanceof MappingNode map)) {
      expected(what);
      return entries;
    }
    for (NodeTuple tuple : map.getValue()) {
      YamlPlace word = new YamlPlace(file, key, tuple.getKeyNode(), problems);
      String name = word.text("a key");
      if (name == null) {
        continue;
      }
      if (keys != null && !keys.contains(name)) {
        List<String> sorted = new ArrayList<>(keys);
        sorted.sort(null);
        word.wrong("unknown key '" + name + "', expected one of " + String.join(", ", sorted));
      } else if (entries.putIfAbsent(
              name, new YamlPlace(file, name, tuple.getValueNode(), problems))
          != null) {
        word.wrong("'" + name + "' is given twice");
      }
    }
    return entries;
  }

  /** A path, relative to the file's folder; null, and noted, if it is none. */
  @Nullable Path path(String what) {
    String text = text(what);
    if (text == null) {
      return null;
    }
    Path folder = file.toAbsolutePath().getParent();
    return folder == null ? Path.of(text) : folder.resolve(text);
  }
}
