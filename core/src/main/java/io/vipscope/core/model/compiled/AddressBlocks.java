package io.vipscope.core.model.compiled;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Divides the addresses of one family into classes. Two addresses are of one class if the blocks
 * around both mean the same, from the widest to the longest: with a million routes by a few
 * gateways there are few classes.
 */
final class AddressBlocks {

  /**
   * A block, and what it stands for.
   *
   * @param meaning blocks of equal meaning are alike; the block itself if it is like no other
   */
  private record Mark(IpPrefix block, Object meaning) {}

  /** What lies within other blocks comes after them. */
  private static final Comparator<Mark> NESTED =
      Comparator.comparing((Mark m) -> m.block().network())
          .thenComparingInt(m -> m.block().length());

  /** An open block: its last address and the class of what no block within it holds. */
  private record Open(IpAddress last, int id) {}

  private final boolean v6;
  private final List<Mark> marks = new ArrayList<>();
  private final Map<Object, Integer> meanings = new HashMap<>();
  private final Map<Long, Integer> nestings = new HashMap<>();
  private final List<IpAddress> starts = new ArrayList<>();
  private final List<Integer> ids = new ArrayList<>();
  private final List<@Nullable IpAddress> examples = new ArrayList<>();

  AddressBlocks(boolean v6) {
    this.v6 = v6;
  }

  /** A block that is like no other. */
  void add(IpPrefix block) {
    add(block, block);
  }

  /** A block of some meaning; blocks of the other family are left out. */
  void add(IpPrefix block, Object meaning) {
    if (block.v6() == v6) {
      marks.add(new Mark(block, meaning));
    }
  }

  /** The classes, numbered from 0. To be called once, last. */
  AddressClasses classes() {
    marks.sort(NESTED);
    IpAddress any = v6 ? IpAddress.ANY6 : IpAddress.ANY4;
    List<Open> around = new ArrayList<>();
    around.add(new Open(AddressRange.of(IpPrefix.of(any, 0)).last(), nested(-1, any)));
    begin(any, around.getLast().id());
    for (Mark mark : marks) {
      IpAddress first = mark.block().network();
      close(around, first);
      int id = nested(around.getLast().id(), mark.meaning());
      around.add(new Open(AddressRange.of(mark.block()).last(), id));
      begin(first, id);
    }
    close(around, null);
    return AddressClasses.of(v6, starts, ids, exampleOfEach());
  }

  /** Ends the blocks that do not reach the address; null: all. */
  private void close(List<Open> around, @Nullable IpAddress next) {
    while (around.size() > 1 && (next == null || around.getLast().last().compareTo(next) < 0)) {
      IpAddress last = around.removeLast().last();
      if (around.getLast().last().compareTo(last) > 0) {
        begin(last.next(), around.getLast().id());
      }
    }
  }

  private void begin(IpAddress start, int id) {
    if (!starts.isEmpty() && starts.getLast().equals(start)) {
      starts.removeLast(); // nothing lies between
      ids.removeLast();
    }
    if (ids.isEmpty() || ids.getLast() != id) {
      starts.add(start);
      ids.add(id);
    }
  }

  private int nested(int around, Object meaning) {
    int number = meanings.computeIfAbsent(meaning, _ -> meanings.size());
    long key = (long) around << 32 | number;
    return nestings.computeIfAbsent(key, _ -> nestings.size());
  }

  /** One address of each class; those that other blocks cover altogether have none. */
  private List<@Nullable IpAddress> exampleOfEach() {
    for (int id = 0; id < nestings.size(); id++) {
      examples.add(null);
    }
    for (int i = 0; i < starts.size(); i++) {
      if (examples.get(ids.get(i)) == null) {
        examples.set(ids.get(i), starts.get(i));
      }
    }
    return examples;
  }
}
