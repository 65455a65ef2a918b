package io.vipscope.tools;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vipscope config}: the configuration of many pairs. */
@Command(
    name = "config",
    header = "Checks a configuration of pairs.",
    description = {
      "A configuration is a YAML file that audit and others take with --config FILE; without it,"
          + " /etc/vipscope/vipscope.yaml, if it is there. Options override it.",
      "",
      "  capture:                   # as the options of audit",
      "    interfaces: [eth1]       # or files: [mirror.pcap]",
      "    source: auto             # filter, mirror, layer, threads, max_flows,",
      "    threads: 4               # snap_length, promiscuous, dedup, vlan_key,",
      "                             # l2, dedup_window, active_timeout, max_loss",
      "  state:",
      "    dir: /var/lib/vipscope   # DIR/HOST or DIR/PAIR/HOST: its snapshots",
      "    max_age: 24h             # further away in time: no verdict",
      "  pairs:",
      "    - name: edge",
      "      segment: 100           # a VLAN id, untagged, or a mapping:",
      "                             # {vlan: 100, mirror: erspan, id: 7};",
      "                             # without it: wherever hosts are seen",
      "      hosts: [lb1, lb2]      # or {lb1: DIR, lb2: {dir: DIR,",
      "                             # ssh: root@lb2, clock_offset: 2s}}",
      "      vips: [192.168.0.9]    # that no keepalived.conf names",
      "      expect: edge.yaml      # as --expect, about this pair",
      "      baseline: edge.jsonl   # as --baseline, about this pair",
      "",
      "Paths are relative to the file's folder. Names of hosts must differ over all pairs."
    },
    subcommands = ConfigCheckCommand.class,
    sortOptions = false)
final class ConfigCommand implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command: check");
  }
}
