package io.vipscope.core.ring;

/** Who can make room in the ring. */
public interface Helper {

  /** Does some of the work that the ring waits for; false if there was none to be done here. */
  boolean help() throws InterruptedException;
}
