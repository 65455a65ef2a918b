package io.vipscope.capture;

import java.lang.foreign.MemorySegment;

/**
 * A cursor over captured frames, from a file or an interface. One thread uses an instance.
 *
 * <p>After {@link #next()} returned {@link Next#FRAME} the accessors describe that frame, until the
 * following call of {@link #next()}.
 */
public sealed interface FrameSource extends AutoCloseable
    permits FileSource, InterfaceSource, MergedSource {

  /** What {@link #next()} found. */
  enum Next {
    /** A frame is there. */
    FRAME,
    /** Nothing now, or within the poll interval: {@link InterfaceSource} only. */
    IDLE,
    /** No further frame will come. */
    END
  }

  /**
   * Moves to the next frame.
   *
   * @throws CaptureException if the input is broken from here on; frames given before remain valid
   */
  Next next();

  /** Capture time in ns since 1970-01-01 UTC. */
  long timestampNs();

  /** Length on the wire in bytes. */
  int wireLength();

  /** Bytes captured, at most {@link #wireLength()} in a sound capture. */
  int capturedLength();

  /** Link type of this frame (the LINKTYPE registry of libpcap). */
  int linkType();

  /** Where the frame's bytes are, from {@link #dataOffset()} on. */
  MemorySegment data();

  /** Offset of the frame's first byte within {@link #data()}. */
  long dataOffset();

  /** Which of several merged sources the frame came from; 0 where there is one. */
  default int sourceIndex() {
    return 0;
  }

  /** Interface name for a live source, file name as given by the user for a file. */
  String name();

  /** Asks a blocked {@link #next()} to return END soon. May be called from any thread. */
  void stop();

  /** Loss that the source knows of. */
  SourceCounters counters();

  @Override
  void close();
}
