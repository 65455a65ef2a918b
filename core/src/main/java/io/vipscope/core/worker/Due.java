package io.vipscope.core.worker;

/** Something that the cold thread does when the capture has come so far. */
public interface Due extends Comparable<Due> {

  /** Capture time at which it is due. */
  long atNs();

  /** Of what is due at the same time, the lower rank first. */
  int rank();

  /** Of the same time and rank, the earlier frame first. */
  long frame();

  /** The order of the capture. */
  @Override
  default int compareTo(Due other) {
    int order = Long.compare(atNs(), other.atNs());
    if (order == 0) {
      order = Integer.compare(rank(), other.rank());
    }
    return order == 0 ? Long.compare(frame(), other.frame()) : order;
  }
}
