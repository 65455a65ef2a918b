package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Match.Side;
import io.vipscope.core.model.snapshot.Range;
import java.util.List;
import java.util.Set;

/** nft's {@code ct} keys, as they are for the first packet of a flow. */
final class NftConntrack {

  private NftConntrack() {}

  static Match match(JsonPlace ct, List<JsonPlace> values, boolean negated) {
    String key = ct.text("key", "");
    boolean original = ct.text("dir", "original").equals("original");
    List<String> texts = NftValues.texts(values);
    return switch (key) {
      case "state" -> new Match.CtState(Set.copyOf(texts), negated);
      case "status" -> texts.contains("dnat") ? new Match.CtDnat(negated) : ifTracked(negated);
      case "direction" -> ifTracked(texts.contains("original") != negated);
      case "mark" -> {
        List<Range> marks = NftValues.numbers(values, NftValues::number);
        yield marks == null
            ? new Match.Unknown("ct mark")
            : new Match.Numeric(Match.Field.CT_MARK, 0xffffffffL, marks, negated);
      }
      case "ip saddr", "ip6 saddr", "saddr", "ip daddr", "ip6 daddr", "daddr" -> {
        List<AddressRange> ranges = NftValues.addresses(values);
        Side side = key.endsWith("saddr") ? Side.ORIGINAL_SOURCE : Side.ORIGINAL_DESTINATION;
        yield ranges == null || !original
            ? new Match.Unknown("ct " + key)
            : new Match.Addresses(side, ranges, negated);
      }
      default -> new Match.Unknown("ct " + key);
    };
  }

  /** What no packet without a conntrack entry is, negated or not. */
  static Match ifTracked(boolean value) {
    return value ? new Match.CtState(Set.of("new"), false) : new Match.Constant(false);
  }
}
