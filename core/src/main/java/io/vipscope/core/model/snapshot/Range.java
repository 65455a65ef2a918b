package io.vipscope.core.model.snapshot;

/** An inclusive range of ports or uids. */
public record Range(long first, long last) {

  public boolean contains(long value) {
    return value >= first && value <= last;
  }

  @Override
  public String toString() {
    return first == last ? Long.toString(first) : first + "-" + last;
  }
}
