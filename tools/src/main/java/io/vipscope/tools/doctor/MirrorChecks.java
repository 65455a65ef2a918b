package io.vipscope.tools.doctor;

import io.vipscope.capture.FrameSource;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.MacAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether an interface looks like a mirror port of the audited hosts. */
public final class MirrorChecks {

  /** An audited host and the MACs of its interfaces. */
  private record Host(String name, Set<Long> macs) {}

  private final List<Host> hosts = new ArrayList<>();
  private final List<Check> checks = new ArrayList<>();
  private final String name;
  private final Sample sample = new Sample();

  private MirrorChecks(String name, Map<String, List<HostSnapshot>> audited) {
    this.name = name;
    audited.forEach((host, snapshots) ->
        hosts.add(
            new Host(
                host,
                snapshots.stream()
                    .flatMap(s -> s.macs().stream())
                    .map(MacAddress::bits)
                    .filter(mac -> mac != 0 && !MacAddress.isVirtualRouter(mac))
                    .collect(Collectors.toCollection(LinkedHashSet::new)))));
  }

  /**
   * Listens, and judges what came.
   *
   * @param ownMac the interface's MAC; -1 = none
   * @param seconds how long to listen
   * @param audited snapshots by host; none: only frames as such are judged
   */
  public static List<Check> of(
      FrameSource source,
      String name,
      long ownMac,
      double seconds,
      Map<String, List<HostSnapshot>> audited) {
    MirrorChecks all = new MirrorChecks(name, audited);
    long endNs = System.nanoTime() + (long) (seconds * 1e9);
    boolean goesOn = true;
    while (goesOn && System.nanoTime() < endNs) {
      switch (source.next()) {
        case FRAME -> all.sample.add(source, ownMac);
        case IDLE -> {}
        case END -> goesOn = false;
      }
    }
    all.judge(seconds);
    return all.checks;
  }

  private void add(
      boolean good, Check.Status otherwise, String what, String found, String why, String fix) {
    checks.add(new Check(good ? Check.Status.OK : otherwise, what, found, why, good ? null : fix));
  }

  private void judge(double seconds) {
    String span = "of SPAN port, VLANs and direction: see the switch's monitor session";
    add(
        sample.frames > 0,
        Check.Status.FAIL,
        "frames",
        name + ": " + sample.frames + " within " + seconds + " s",
        "without frames there is nothing to audit",
        "tcpdump -ni " + name + " -c 10");
    if (sample.frames == 0) {
      return;
    }
    add(
        sample.toOthers > 0,
        Check.Status.FAIL,
        "mirror port",
        sample.toOthers + " frames were addressed to other stations",
        "a port that only sees its own frames and broadcasts is no mirror port",
        "check the source " + span);
    Set<Long> known = hosts.stream().flatMap(h -> h.macs().stream()).collect(Collectors.toSet());
    if (known.isEmpty()) {
      checks.add(
          Check.unknown(
              "audited hosts",
              "none given (--hosts DIR)",
              "with their MACs it can be told whether both directions are mirrored"));
    }
    for (Host host : hosts) {
      host(host);
    }
    add(
        sample.vrrp > 0,
        hosts.isEmpty() ? Check.Status.WARN : Check.Status.FAIL,
        "VRRP",
        sample.vrrp + " adverts",
        "who holds a VIP, and since when, is known from adverts",
        "tcpdump -ni " + name + " -c 3 'proto 112 or ip6 proto 112 or vlan and proto 112'");
    if (!known.isEmpty() && sample.vrrp > 0) {
      boolean theirs =
          sample.vrrpSources.stream()
              .anyMatch(m -> known.contains(m) || MacAddress.isVirtualRouter(m));
      add(
          theirs,
          Check.Status.WARN,
          "VRRP of the hosts",
          theirs ? "adverts come from an audited host" : "all adverts come from other MACs",
          "another pair's adverts say nothing about this one's VIPs",
          "vipscope owner -i " + name + " --hosts DIR");
    }
    add(
        sample.arp > 0,
        Check.Status.WARN,
        "ARP",
        sample.arp + " frames",
        "gratuitous ARP shows the very moment of a takeover; few hosts may need none for some seconds",
        "arping -c 2 VIP  # from another host, then look again");
    checks.add(
        Check.ok(
            "VLAN tags",
            sample.tagged + " of " + sample.frames + " frames",
            "a tag is part of a flow's segment: tagged one way only needs --no-vlan-key"));
  }

  private void host(Host host) {
    boolean sends = seen(host.macs(), sample.sources);
    boolean receives = seen(host.macs(), sample.destinations);
    String found =
        sends && receives
            ? "frames from it and to it"
            : sends ? "frames from it only" : receives ? "frames to it only" : "none of its frames";
    add(
        sends && receives,
        sends ? Check.Status.WARN : Check.Status.FAIL,
        "host " + host.name(),
        found,
        "from one direction alone the opener of a flow, and losses, cannot be told",
        "mirror both directions (rx and tx) of the port of " + host.name());
  }

  private static boolean seen(Collection<Long> macs, Set<Long> where) {
    return macs.stream().anyMatch(where::contains);
  }
}
