package io.vipscope.tools;

import io.vipscope.core.model.snapshot.HostSnapshot;

/** Which snapshot an answer rests on, for people. */
final class SnapshotText {

  private SnapshotText() {}

  static String basis(HostSnapshot snapshot) {
    String time = snapshot.tEndNs() == HostSnapshot.ALWAYS ? "" : " of " + time(snapshot.tEndNs());
    return snapshot.assumed() ? "assumed from the snapshot" + time : "by the snapshot" + time;
  }

  /** A snapshot's time. */
  static String time(long ns) {
    return ns == HostSnapshot.ALWAYS ? "an unknown time" : Timestamp.of(ns);
  }
}
