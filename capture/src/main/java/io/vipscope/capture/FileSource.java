package io.vipscope.capture;

/** Frames of a file or pipe: there is always a next one, until the end. */
public non-sealed interface FileSource extends FrameSource {

  /** What was lost when the file was written it does not tell. */
  @Override
  default SourceCounters counters() {
    return SourceCounters.UNKNOWN;
  }
}
