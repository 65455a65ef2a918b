package io.vipscope.tools.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rights, kernel and clock of this machine. */
public final class MachineChecks {

  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_NET_RAW = 13;

  private MachineChecks() {}

  /** All of them. */
  public static List<Check> of(Program program) throws InterruptedException {
    List<Check> checks = new ArrayList<>();
    checks.add(capabilities(program));
    checks.add(kernel(program));
    checks.add(clock(program));
    return checks;
  }

  private static Check capabilities(Program program) {
    String why = "a packet socket needs CAP_NET_RAW, promiscuous mode CAP_NET_ADMIN";
    String status = program.file(Path.of("/proc/self/status"));
    Long held = status == null ? null : effective(status);
    if (held == null) {
      return Check.unknown("capabilities", "/proc/self/status does not tell", why);
    }
    boolean raw = (held & 1L << CAP_NET_RAW) != 0;
    boolean admin = (held & 1L << CAP_NET_ADMIN) != 0;
    if (raw && admin) {
      return Check.ok("capabilities", "CAP_NET_RAW and CAP_NET_ADMIN", why);
    }
    return new Check(
        Check.Status.FAIL,
        "capabilities",
        raw ? "CAP_NET_ADMIN is missing" : admin ? "CAP_NET_RAW is missing" : "neither",
        why,
        "sudo vipscope …, or the systemd unit that comes with the package");
  }

  private static @Nullable Long effective(String status) {
    for (String line : status.split("\n", -1)) {
      if (line.startsWith("CapEff:")) {
        try {
          return Long.parseUnsignedLong(line.substring(7).strip(), 16);
        } catch (NumberFormatException _) {
          return null;
        }
      }
    }
    return null;
  }

  private static Check kernel(Program program) {
    String why =
        "the capture ring needs TPACKET_V3 (Linux 3.2); the model was checked on 6.1 and newer";
    String release = program.file(Path.of("/proc/sys/kernel/osrelease"));
    if (release == null) {
      return Check.unknown("kernel", "not Linux, or /proc is not there", why);
    }
    int major;
    try {
      major = Integer.parseInt(release.split("\\.", 2)[0]);
    } catch (NumberFormatException _) {
      return Check.unknown("kernel", release, why);
    }
    return major >= 6
        ? Check.ok("kernel", release, why)
        : new Check(Check.Status.WARN, "kernel", release, why, null);
  }

  private static Check clock(Program program) throws InterruptedException {
    String why = "snapshots and frames of different machines are put in order by their clocks";
    String chrony = program.output(List.of("chronyc", "-n", "tracking"));
    if (chrony != null) {
      for (String line : chrony.split("\n", -1)) {
        if (line.startsWith("System time")) {
          return chrony.contains("Not synchronised")
              ? unsynchronised(why)
              : Check.ok("time sync", "chrony:" + line.substring(line.indexOf(':') + 1), why);
        }
      }
    }
    String systemd =
        program.output(List.of("timedatectl", "show", "-p", "NTPSynchronized", "--value"));
    if (systemd == null) {
      return new Check(
          Check.Status.UNKNOWN,
          "time sync",
          "neither chronyc nor timedatectl answers",
          why,
          "apt install chrony && chronyc tracking");
    }
    return systemd.strip().equals("yes")
        ? Check.ok("time sync", "synchronised, says timedatectl", why)
        : unsynchronised(why);
  }

  private static Check unsynchronised(String why) {
    return new Check(
        Check.Status.WARN,
        "time sync",
        "the clock is not synchronised",
        why,
        "apt install chrony  # or give the hosts' offsets: --clock-offset NAME=D");
  }
}
