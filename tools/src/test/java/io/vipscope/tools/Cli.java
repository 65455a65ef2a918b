package io.vipscope.tools;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One run of the program, in this process.
 *
 * @param code exit code
 */
record Cli(int code, String out, String err) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Cli run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(args, new PrintWriter(out, true), new PrintWriter(err, true));
    return new Cli(code, out.toString(), err.toString());
  }

  /** The JSON lines on standard output. */
  List<JsonNode> records() {
    return parse(out);
  }

  static List<JsonNode> parse(String lines) {
    return lines.lines().filter(l -> !l.isBlank()).map(JSON::readTree).toList();
  }
}
