package io.vipscope.tools;

import io.vipscope.core.model.selection.RouteQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.List;

/** Shows what changes of a state do to its answers. */
interface WhatifOutput {

  /** The kernel would refuse the changes in this state. */
  void refused(ChangedState state);

  /** The answers to single queries, changed or not. */
  void answers(ChangedState state, List<RouteQuery> asked, HostSnapshot after);

  /** What changes among all destinations. */
  void sweep(ChangedState state, DestinationChange.Sweep sweep);
}
