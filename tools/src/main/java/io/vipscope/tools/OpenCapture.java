package io.vipscope.tools;

import io.vipscope.capture.FrameSource;
import java.util.List;

/**
 * What an audit reads, open.
 *
 * @param sources one for each thread that reads
 */
record OpenCapture(List<FrameSource> sources) implements AutoCloseable {

  OpenCapture {
    sources = List.copyOf(sources);
  }

  @Override
  public void close() {
    sources.forEach(FrameSource::close);
  }
}
