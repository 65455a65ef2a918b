package io.vipscope.tools;

import io.vipscope.core.model.change.ChangeException;
import io.vipscope.core.model.change.Role;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A host's state before and after changes.
 *
 * @param role null: the newest state, whatever its role
 * @param afterFailover the changes were made in the other role, then the host took this one; {@code
 *     before} took it without them
 * @param after null if the kernel would refuse the changes
 * @param refused why; null if it would not
 */
record ChangedState(
    @Nullable Role role,
    boolean afterFailover,
    HostSnapshot before,
    @Nullable HostSnapshot after,
    @Nullable String refused) {

  /**
   * The states to compare: in each role, and after a failover from the other one.
   *
   * @param roles empty: the newest state alone
   */
  static List<ChangedState> of(
      List<HostSnapshot> snapshots, NamedChanges changes, List<Role> roles) {
    if (roles.isEmpty()) {
      return List.of(direct(null, snapshots.getLast(), changes));
    }
    List<ChangedState> states = new ArrayList<>();
    for (Role role : roles) {
      states.add(direct(role, role.state(snapshots), changes));
    }
    for (ChangedState from : List.copyOf(states)) {
      if (from.role != null && from.after != null) {
        Role role = from.role.other();
        states.add(
            new ChangedState(role, true, role.enter(from.before), role.enter(from.after), null));
      }
    }
    return states;
  }

  private static ChangedState direct(
      @Nullable Role role, HostSnapshot before, NamedChanges changes) {
    try {
      return new ChangedState(role, false, before, changes.applyTo(before), null);
    } catch (ChangeException e) {
      return new ChangedState(role, false, before, null, e.getMessage());
    }
  }

  /** The state, for people. */
  String title(String host) {
    if (role == null) {
      return host + ", " + SnapshotText.basis(before);
    }
    return afterFailover
        ? host + " as " + role + ", after a failover: the change was made as " + role.other()
        : host + " as " + role + ", " + SnapshotText.basis(before);
  }
}
