package io.vipscope.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a laboratory run left in a folder: capture, snapshots of lb1 and lb2, truth; a configuration
 * where there are two pairs.
 */
record PairData(Path folder) {

  Path capture() {
    Path plain = folder.resolve("mirror.pcap");
    return Files.exists(plain) ? plain : folder.resolve("mirror.pcap.gz");
  }

  List<Truth> truth() throws IOException {
    return Truth.read(folder.resolve("truth.jsonl"));
  }

  /** What the run did, and what an audit of it should find. */
  JsonNode facts() throws IOException {
    return JsonMapper.shared().readTree(Files.readString(folder.resolve("scenario.json")));
  }

  /** The audit of a capture of this pair, as records. */
  List<JsonNode> audit(Path capture, String... more) {
    List<String> args = new ArrayList<>(List.of("audit", "-r", capture.toString(), "--json"));
    Path config = folder.resolve("vipscope.yaml");
    if (Files.exists(config)) {
      args.addAll(List.of("--config", config.toString()));
    } else {
      for (String host : List.of("lb1", "lb2")) {
        args.addAll(List.of("--host", host + "=" + folder.resolve("snapshots").resolve(host)));
      }
    }
    args.addAll(List.of(more));
    Cli run = Cli.run(args.toArray(String[]::new));
    if (run.code() != 0) {
      throw new AssertionError(args + " exit " + run.code() + ": " + run.err());
    }
    return run.records();
  }

  /** Every MAC that the pair sends frames from. */
  Set<Long> macs() throws IOException {
    Set<Long> macs = new HashSet<>();
    try (Stream<Path> files = Files.walk(folder.resolve("snapshots"))) {
      for (Path file : files.filter(f -> f.endsWith("link.json")).toList()) {
        for (JsonNode link : JsonMapper.shared().readTree(Files.readString(file))) {
          macs.add(Long.parseLong(link.get("address").asString().replace(":", ""), 16));
        }
      }
    }
    return macs;
  }
}
