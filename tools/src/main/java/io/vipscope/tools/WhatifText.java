package io.vipscope.tools;

import io.vipscope.core.model.flow.Destinations;
import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpPrefix;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;

/** What changes of a state do, for people. */
final class WhatifText implements WhatifOutput {

  private static final String INDENT = "    ";

  /** So many blocks that do not change are named; the others are counted. */
  private static final int EXCEPTIONS = 6;

  private final String host;
  private final PrintWriter out;
  private final TextStyle style = TextStyle.forStdout();
  private boolean first = true;

  WhatifText(String host, PrintWriter out) {
    this.host = host;
    this.out = out;
  }

  private void title(ChangedState state) {
    if (!first) {
      out.println();
    }
    first = false;
    out.println(style.bold(state.title(host)));
  }

  @Override
  public void refused(ChangedState state) {
    title(state);
    Lines.wrapped("the kernel would refuse " + state.refused(), "  ", INDENT).forEach(out::println);
  }

  @Override
  public void answers(ChangedState state, List<RouteQuery> asked, HostSnapshot after) {
    title(state);
    for (RouteQuery q : asked) {
      line(q.dst().toString(), SourceAnswer.of(state.before(), q), SourceAnswer.of(after, q));
    }
  }

  @Override
  public void sweep(ChangedState state, DestinationChange.Sweep sweep) {
    title(state);
    List<DestinationChange> sources =
        sweep.changes().stream().filter(DestinationChange::ofSource).toList();
    List<DestinationChange> ways = sweep.changes().stream().filter(c -> !c.ofSource()).toList();
    if (sources.isEmpty()) {
      out.println("  no destination changes its source (" + sweep.blocks() + " blocks compared)");
      out.println("  (as asked; --mark, --uid, --tos, --oif, --ipproto and --dport ask otherwise)");
    }
    sources.forEach(this::change);
    if (!ways.isEmpty()) {
      out.println("  the same source, another way:");
      ways.forEach(this::change);
    }
    if (state.after() != null
        && (Destinations.byHash(state.before()) || Destinations.byHash(state.after()))) {
      out.println(
          "  NAT to a range goes by a hash: within a block, addresses may differ; ask for DST");
    }
  }

  private void change(DestinationChange change) {
    line(DestinationChange.name(change.prefix()), change.before(), change.after());
    List<IpPrefix> except = change.except();
    if (!except.isEmpty()) {
      String names =
          except.stream()
              .limit(EXCEPTIONS)
              .map(DestinationChange::name)
              .collect(Collectors.joining(", "));
      int more = except.size() - EXCEPTIONS;
      Lines.wrapped(
              "but not " + names + (more > 0 ? " and " + more + " more" : ""),
              INDENT,
              INDENT + "  ")
          .forEach(out::println);
    }
  }

  private void line(String destination, SourceAnswer before, SourceAnswer after) {
    String name = "  %-22s ".formatted(destination);
    String text;
    if (before.same(after)) {
      text = "stays " + before.source() + before.way();
    } else if (before.sameWay(after)) {
      text = before.source() + " -> " + style.bold(after.source());
    } else {
      text = before.source() + before.way() + " -> " + style.bold(after.source()) + after.way();
    }
    out.println(name + text);
  }
}
