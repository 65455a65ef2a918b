package io.vipscope.core.model.netfilter;

import io.vipscope.core.model.snapshot.Range;
import io.vipscope.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a NAT statement maps an address to. */
public sealed interface NatTarget {

  /** Ranges above this are not taken apart where it is not known which address it is. */
  long MAX_ADDRESSES = 1024;

  /**
   * A range.
   *
   * @param addresses null = only the port is mapped
   * @param ports null = any
   * @param persistent the destination plays no part in the choice
   * @param random a source already in the range is mapped too, and the port is another
   * @param netmap host bits are kept
   */
  record Addresses(
      @Nullable AddressRange addresses,
      @Nullable Range ports,
      boolean persistent,
      boolean random,
      boolean netmap)
      implements NatTarget {

    /** Whether it chooses from a range that holds the address. */
    public boolean mayTake(IpAddress address) {
      return addresses != null && !netmap && addresses.contains(address);
    }

    /** The same, but to one address. */
    public Addresses toOnly(IpAddress address) {
      AddressRange one = new AddressRange(address, address);
      return new Addresses(one, ports, persistent, random, false);
    }

    /** The same, but to any address of the range, by chance. */
    public NatTarget toAny() {
      if (addresses == null || netmap || addresses.single()) {
        return this;
      }
      if (addresses.size() > MAX_ADDRESSES) {
        return new Unknown("SNAT range " + addresses);
      }
      List<NatTarget> each = new ArrayList<>();
      for (int i = 0; i < addresses.size(); i++) {
        each.add(toOnly(addresses.at(i)));
      }
      return new OneOf(each);
    }
  }

  /** The first entry whose matches hold; none: the rule does not apply. */
  record Lookup(List<Entry> entries) implements NatTarget {
    public Lookup {
      entries = List.copyOf(entries);
    }
  }

  /** One element of a map. */
  record Entry(List<Match> when, NatTarget target) {
    public Entry {
      when = List.copyOf(when);
    }
  }

  /** One of these, by chance. */
  record OneOf(List<NatTarget> targets) implements NatTarget {
    public OneOf {
      targets = List.copyOf(targets);
    }
  }

  record Unknown(String name) implements NatTarget {}
}
