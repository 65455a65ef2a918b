package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.Match;
import io.vipscope.core.model.netfilter.Match.Field;
import io.vipscope.core.model.snapshot.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What nft's keys stand for, and what they ask of a packet that nft does not print. */
final class NftKeys {

  private static final Set<String> TRANSPORT =
      Set.of("tcp", "udp", "sctp", "dccp", "udplite", "icmp", "icmpv6", "esp", "ah");

  /** The key as a number of the packet; null if it is none. */
  static @Nullable Field field(JsonPlace key) {
    JsonPlace meta = key.at("meta");
    JsonPlace ct = key.at("ct");
    JsonPlace payload = key.at("payload");
    if (meta != null) {
      return meta(meta.object().text("key", ""));
    }
    if (ct != null) {
      return ct.object().text("key", "").equals("mark") ? Field.CT_MARK : null;
    }
    return payload == null
        ? null
        : field(payload.object().text("protocol", ""), payload.text("field", ""));
  }

  static @Nullable Field field(String protocol, String name) {
    return switch (protocol + " " + name) {
      case "ip protocol", "ip6 nexthdr" -> Field.PROTOCOL;
      case "ip length" -> Field.LENGTH;
      case "tcp flags" -> Field.TCP_FLAGS;
      case "icmp type", "icmpv6 type" -> Field.ICMP_TYPE;
      default -> null;
    };
  }

  static @Nullable Field meta(String key) {
    return switch (key) {
      case "mark" -> Field.MARK;
      case "skuid" -> Field.UID;
      case "length" -> Field.LENGTH;
      case "l4proto" -> Field.PROTOCOL;
      default -> null;
    };
  }

  /** The family and protocol that a key belongs to: nft leaves the test for them out. */
  List<Match> required(JsonPlace key) {
    List<Match> required = new ArrayList<>();
    for (JsonPlace part : key.list("concat")) {
      required.addAll(required(part.object()));
    }
    List<JsonPlace> operands = key.list("&");
    if (!operands.isEmpty() && operands.getFirst().node().isObject()) {
      required.addAll(required(operands.getFirst()));
    }
    JsonPlace payload = key.at("payload");
    String protocol = payload == null ? "" : payload.object().text("protocol", "");
    if (protocol.equals("ip") || protocol.equals("ip6")) {
      required.add(new Match.Family(protocol.equals("ip6")));
    } else if (TRANSPORT.contains(protocol)) {
      int number = ProtocolName.number(protocol).orElse(255);
      required.add(
          new Match.Numeric(
              Field.PROTOCOL, 0xffffffffL, List.of(new Range(number, number)), false));
    }
    return required;
  }
}
