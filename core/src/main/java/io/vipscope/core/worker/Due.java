package io.vipscope.core.worker;

/** Something that the cold thread does when the capture has come so far. */
public interface Due extends Comparable<Due> {

  // Ranks: what is due at one time is done in this order.
  int CONTROL = 0;
  int OPENED = 1;
  int USED = 2;

  /** Also that of a flow's first verdict. */
  int ENDED = 3;

  /** Also that of a flow's record. */
  int ACKNOWLEDGED = 4;

  int PASSED = 5;

  /** Capture time at which it is due. */
  long atNs();

  /** One of the ranks above. */
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
