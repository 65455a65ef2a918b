package io.vipscope.core.model.compiled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.vipscope.core.model.snapshot.Range;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ValueClassesTest {

  private static List<Integer> ids(ValueClasses classes, int size) {
    return IntStream.range(0, size).map(classes::of).boxed().toList();
  }

  @Test
  void withoutRangesAllAreAlike() {
    ValueClasses classes = new ValueClasses(5, List.of());
    assertEquals(List.of(0, 0, 0, 0, 0), ids(classes, 5));
    assertEquals(1, classes.count());
    assertEquals(0, classes.example(0));
  }

  @Test
  void overlappingRangesMakeAClassOfWhatBothHold() {
    ValueClasses classes = new ValueClasses(12, List.of(new Range(2, 6), new Range(5, 8)));
    assertEquals(List.of(0, 0, 1, 1, 1, 2, 2, 3, 3, 0, 0, 0), ids(classes, 12));
    assertEquals(4, classes.count());
    assertEquals(List.of(0, 2, 5, 7), IntStream.range(0, 4).map(classes::example).boxed().toList());
  }

  @Test
  void rangesEndWhereTheValuesDo() {
    List<Range> ranges =
        List.of(new Range(-3, 1), new Range(7, 70), new Range(8, 9), new Range(5, 4));
    ValueClasses classes = new ValueClasses(8, ranges);
    assertEquals(List.of(0, 0, 1, 1, 1, 1, 1, 2), ids(classes, 8));
    assertEquals(3, classes.count());
  }

  @Test
  void singleValuesAndNeighbours() {
    ValueClasses classes = new ValueClasses(6, List.of(new Range(0, 0), new Range(3, 3)));
    assertEquals(List.of(0, 1, 1, 2, 1, 1), ids(classes, 6));
    assertNotEquals(classes.of(3), classes.of(4));
  }
}
