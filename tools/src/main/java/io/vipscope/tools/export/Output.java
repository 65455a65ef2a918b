package io.vipscope.tools.export;

import io.vipscope.tools.view.ResultSink;

/** A way out for results: takes them without waiting, and says what it had to leave out. */
public interface Output extends ResultSink {

  /** Its name in {@code stats} and in the numbers for Prometheus. */
  String name();

  /** Records it had no room for, or that its receiver did not take. */
  long drops();

  /** Why it failed to send last, in a few words; empty if it never did. */
  String reason();

  /** Sends what waits, for some seconds at most; the rest counts as dropped. */
  void close();
}
