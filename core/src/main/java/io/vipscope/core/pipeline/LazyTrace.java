package io.vipscope.core.pipeline;

import java.util.AbstractList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A list that is made when it is first read. One thread uses an instance. */
final class LazyTrace extends AbstractList<String> {

  private final Supplier<List<String>> maker;
  private @Nullable List<String> made;

  LazyTrace(Supplier<List<String>> maker) {
    this.maker = maker;
  }

  private List<String> list() {
    List<String> list = made;
    if (list == null) {
      list = maker.get();
      made = list;
    }
    return list;
  }

  @Override
  public String get(int index) {
    return list().get(index);
  }

  @Override
  public int size() {
    return list().size();
  }
}
