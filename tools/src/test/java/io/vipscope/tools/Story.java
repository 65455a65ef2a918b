package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One block of commands in {@code STORIES.md}, and what its last command must print.
 *
 * @param name the story's number, and which of its blocks
 * @param script for bash, in the repository's folder
 * @param expected parts of the output, in order; blanks count as one
 * @param exit the exit code
 */
record Story(String name, String script, List<String> expected, int exit) {

  private static final Pattern BLOCK =
      Pattern.compile("^### (\\d+)$|^```\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  static List<Story> read(Path file) throws IOException {
    List<Story> stories = new ArrayList<>();
    String number = "";
    Matcher m = BLOCK.matcher(Files.readString(file, UTF_8));
    while (m.find()) {
      if (m.group(1) != null) {
        number = m.group(1);
      } else if (!number.isEmpty()) {
        stories.add(of(number + " block " + (stories.size() + 1), m.group(2)));
      }
    }
    return stories;
  }

  private static Story of(String name, String block) {
    StringBuilder script = new StringBuilder();
    List<String> expected = new ArrayList<>();
    int exit = 0;
    for (String line : block.lines().toList()) {
      if (line.startsWith("> exit ")) {
        exit = Integer.parseInt(line.substring("> exit ".length()));
      } else if (line.startsWith("> ")) {
        for (String part : line.substring(2).split("…")) {
          expected.add(part.strip());
        }
      } else {
        script.append(line).append('\n');
      }
    }
    return new Story(name, script.toString(), expected, exit);
  }

  /** The first part that is not there, or not behind the one before; empty if all are. */
  String missing(String output) {
    String text = output.replaceAll("\\s+", " ");
    int from = 0;
    for (String part : expected) {
      int at = text.indexOf(part, from);
      if (at < 0) {
        return part;
      }
      from = at + part.length();
    }
    return "";
  }
}
