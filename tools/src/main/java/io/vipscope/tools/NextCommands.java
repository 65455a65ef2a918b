package io.vipscope.tools;

import io.vipscope.core.finding.Commands;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.VrrpInstance;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.AuditedHost;
import io.vipscope.core.pipeline.HostIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts what this run knows into the commands of findings: its captures and interfaces, the options
 * that name its hosts, their devices. A command that has nothing to look at is left out.
 */
final class NextCommands {

  /** Before and after a finding, for what hosts have logged of it. */
  private static final long MARGIN_S = 60;

  private final HostIndex index;
  private final boolean live;
  private final List<String> inputs;
  private final List<String> hosts;
  private final Path state;

  /**
   * @param inputs interfaces of a live run, else captures
   * @param hosts options that name the audited hosts, their values included
   * @param state the folder above the hosts' snapshots
   */
  NextCommands(HostIndex index, boolean live, List<String> inputs, List<String> hosts, Path state) {
    this.index = index;
    this.live = live;
    this.inputs = List.copyOf(inputs);
    this.hosts = List.copyOf(hosts);
    this.state = state;
  }

  Finding in(Finding finding) {
    List<String> commands = new ArrayList<>();
    for (String command : finding.next()) {
      commands.addAll(of(command, finding));
    }
    return finding.withNext(commands);
  }

  private List<String> of(String command, Finding finding) {
    String known =
        command
            .replaceFirst("^vipscope ", ShellWords.quoted(launcher()) + " ")
            .replace(" " + Commands.AROUND, around(finding))
            .replace(" " + Commands.RUN, words(true))
            .replace(" " + Commands.HOSTS, words(!live))
            .replace(" " + Commands.STATE, " " + ShellWords.quoted(state.toString()));
    if (known.contains(" " + Commands.DEV)) {
      String device = finding.vip() == null ? null : device(known, finding.vip());
      return List.of(device == null ? known : known.replace(" " + Commands.DEV, " " + device));
    }
    if (!known.contains(" " + Commands.SPAN)) {
      return List.of(known);
    }
    List<String> each = new ArrayList<>();
    for (String input : inputs) {
      String one = live ? known.replace(Commands.SPAN, input) : read(known, input);
      if (one != null && !each.contains(one)) {
        each.add(one);
      }
    }
    return each;
  }

  /** Of a file only tcpdump can tell; ports that lose frames are those of the sensor. */
  private static @Nullable String read(String command, String file) {
    String port = "tcpdump -eni " + Commands.SPAN;
    if (!command.startsWith(port) || file.equals("-")) {
      return null;
    }
    String rest = command.substring(port.length());
    String name = ShellWords.quoted(file);
    if (file.endsWith(".gz")) {
      return "zcat " + name + " | tcpdump -enr -" + rest;
    }
    return file.endsWith(".zst")
        ? "zstdcat " + name + " | tcpdump -enr -" + rest
        : "tcpdump -enr " + name + rest;
  }

  private static String launcher() {
    return System.getProperty("vipscope.command", "vipscope");
  }

  private String words(boolean withInput) {
    StringBuilder words = new StringBuilder();
    if (withInput) {
      for (String input : inputs) {
        if (!input.equals("-")) {
          words.append(live ? " -i " : " -r ").append(ShellWords.quoted(input));
        }
      }
    }
    hosts.forEach(word -> words.append(' ').append(ShellWords.quoted(word)));
    return words.toString();
  }

  private static String around(Finding f) {
    long endNs = Math.max(f.atNs(), Math.max(f.startNs(), f.endNs()));
    return " --since @"
        + (Math.floorDiv(f.startNs(), 1_000_000_000L) - MARGIN_S)
        + " --until @"
        + (Math.floorDiv(endNs, 1_000_000_000L) + MARGIN_S);
  }

  /** The device of the host that a command runs on. */
  private @Nullable String device(String command, IpAddress vip) {
    for (AuditedHost host : index.hosts()) {
      if (command.startsWith("ssh " + host.name() + " ")) {
        return device(host, vip);
      }
    }
    return null;
  }

  private static @Nullable String device(AuditedHost host, IpAddress vip) {
    for (HostSnapshot state : host.snapshots().reversed()) {
      Link owner = state.owner(vip);
      if (owner != null) {
        return owner.name();
      }
    }
    HostSnapshot last = host.snapshots().getLast();
    for (VrrpInstance instance : last.instances()) {
      if (instance.names(vip) && instance.dev() != null) {
        return instance.dev();
      }
    }
    for (Link link : last.links()) {
      for (InterfaceAddress address : link.addresses(vip.v6())) {
        if (address.subnet().contains(vip)) {
          return link.name();
        }
      }
    }
    return null;
  }
}
