package io.vipscope.core.model.selection;

import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Devices that share routing: those of one VRF, or all that are in none ({@code l3mdev}). */
final class L3Domain {

  private L3Domain() {}

  /** The VRF device a device belongs to or is; null = none. */
  static @Nullable Link master(HostSnapshot s, @Nullable Link link) {
    if (link == null || "vrf".equals(link.kind())) {
      return link;
    }
    Link master = link.master() == null ? null : s.link(link.master());
    return master != null && "vrf".equals(master.kind()) ? master : null;
  }

  /** All devices of the device's domain, in device-list order, a VRF device first. */
  static List<Link> devices(HostSnapshot s, @Nullable Link link) {
    Link master = master(s, link);
    List<Link> devices = new ArrayList<>();
    if (master != null) {
      devices.add(master);
    }
    for (Link each : s.links()) {
      boolean first = master != null && master.name().equals(each.name());
      if (!first && Objects.equals(master(s, each), master)) {
        devices.add(each);
      }
    }
    return devices;
  }
}
