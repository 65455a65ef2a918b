package io.vipscope.tools;

import io.vipscope.capture.host.ChangeReader;
import io.vipscope.core.model.change.Change;
import io.vipscope.core.model.change.ChangeException;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.ArrayList;
import java.util.List;

/** Changes of a host's state as the user wrote them, one after the other. */
final class NamedChanges {

  private record Named(String text, Change change) {}

  private final List<Named> changes = new ArrayList<>();

  /**
   * Reads commands.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  NamedChanges(List<String> commands) {
    for (String command : commands) {
      try {
        changes.add(new Named(command.strip(), ChangeReader.read(command)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("'" + command + "': " + e.getMessage(), e);
      }
    }
  }

  /**
   * The host after all of them.
   *
   * @throws ChangeException if the kernel would refuse one, naming it
   */
  HostSnapshot applyTo(HostSnapshot s) {
    HostSnapshot state = s;
    for (Named named : changes) {
      try {
        state = named.change().applyTo(state);
      } catch (ChangeException e) {
        throw new ChangeException("'" + named.text() + "': " + e.getMessage());
      }
    }
    return state;
  }
}
