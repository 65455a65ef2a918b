package io.vipscope.capture.host;

import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.model.snapshot.RouteType;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.TableName;
import io.vipscope.core.model.snapshot.VirtualAddress;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lines of {@code virtual_ipaddress} and {@code virtual_routes}; null for what cannot be read. */
final class KeepalivedEntry {

  private KeepalivedEntry() {}

  static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  private static @Nullable String after(List<String> words, String keyword) {
    int at = words.indexOf(keyword);
    return at >= 0 && at + 1 < words.size() ? words.get(at + 1) : null;
  }

  private static int scope(List<String> words) {
    String text = after(words, "scope");
    try {
      return text == null ? Scope.UNIVERSE : Scope.parse(text);
    } catch (IllegalArgumentException _) {
      return Scope.UNIVERSE;
    }
  }

  /** vrrp_ipaddress.c, {@code alloc_ipaddress}: masks, flags and lifetimes that it fills in. */
  static @Nullable VirtualAddress address(List<String> words, boolean excluded) {
    String text = words.getFirst();
    int slash = text.indexOf('/');
    String plain = slash < 0 ? text : text.substring(0, slash);
    if (!IpAddress.isAddress(plain)) {
      return null;
    }
    IpAddress address = IpAddress.parse(plain);
    int length = slash < 0 ? address.bits() : number(text.substring(slash + 1));
    if (length < 0 || length > address.bits()) {
      return null;
    }
    Set<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);
    if (address.v6() && !words.contains("-nodad")) {
      flags.add(AddressFlag.NODAD);
    }
    if (words.contains("home")) {
      flags.add(AddressFlag.HOME);
    }
    if (words.contains("noprefixroute")) {
      flags.add(AddressFlag.NOPREFIXROUTE);
    }
    String preferred = after(words, "preferred_lft");
    long preferredS =
        preferred == null
            ? address.v6() && length == 128 ? 0 : InterfaceAddress.FOREVER
            : preferred.equals("forever") ? InterfaceAddress.FOREVER : number(preferred);
    String peer = after(words, "peer");
    return new VirtualAddress(
        address,
        length,
        after(words, "dev"),
        scope(words),
        peer != null && IpAddress.isAddress(peer) ? IpAddress.parse(peer) : null,
        null,
        after(words, "label"),
        flags,
        preferredS,
        excluded);
  }

  /** A virtual route: destination first, then {@code via}, {@code dev}, {@code src} and so on. */
  static @Nullable Route route(List<String> words, @Nullable String instanceDev) {
    String source = after(words, "src");
    boolean typed = words.getFirst().equals("unicast") && words.size() > 1;
    String target = typed ? words.get(1) : words.getFirst();
    String gateway = after(words, "via");
    IpAddress via =
        gateway != null && IpAddress.isAddress(gateway) ? IpAddress.parse(gateway) : null;
    try {
      boolean v6 = target.indexOf(':') >= 0 || via != null && via.v6();
      IpPrefix dst =
          target.equals("default")
              ? IpPrefix.of(v6 ? IpAddress.ANY6 : IpAddress.ANY4, 0)
              : IpPrefix.parse(target);
      String dev = after(words, "dev");
      String table = after(words, "table");
      String metric = after(words, "metric");
      return new Route(
          RouteType.UNICAST,
          dst,
          null,
          0,
          TableName.of(table == null ? TableName.MAIN : table),
          "keepalived",
          via == null && !v6 ? Scope.LINK : Scope.UNIVERSE,
          source != null && IpAddress.isAddress(source) ? IpAddress.parse(source) : null,
          metric == null ? (v6 ? 1024 : 0) : number(metric),
          0,
          0,
          List.of(Nexthop.of(dev == null ? instanceDev : dev, via)));
    } catch (IllegalArgumentException _) {
      return null; // a route type, a group: the snapshots show it when it is in force
    }
  }
}
