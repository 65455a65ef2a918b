package io.vipscope.tools;

import io.vipscope.core.model.compiled.CompiledState;
import io.vipscope.core.model.flow.Destinations;
import io.vipscope.core.model.flow.Destinations.Block;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Destinations whose answer a change of the state changes.
 *
 * @param prefix without the longer blocks that have a line of their own
 * @param example for which the answers are given
 * @param except blocks in it whose answer does not change
 */
record DestinationChange(
    IpPrefix prefix,
    IpAddress example,
    SourceAnswer before,
    SourceAnswer after,
    List<IpPrefix> except) {

  /** Nothing is sent there. */
  private static final IpPrefix NOWHERE = IpPrefix.parse("0.0.0.0/8");

  DestinationChange {
    except = List.copyOf(except);
  }

  boolean ofSource() {
    return !before.sameSource(after);
  }

  /** What changes in all blocks, and how many there are. */
  record Sweep(List<DestinationChange> changes, int blocks) {

    /** The same changes, whatever state they are compared in. */
    boolean sameAs(Sweep other) {
      return texts().equals(other.texts());
    }

    private Set<String> texts() {
      Set<String> texts = new HashSet<>();
      changes.forEach(c ->
          texts.add(
              c.prefix
                  + " "
                  + c.before.source()
                  + c.before.way()
                  + " "
                  + c.after.source()
                  + c.after.way()));
      return texts;
    }
  }

  /** Asks both states for every block of destinations that one of them tells apart. */
  static Sweep of(
      HostSnapshot before, HostSnapshot after, boolean v6, Function<IpAddress, RouteQuery> query) {
    List<Block> blocks = Destinations.of(List.of(before, after), v6);
    Answers answers = new Answers(before, after);
    List<Line> lines = new ArrayList<>();
    // For each block: its own line or that of the block around it; null where nothing changes.
    List<@Nullable Line> shown = new ArrayList<>();
    for (Block block : blocks) {
      Line around = block.parent() < 0 ? null : shown.get(block.parent());
      IpAddress example = block.example();
      if (example == null || NOWHERE.contains(example)) {
        shown.add(around);
        continue;
      }
      Both both = answers.of(query.apply(example));
      SourceAnswer a = both.before();
      SourceAnswer b = both.after();
      if (a.same(b)) {
        if (around != null && !a.stays() && !example.isLoopback()) {
          around.except.add(block.prefix());
        }
        shown.add(null);
      } else if (around != null && around.covers(example, a, b)) {
        shown.add(around);
      } else {
        Line line = new Line(block.prefix(), example, a, b, new ArrayList<>());
        lines.add(line);
        shown.add(line);
      }
    }
    return new Sweep(
        lines.stream()
            .map(l -> new DestinationChange(l.prefix, l.example, l.before, l.after, l.except))
            .toList(),
        blocks.size());
  }

  private record Both(SourceAnswer before, SourceAnswer after) {}

  /** Both states' answers, asked once for all destinations that both treat alike. */
  private static final class Answers {

    private record Classes(int before, int after) {}

    private final HostSnapshot before;
    private final HostSnapshot after;
    private final CompiledState compiledBefore;
    private final CompiledState compiledAfter;
    private final Map<Classes, Both> known = new HashMap<>();

    Answers(HostSnapshot before, HostSnapshot after) {
      this.before = before;
      this.after = after;
      compiledBefore = CompiledState.of(before);
      compiledAfter = CompiledState.of(after);
    }

    Both of(RouteQuery q) {
      int a = compiledBefore.destination(q.dst());
      int b = compiledAfter.destination(q.dst());
      boolean alike = a != CompiledState.NOT_COMPILED && b != CompiledState.NOT_COMPILED;
      return alike ? known.computeIfAbsent(new Classes(a, b), _ -> ask(q)) : ask(q);
    }

    private Both ask(RouteQuery q) {
      return new Both(SourceAnswer.of(before, q), SourceAnswer.of(after, q));
    }
  }

  /** A change as it is found. */
  private record Line(
      IpPrefix prefix,
      IpAddress example,
      SourceAnswer before,
      SourceAnswer after,
      List<IpPrefix> except) {

    /** Multicast has no gateway: its way differs from that of all around it for that alone. */
    boolean covers(IpAddress destination, SourceAnswer a, SourceAnswer b) {
      return destination.isMulticast() || destination.isLimitedBroadcast()
          ? a.sameSource(before) && b.sameSource(after)
          : a.same(before) && b.same(after);
    }
  }

  /** How {@code ip route} names a block. */
  static String name(IpPrefix prefix) {
    if (prefix.length() == 0) {
      return "default";
    }
    return prefix.length() == prefix.network().bits()
        ? prefix.network().toString()
        : prefix.toString();
  }
}
