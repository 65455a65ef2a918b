package io.vipscope.capture.host;

import io.vipscope.core.model.change.AddressChange;
import io.vipscope.core.model.change.Change;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.net.IpAddress;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code ip addr add|change|replace|del ADDRESS[/LENGTH] dev DEV …}. */
final class IpAddressCommand {

  private static final String WHERE = "ip addr";

  private @Nullable IpAddress local;
  private @Nullable IpAddress peer;
  private int length = -1;
  private @Nullable String dev;
  private @Nullable Integer scope;
  private @Nullable IpAddress broadcast;
  private boolean computedBroadcast;
  private @Nullable String label;
  private long preferredS = InterfaceAddress.FOREVER;
  private long validS = InterfaceAddress.FOREVER;
  private final Set<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);

  private IpAddressCommand() {}

  static Change read(CommandWords words) {
    String verb = words.next("add, change, replace or del");
    AddressChange.Op op =
        switch (verb) {
          case "add", "a" -> AddressChange.Op.ADD;
          case "change", "chg", "replace" -> AddressChange.Op.REPLACE;
          case "del", "delete", "d" -> AddressChange.Op.DELETE;
          default -> throw CommandWords.unknown(verb, WHERE);
        };
    IpAddressCommand command = new IpAddressCommand();
    while (words.hasNext()) {
      command.option(words.next("an option"), words);
    }
    return command.change(op);
  }

  private void option(String word, CommandWords words) {
    switch (word) {
      case "local" -> own(words.next("an address"));
      case "peer" -> peer(words.next("an address"));
      case "dev" -> dev = words.next("a device");
      case "scope" -> scope = scope(words.next("a scope"));
      case "label" -> label = words.next("a label");
      case "broadcast", "brd" -> {
        computedBroadcast = words.take("+");
        broadcast = computedBroadcast ? null : words.address("the broadcast address");
      }
      case "preferred_lft", "preferred" -> preferredS = lifetime(words);
      case "valid_lft", "valid" -> validS = lifetime(words);
      case "nodad", "home", "mngtmpaddr", "noprefixroute" ->
          flags.add(AddressFlag.valueOf(word.toUpperCase(java.util.Locale.ROOT)));
      default -> {
        if (local != null) {
          throw CommandWords.unknown(word, WHERE);
        }
        own(word);
      }
    }
  }

  private static long lifetime(CommandWords words) {
    return words.take("forever") ? InterfaceAddress.FOREVER : words.number("a lifetime in seconds");
  }

  private static int scope(String word) {
    try {
      return Scope.parse(word);
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("\"" + word + "\" is no scope");
    }
  }

  private void own(String word) {
    local = parsed(word);
  }

  private void peer(String word) {
    peer = parsed(word);
  }

  private IpAddress parsed(String word) {
    int slash = word.indexOf('/');
    try {
      IpAddress address = IpAddress.parse(slash < 0 ? word : word.substring(0, slash));
      if (slash >= 0) {
        length = Integer.parseInt(word.substring(slash + 1));
        if (length < 0 || length > address.bits()) {
          throw new IllegalArgumentException(word);
        }
      }
      return address;
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("\"" + word + "\" is no address");
    }
  }

  private Change change(AddressChange.Op op) {
    if (local == null || dev == null) {
      throw new IllegalArgumentException("ip addr needs an address and \"dev DEVICE\"");
    }
    IpAddress own = local;
    boolean v6 = own.v6();
    if (preferredS > validS) {
      throw new IllegalArgumentException("preferred_lft is greater than valid_lft");
    }
    int bits = length < 0 ? own.bits() : length;
    if (v6 && preferredS == 0) {
      flags.add(AddressFlag.DEPRECATED);
    }
    if (computedBroadcast && !v6 && bits < 31) {
      broadcast = IpAddress.v4((int) (own.lo() | 0xffff_ffffL >>> bits));
    }
    int defaultScope = own.isLoopback() ? Scope.HOST : Scope.UNIVERSE;
    InterfaceAddress address =
        new InterfaceAddress(
            own,
            peer,
            bits,
            scope == null || v6 ? v6 ? Scope.UNIVERSE : defaultScope : scope,
            flags,
            preferredS,
            validS,
            v6 ? null : label == null ? dev : label,
            broadcast,
            null);
    return new AddressChange(op, dev, address, op == AddressChange.Op.DELETE && length < 0);
  }
}
