package io.vipscope.core.model.compiled;

import io.vipscope.core.model.netfilter.AddressRange;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Divides the addresses of one family into classes. Two addresses are of one class if the blocks
 * around both mean the same, from the widest to the longest, without those that a longer one hides:
 * with a million routes by a few gateways there are few classes.
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

  /** Whether what a block means makes what a wider one means of no account. */
  private final BiPredicate<Object, Object> hides;

  /** What blocks of the same addresses mean, in the order they were added. */
  private final Map<List<Object>, Integer> meanings = new HashMap<>();

  /** Of each class what the blocks around its addresses mean, the widest first. */
  private final Map<List<Object>, Integer> nestings = new HashMap<>();

  private final List<List<Object>> byId = new ArrayList<>();

  /** The class within a class by a meaning, as it was found once. */
  private final Map<Long, Integer> known = new HashMap<>();

  private final List<IpAddress> starts = new ArrayList<>();
  private final List<Integer> ids = new ArrayList<>();
  private final List<@Nullable IpAddress> examples = new ArrayList<>();

  AddressBlocks(boolean v6, BiPredicate<Object, Object> hides) {
    this.v6 = v6;
    this.hides = hides;
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
    around.add(new Open(AddressRange.of(IpPrefix.of(any, 0)).last(), nesting(List.of())));
    begin(any, around.getLast().id());
    for (int from = 0; from < marks.size(); ) {
      IpPrefix block = marks.get(from).block();
      int to = from + 1;
      while (to < marks.size() && marks.get(to).block().equals(block)) {
        to++;
      }
      close(around, block.network());
      int id = within(around.getLast().id(), marks.subList(from, to));
      around.add(new Open(AddressRange.of(block).last(), id));
      begin(block.network(), id);
      from = to;
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

  private int within(int around, List<Mark> sameBlock) {
    List<Object> meaning = sameBlock.stream().map(Mark::meaning).toList();
    int number = meanings.computeIfAbsent(meaning, _ -> meanings.size());
    Integer id = known.get((long) around << 32 | number);
    if (id == null) {
      List<Object> nesting = new ArrayList<>(byId.get(around));
      nesting.removeIf(outer -> meaning.stream().anyMatch(inner -> hides.test(inner, outer)));
      nesting.addAll(meaning);
      id = nesting(nesting);
      known.put((long) around << 32 | number, id);
    }
    return id;
  }

  private int nesting(List<Object> blocks) {
    Integer id = nestings.get(blocks);
    if (id == null) {
      id = nestings.size();
      nestings.put(List.copyOf(blocks), id);
      byId.add(List.copyOf(blocks));
    }
    return id;
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
