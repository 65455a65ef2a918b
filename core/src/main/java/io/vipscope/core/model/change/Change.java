package io.vipscope.core.model.change;

import io.vipscope.core.model.snapshot.HostSnapshot;

/** One change of a host's configuration, as a command of {@code ip}, {@code nft} or iptables. */
public interface Change {

  /**
   * The host after the command. Everything else stays as it is: nobody reacts to it.
   *
   * @throws ChangeException if the kernel would refuse it
   */
  HostSnapshot applyTo(HostSnapshot s);
}
