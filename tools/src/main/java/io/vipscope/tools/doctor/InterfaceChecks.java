package io.vipscope.tools.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One interface: whether it is up, and what it does to frames before anybody sees them. */
public final class InterfaceChecks {

  private static final int IFF_UP = 0x1;
  private static final int IFF_PROMISC = 0x100;

  private final Program program;
  private final String name;
  private final List<Check> checks = new ArrayList<>();

  private InterfaceChecks(Program program, String name) {
    this.program = program;
    this.name = name;
  }

  /** All of them; the first alone if there is no such interface. */
  public static List<Check> of(Program program, String name) throws InterruptedException {
    InterfaceChecks all = new InterfaceChecks(program, name);
    if (all.state()) {
      all.address();
      all.offloads();
      all.ring();
    }
    return all.checks;
  }

  private @Nullable String sys(String file) {
    return program.file(Path.of("/sys/class/net", name, file));
  }

  private boolean state() {
    String why = "frames come only from an interface that is up and has a carrier";
    String flags = sys("flags");
    if (flags == null) {
      checks.add(
          new Check(
              Check.Status.FAIL,
              "interface",
              name + ": no such interface",
              why,
              "ip -brief link  # shows what there is"));
      return false;
    }
    int bits = Integer.decode(flags);
    boolean up = (bits & IFF_UP) != 0;
    boolean carrier = "1".equals(sys("carrier"));
    checks.add(
        up && carrier
            ? Check.ok("interface", name + ": up, carrier", why)
            : new Check(
                Check.Status.FAIL,
                "interface",
                name + ": " + (up ? "no carrier" : "down"),
                why,
                up ? null : "ip link set " + name + " up"));
    checks.add(
        Check.ok(
            "promiscuous",
            (bits & IFF_PROMISC) != 0
                ? name + ": on"
                : name + ": off now; the audit turns it on (unless -p)",
            "a mirror port carries frames that are addressed to others"));
    return true;
  }

  private void address() throws InterruptedException {
    String why = "a mirror port with an address answers ARP and takes part in what it should watch";
    String text = program.output(List.of("ip", "-o", "addr", "show", "dev", name));
    if (text == null) {
      checks.add(Check.unknown("addresses", "ip does not answer", why));
      return;
    }
    List<String> addresses = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      String[] words = line.strip().split("\\s+");
      if (words.length > 3 && words[2].startsWith("inet") && !words[3].startsWith("fe80:")) {
        addresses.add(words[3]);
      }
    }
    if (addresses.isEmpty()) {
      checks.add(Check.ok("addresses", name + ": none", why));
      return;
    }
    String used = used(addresses);
    checks.add(
        new Check(
            Check.Status.WARN,
            "addresses",
            name + ": " + String.join(", ", addresses) + (used == null ? "" : "; " + used),
            why,
            used == null
                ? addresses.stream()
                        .map(a -> "ip addr del " + a + " dev " + name)
                        .collect(Collectors.joining(" && "))
                    + "  # if it is the mirror port"
                : "ip -brief link  # is the mirror port another one? Leave this one as it is"));
  }

  /** Whether somebody would be cut off without these addresses; null: nobody. */
  private @Nullable String used(List<String> addresses) throws InterruptedException {
    String ways = program.output(List.of("ip", "route", "show", "default", "dev", name));
    if (ways != null && !ways.isBlank()) {
      return "the default route goes by it";
    }
    for (String address : addresses) {
      String alone = address.replaceFirst("/.*", "");
      String open = program.output(List.of("ss", "-Htn", "state", "established", "src", alone));
      if (open != null && !open.isBlank()) {
        return "connections to " + alone + " are open";
      }
    }
    return null;
  }

  private void offloads() throws InterruptedException {
    String text = program.output(List.of("ethtool", "-k", name));
    if (text == null) {
      checks.add(
          Check.unknown(
              "offloads",
              "ethtool does not answer (apt install ethtool)",
              "GRO and LRO join frames before they are captured"));
      return;
    }
    Map<String, String> features = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        features.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    String joined = "joined frames count as one; sizes and losses look other than on the wire";
    offload(features, "generic-receive-offload", "gro", joined);
    offload(features, "large-receive-offload", "lro", joined);
    offload(features, "rx-gro-hw", "rx-gro-hw", joined);
    checksums(features);
    offload(
        features,
        "rx-vlan-offload",
        "rxvlan",
        "the card takes the VLAN tag off; the packet socket gives it back, libpcap on some kernels"
            + " does not");
  }

  /** Nothing to mend: no checksum is verified. */
  private void checksums(Map<String, String> features) {
    String rx = features.get("rx-checksumming");
    String tx = features.get("tx-checksumming");
    if (rx != null || tx != null) {
      checks.add(
          Check.ok(
              "checksum offload",
              name + ": rx " + word(rx) + ", tx " + word(tx) + "; vipscope verifies no checksum",
              "on the host itself frames are seen before the card fills in their checksums: other"
                  + " programs call them wrong"));
    }
  }

  private static String word(@Nullable String value) {
    return value == null ? "not told" : value.replaceFirst(" .*", "");
  }

  private void offload(Map<String, String> features, String feature, String word, String why) {
    String value = features.get(feature);
    if (value == null) {
      return;
    }
    boolean on = value.startsWith("on");
    boolean stuck = value.contains("[fixed]");
    if (!on) {
      checks.add(Check.ok(feature, name + ": off", why));
    } else {
      checks.add(
          new Check(
              Check.Status.WARN,
              feature,
              name + ": on" + (stuck ? ", and cannot be turned off" : ""),
              why,
              stuck
                  ? feature.equals("rx-gro-hw")
                      ? "ethtool -K "
                          + name
                          + " gro off  # where the driver can, that ends this too"
                      : null
                  : "ethtool -K " + name + " " + word + " off"));
    }
  }

  private void ring() throws InterruptedException {
    String why = "bursts that the card's ring cannot hold are lost before the kernel counts them";
    String text = program.output(List.of("ethtool", "-g", name));
    if (text == null) {
      checks.add(
          new Check(
              Check.Status.UNKNOWN,
              "ring size",
              name + ": its driver has none that can be asked for",
              why,
              "ip -s -s link show dev " + name + "  # 'missed' and 'dropped' must not grow"));
      return;
    }
    List<Integer> sizes = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      if (line.matches("RX:\\s+\\d+.*")) {
        sizes.add(Integer.parseInt(line.replaceAll("\\D", "")));
      }
    }
    if (sizes.size() < 2) {
      checks.add(Check.unknown("ring size", name + ": not told", why));
      return;
    }
    int most = sizes.getFirst();
    int now = sizes.getLast();
    checks.add(
        now >= most
            ? Check.ok("ring size", name + ": " + now + " of " + most, why)
            : new Check(
                Check.Status.WARN,
                "ring size",
                name + ": " + now + " of " + most,
                why,
                "ethtool -G " + name + " rx " + most));
  }
}
