package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.Ruleset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Puts nft.json and the iptables-save files of a snapshot together to one ruleset. */
final class NetfilterReader {

  private NetfilterReader() {}

  static Ruleset read(Path directory) {
    JsonPlace nft = StateFile.json(directory.resolve("nft.json"));
    Path file4 = directory.resolve("iptables-save.txt");
    Path file6 = directory.resolve("ip6tables-save.txt");
    List<String> lines4 = StateFile.lines(file4);
    List<String> lines6 = StateFile.lines(file6);
    if (nft == null && lines4.isEmpty() && lines6.isEmpty()) {
      return Ruleset.UNKNOWN;
    }
    List<Ruleset.Chain> saved = new ArrayList<>();
    saved.addAll(IptablesReader.read(file4.toString(), lines4, "ip"));
    saved.addAll(IptablesReader.read(file6.toString(), lines6, "ip6"));
    // nft shows the tables of iptables-nft with their matches hidden: the saved form is whole.
    Set<String> tables =
        saved.stream().map(c -> c.family() + " " + c.table()).collect(Collectors.toSet());
    List<Ruleset.Chain> chains = new ArrayList<>();
    if (nft != null) {
      for (Ruleset.Chain chain : NftReader.read(nft)) {
        if (!tables.contains(chain.family() + " " + chain.table())) {
          chains.add(chain);
        }
      }
    }
    chains.addAll(saved);
    return new Ruleset(true, chains);
  }
}
