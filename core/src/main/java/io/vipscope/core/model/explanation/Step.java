package io.vipscope.core.model.explanation;

import io.vipscope.core.model.snapshot.Nexthop;
import io.vipscope.core.model.snapshot.PolicyRule;
import io.vipscope.core.model.snapshot.Route;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of an explanation, as data; {@link StepText} makes a sentence of it. */
public sealed interface Step {

  /** A policy rule that matched. */
  record Rule(PolicyRule rule, Effect effect) implements Step {}

  /** What came of a rule that matched. */
  enum Effect {
    /** Its table answered. */
    DECIDED,
    /** Its table has no route for the destination, or says throw. */
    NO_ROUTE,
    /** Its table's answer was suppressed by the rule itself. */
    SUPPRESSED,
    /** It jumped to a later rule. */
    JUMPED,
    /** It refused the destination. */
    REJECTED,
    /** Whether it matches cannot be told. */
    UNKNOWN
  }

  /**
   * A table was asked.
   *
   * @param merged local and main were asked as one trie
   */
  record Table(String table, boolean merged, boolean found) implements Step {}

  /**
   * A route decided.
   *
   * @param hop the way out; null for a reject route
   * @param choices how many ways were possible
   */
  record RouteChosen(Route route, @Nullable Nexthop hop, int choices) implements Step {}

  /** No route took part: the kernel's own rule for this kind of destination did. */
  record NoLookup(Why why, @Nullable String dev) implements Step {

    /** Kinds of destination or failure that bypass the tables. */
    public enum Why {
      /** 224.0.0.0/24, limited broadcast or IGMP with a device. */
      LINK_DESTINATION,
      /** Multicast or broadcast from a given source: its device. */
      DEVICE_OF_SOURCE,
      /** The unspecified address: this host. */
      THIS_HOST,
      /** The lookup failed, but a device was given: taken as on-link. */
      ASSUMED_ON_LINK,
      /** No rule led to a route. */
      NO_ROUTE,
      /** The device does not exist or is down. */
      DEVICE_UNUSABLE,
      /** The source may not be used so. */
      SOURCE_INVALID,
      /** The source is no address of this host. */
      SOURCE_NOT_LOCAL,
      /** The destination may not be sent to. */
      DESTINATION_INVALID
    }
  }

  /**
   * A source address was chosen.
   *
   * @param source null: there is none
   * @param dev the device asked for an address; null where none was
   */
  record Source(@Nullable IpAddress source, Basis basis, @Nullable String dev, String detail)
      implements Step {}

  /** The socket looks up again with the source that the first pass chose. */
  record Pass(int number, @Nullable IpAddress source) implements Step {}

  /** Netfilter changed the packet's source, or was found not to. */
  record Nat(@Nullable IpAddress before, @Nullable IpAddress after, String rule) implements Step {}

  /**
   * Something that the snapshot does not show decides.
   *
   * @param ways how many ways out are possible
   * @param errors names of the errors that are possible
   */
  record Undetermined(int ways, List<String> errors) implements Step {
    public Undetermined {
      errors = List.copyOf(errors);
    }
  }
}
