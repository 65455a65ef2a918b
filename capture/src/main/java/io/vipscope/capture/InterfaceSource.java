package io.vipscope.capture;

/**
 * Frames of a network interface as they come: {@link #next()} gives up now and then while there are
 * none, and kernel and interface count what they had to drop.
 */
public non-sealed interface InterfaceSource extends FrameSource {

  /** Loss that the kernel and the interface report, since the source was opened. */
  @Override
  SourceCounters counters();
}
