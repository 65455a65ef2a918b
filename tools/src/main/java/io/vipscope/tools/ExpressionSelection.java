package io.vipscope.tools;

import io.vipscope.capture.filter.FrameFilter;
import io.vipscope.core.frame.LinkType;
import io.vipscope.core.ring.FramePublisher;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The user's expression, compiled for each link type that comes along. One thread uses an instance.
 */
final class ExpressionSelection implements FramePublisher.Selection {

  private final String expression;
  private final Map<Integer, FrameFilter> filters = new HashMap<>();
  private FrameFilter current;
  private int currentLinkType;

  private ExpressionSelection(String expression) {
    this.expression = expression;
    // Compiled at once: a syntax error shall be told before the first frame is read.
    currentLinkType = LinkType.ETHERNET;
    current = FrameFilter.compile(expression, currentLinkType);
    filters.put(currentLinkType, current);
  }

  /** The selection for the words of an expression; none select every frame. */
  static FramePublisher.Selection of(List<String> words) {
    return words.isEmpty()
        ? FramePublisher.Selection.ALL
        : new ExpressionSelection(String.join(" ", words));
  }

  @Override
  public FramePublisher.Selection another() {
    return new ExpressionSelection(expression);
  }

  @Override
  public boolean matches(
      MemorySegment data, long offset, int capturedLength, int wireLength, int linkType) {
    if (linkType != currentLinkType) {
      current = filters.computeIfAbsent(linkType, t -> FrameFilter.compile(expression, t));
      currentLinkType = linkType;
    }
    return current.matches(data, offset, capturedLength, wireLength);
  }
}
