package io.vipscope.core.model.compiled;

import io.vipscope.core.model.snapshot.Range;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Ports or protocols that the same ranges hold are of one class. Immutable. */
final class ValueClasses {

  private final char[] ids;
  private final List<Integer> examples = new ArrayList<>();

  /**
   * @param size values are 0 to size - 1
   */
  ValueClasses(int size, Collection<Range> ranges) {
    ids = new char[size];
    List<List<Integer>> begins = new ArrayList<>();
    List<List<Integer>> ends = new ArrayList<>();
    for (int value = 0; value <= size; value++) {
      begins.add(List.of());
      ends.add(List.of());
    }
    int number = 0;
    for (Range range : ranges) {
      long first = Math.max(0, range.first());
      long last = Math.min(size - 1L, range.last());
      if (first <= last) {
        note(begins, (int) first, number);
        note(ends, (int) last + 1, number);
      }
      number++;
    }
    Map<BitSet, Integer> classes = new HashMap<>();
    BitSet inside = new BitSet();
    int id = 0;
    for (int value = 0; value < size; value++) {
      boolean changes = value == 0 || !begins.get(value).isEmpty() || !ends.get(value).isEmpty();
      if (changes) {
        ends.get(value).forEach(inside::clear);
        begins.get(value).forEach(inside::set);
        Integer known = classes.get(inside);
        if (known == null) {
          known = classes.size();
          classes.put((BitSet) inside.clone(), known);
          examples.add(value);
        }
        id = known;
      }
      ids[value] = (char) id;
    }
  }

  private static void note(List<List<Integer>> at, int value, int number) {
    if (at.get(value).isEmpty()) {
      at.set(value, new ArrayList<>());
    }
    at.get(value).add(number);
  }

  int of(int value) {
    return ids[value];
  }

  int count() {
    return examples.size();
  }

  int example(int id) {
    return examples.get(id);
  }
}
