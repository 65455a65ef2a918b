package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.Ruleset;
import io.vipscope.core.model.netfilter.Ruleset.Chain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts nft.json and the iptables-save files of a snapshot together to one ruleset. */
final class NetfilterReader {

  private NetfilterReader() {}

  static Ruleset read(Path directory) {
    JsonPlace nft = StateFile.json(directory.resolve("nft.json"));
    List<Chain> saved = new ArrayList<>();
    saved.addAll(IptablesReader.read(directory.resolve("iptables-save.txt"), false));
    saved.addAll(IptablesReader.read(directory.resolve("ip6tables-save.txt"), true));
    if (nft == null && saved.isEmpty()) {
      return Ruleset.UNKNOWN;
    }
    List<Chain> chains = new ArrayList<>();
    for (Chain chain : nft == null ? List.<Chain>of() : NftReader.read(nft)) {
      Chain twin = twin(saved, chain);
      // nft hides the arguments of iptables' extensions: the saved form of a chain is whole.
      if (twin == null || twin.rules().size() < chain.rules().size()) {
        chains.add(chain);
        saved.remove(twin);
      } else if (twin.legacy() && twin.rules().size() != chain.rules().size()) {
        chains.add(chain); // another chain of the same name
      } else {
        chains.add(placed(twin, chain));
        saved.remove(twin);
      }
    }
    chains.addAll(saved);
    return new Ruleset(true, chains);
  }

  private static @Nullable Chain twin(List<Chain> saved, Chain chain) {
    for (Chain c : saved) {
      if (c.family().equals(chain.family())
          && c.table().equals(chain.table())
          && c.name().equals(chain.name())) {
        return c;
      }
    }
    return null;
  }

  /** The rules of iptables-save at the place that nft shows. */
  private static Chain placed(Chain rules, Chain place) {
    return new Chain(
        place.family(),
        place.table(),
        place.name(),
        place.hook(),
        place.type(),
        place.priority(),
        place.drops(),
        false,
        rules.rules());
  }
}
