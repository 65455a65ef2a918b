package io.vipscope.capture.host;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.model.netfilter.NatTarget;
import io.vipscope.core.model.snapshot.Range;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads where nft's NAT statements map to, and the pairs of maps. */
final class NftNat {

  /** One element of a map. */
  record Pair(JsonPlace key, JsonPlace value) {}

  /** What a NAT statement says beside its addresses. */
  private record Options(
      @Nullable Range ports, boolean persistent, boolean random, boolean netmap) {}

  private final NftSets sets;
  private final NftMatch matches;

  NftNat(NftSets sets, NftMatch matches) {
    this.sets = sets;
    this.matches = matches;
  }

  NatTarget target(@Nullable JsonPlace body) {
    if (body == null) {
      return new NatTarget.Unknown("NAT without a target");
    }
    String flags = body.object().node().path("flags").toString();
    String types = body.node().path("type_flags").toString();
    JsonPlace port = body.at("port");
    List<Range> ports = port == null ? null : NftValues.numbers(List.of(port), NftValues::number);
    Options options =
        new Options(
            ports == null ? null : ports.getFirst(),
            flags.contains("persistent"),
            flags.contains("random"),
            flags.contains("netmap") || types.contains("prefix"));
    JsonPlace addr = body.at("addr");
    return addr == null
        ? new NatTarget.Addresses(null, options.ports(), false, options.random(), false)
        : of(addr, options);
  }

  private NatTarget of(JsonPlace addr, Options options) {
    JsonPlace map = addr.node().isObject() ? addr.at("map") : null;
    if (map != null) {
      return map(map.object(), options);
    }
    List<JsonPlace> both = addr.node().isObject() ? addr.list("concat") : List.of();
    if (both.size() == 2) {
      List<Range> ports = NftValues.numbers(List.of(both.getLast()), NftValues::number);
      return of(
          both.getFirst(),
          new Options(
              ports == null ? null : ports.getFirst(),
              options.persistent(),
              options.random(),
              options.netmap()));
    }
    AddressRange range = NftValues.addresses(addr);
    return range == null
        ? new NatTarget.Unknown("NAT to " + NftText.of(List.of(addr)))
        : new NatTarget.Addresses(
            range, options.ports(), options.persistent(), options.random(), options.netmap());
  }

  private NatTarget map(JsonPlace map, Options options) {
    JsonPlace key = map.at("key");
    List<Pair> pairs = pairs(map.at("data"));
    if (key == null || !key.node().isObject() || pairs == null) {
      return new NatTarget.Unknown("NAT by a map");
    }
    if (key.has("numgen") || key.has("jhash") || key.has("symhash")) {
      return new NatTarget.OneOf(pairs.stream().map(p -> of(p.value(), options)).toList());
    }
    List<NatTarget.Entry> entries = new ArrayList<>();
    for (Pair pair : pairs) {
      entries.add(
          new NatTarget.Entry(
              matches.equal(key, List.of(pair.key()), false), of(pair.value(), options)));
    }
    return new NatTarget.Lookup(entries);
  }

  /** The elements of a map; null if they are not shown, or change with time. */
  @Nullable List<Pair> pairs(@Nullable JsonPlace data) {
    if (data == null) {
      return null;
    }
    List<JsonPlace> elements;
    if (data.node().isString()) {
      String name = data.text();
      JsonPlace set = sets.named(name.startsWith("@") ? name.substring(1) : name);
      if (set == null || NftValues.changing(set)) {
        return null;
      }
      elements = set.list("elem");
    } else {
      elements = data.object().list("set");
    }
    List<Pair> pairs = new ArrayList<>();
    for (JsonPlace element : elements) {
      List<JsonPlace> two = element.elements();
      if (two.size() != 2) {
        throw element.wrong("a key and a value");
      }
      pairs.add(new Pair(NftValues.unwrap(two.getFirst()), two.getLast()));
    }
    return pairs;
  }
}
