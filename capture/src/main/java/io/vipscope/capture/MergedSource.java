package io.vipscope.capture;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several sources as one, by time: of the frames that wait, the earliest comes first; at equal
 * times the source named first. Each source keeps its own order.
 */
public final class MergedSource implements FrameSource {

  private final List<? extends FrameSource> sources;
  private final boolean[] waiting;
  private final boolean[] ended;
  private int current = -1;
  private @Nullable RuntimeException failure;

  /** One source as it is, several merged. */
  public static FrameSource of(List<? extends FrameSource> sources) {
    return sources.size() == 1 ? sources.getFirst() : new MergedSource(sources);
  }

  private MergedSource(List<? extends FrameSource> sources) {
    this.sources = List.copyOf(sources);
    waiting = new boolean[sources.size()];
    ended = new boolean[sources.size()];
  }

  @Override
  public int sourceIndex() {
    return current;
  }

  /** The names of the sources, by index. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    sources.forEach(s -> names.add(s.name()));
    return names;
  }

  /**
   * A source that fails is told about after the frames of all others, so that nothing that could be
   * read is lost.
   */
  @Override
  public Next next() {
    if (current >= 0) {
      waiting[current] = false;
    }
    boolean idle = false;
    int earliest = -1;
    for (int i = 0; i < sources.size(); i++) {
      if (!waiting[i] && !ended[i]) {
        idle |= !advance(i);
      }
      if (waiting[i]
          && (earliest < 0 || sources.get(i).timestampNs() < sources.get(earliest).timestampNs())) {
        earliest = i;
      }
    }
    current = earliest;
    if (earliest >= 0) {
      return Next.FRAME;
    }
    if (idle) {
      return Next.IDLE;
    }
    if (failure != null) {
      throw failure;
    }
    return Next.END;
  }

  /** Moves one source on; false if it has nothing now but may have later. */
  private boolean advance(int i) {
    try {
      Next next = sources.get(i).next();
      waiting[i] = next == Next.FRAME;
      ended[i] = next == Next.END;
      return next != Next.IDLE;
    } catch (RuntimeException e) {
      ended[i] = true;
      if (failure == null) {
        failure = e;
      }
      return true;
    }
  }

  private FrameSource source() {
    return sources.get(current);
  }

  @Override
  public long timestampNs() {
    return source().timestampNs();
  }

  @Override
  public int wireLength() {
    return source().wireLength();
  }

  @Override
  public int capturedLength() {
    return source().capturedLength();
  }

  @Override
  public int linkType() {
    return source().linkType();
  }

  @Override
  public MemorySegment data() {
    return source().data();
  }

  @Override
  public long dataOffset() {
    return source().dataOffset();
  }

  @Override
  public String name() {
    return current < 0 ? "" : source().name();
  }

  @Override
  public void stop() {
    sources.forEach(FrameSource::stop);
  }

  /** The sums, each unknown if one source does not know it. */
  @Override
  public SourceCounters counters() {
    return sources.stream().map(FrameSource::counters).reduce(SourceCounters::plus).orElseThrow();
  }

  @Override
  public void close() {
    sources.forEach(FrameSource::close);
  }
}
