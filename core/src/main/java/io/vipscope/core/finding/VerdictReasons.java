package io.vipscope.core.finding;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the model says beside a verdict; asked only where it is needed. */
public interface VerdictReasons {

  /** Why the kernel itself chose the VIP that is the source; null if somebody named it. */
  @Nullable String chosen();

  /** The rules, routes and NAT rules that the flow went by, as {@link #absences} names them. */
  Set<String> uses();

  /** Those of which the flow has the source that it would have without them. */
  List<String> absences();
}
