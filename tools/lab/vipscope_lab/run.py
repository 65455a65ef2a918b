"""One run of one scenario: builds the pair, hands a `Lab` to the scenario, files the results."""

import contextlib
import json
import os
import random
import shutil
import time

from . import keepalived, netns, plan, probes, sensor, snapshot, topology, traffic, trunk, truth
from .errors import FAILED, LabError
from .topology import Layout

_ADVERT_S = 1.1  # the advertisement interval and a little
_TAIL_S = 0.4  # lets the last frames reach the mirror before tcpdump is stopped


class Lab:
    """What a scenario may do. Order: boot, observe, then traffic and changes."""

    def __init__(self, name, directory, seed, sensor_command=None):
        self.name = name
        self.directory = os.path.abspath(directory)
        self.random = random.Random(f"{seed}/{name}")
        self.phase = "start"
        self._sensor_command = sensor_command
        self._namespaces = None
        self._agents = {}
        self._pair = {}
        self._capture = self._inside = self._live = self._snapshots = self._trunk = None
        self._settled_ns = None
        self._flows = {}
        self._outcomes = {}
        self.facts = {"scenario": name, "seed": seed, "started_ns": time.time_ns(),
                      "changes": [], "snapshots": [], "findings": [], "failovers": []}

    # --- building -------------------------------------------------------------------

    def boot(self, settings=None, layout=Layout(), capture_boot=False, snaplen=0, small=False):
        """Builds everything and waits until lb1, and lb3 of a second pair, holds the VIPs.

        `capture_boot`: the capture begins before keepalived does and shows the election.
        `small`: shortened sysctl.txt, and no final snapshot after the last change's.
        """
        self._settings = settings or keepalived.Settings()
        self._snaplen = snaplen
        self._layout = layout
        self._small = small
        self._namespaces = netns.Namespaces()
        topology.build(self._namespaces, layout)
        if layout.trunk:
            trunk.write_config(self.directory)
            self._trunk = trunk.Trunk(self._namespaces, self._log("trunk"))
        self._start_agents(layout.agents)
        for host in layout.lbs:
            self._pair[host] = keepalived.Keepalived(
                self._namespaces, host, self._settings, self._namespaces.scratch,
                self._log(f"keepalived-{host}"))
        self._snapshots = snapshot.Snapshots(
            self._namespaces, self._pair, os.path.join(self.directory, "snapshots"),
            self._log("snapshot"), small)
        if capture_boot:
            self._start_capture()
        for node in self._pair.values():
            node.start()
        for master in layout.lbs[::2]:
            keepalived.wait_for_holder(self._pair, master)
        self.facts["vips"] = self._settings.addresses()

    def observe(self):
        """Initial snapshots, then the capture and the live program; returns when both have
        heard the master, so that an observer can know the owner before the first flow."""
        self.snapshot("initial")
        if not self._capture:
            self._start_capture()
        if self._sensor_command:
            self._live = sensor.LiveProgram(self._namespaces, self._sensor_command,
                                            self.directory, self._log("sensor"))
            self.facts["sensor_announced"] = self._live.announced
        time.sleep(_ADVERT_S)

    def _start_agents(self, nodes):
        for node in nodes:
            self._agents[node] = traffic.AgentPipe(self._namespaces, node, self._log("agents"))
        for node in nodes:
            if node in plan.LBS + plan.LBS_OTHER:
                self._agents[node].ask(op="serve", tcp=plan.LB_TCP_PORTS,
                                       udp=plan.LB_UDP_WILDCARD_PORTS,
                                       udp_pktinfo=plan.LB_UDP_PKTINFO_PORTS)
            else:
                self._agents[node].ask(op="serve", tcp=plan.TCP_PORTS, udp=(),
                                       udp_pktinfo=plan.UDP_PORTS)

    def _start_capture(self):
        if self._layout.back:  # what clients send, before the pair rewrites it
            self._inside = sensor.Capture(
                self._namespaces, os.path.join(self.directory, "inside.pcap"),
                self._log("tcpdump-inside"), self._snaplen, "back", "eth0")
        self._capture = sensor.Capture(
            self._namespaces, os.path.join(self.directory, "mirror.pcap"),
            self._log("tcpdump"), self._snaplen)

    # --- what scenarios do -----------------------------------------------------------

    def traffic(self, flows, gap_s=0.006):
        """Opens the flows, spread evenly, and waits for the last one."""
        self.begin(flows, gap_s)
        return self.finish()

    def begin(self, flows, gap_s=0.006):
        """Starts the flows and returns at once; `finish` waits for them."""
        flows = traffic.schedule(list(flows), self.random, gap_s)
        by_host = {}
        for flow in flows:
            flow.id = f"{self.name}-{len(self._flows):04d}"
            flow.phase = self.phase
            self._flows[flow.id] = flow
            by_host.setdefault(flow.host, []).append({**vars(flow), "cause": None})
        for host, wanted in by_host.items():
            self._agents[host].ask(op="start", flows=wanted)

    def finish(self, lasting=False):
        """Waits for what was started and returns the outcomes by flow id; flows that hold on
        or wait for a name are only waited for with `lasting`."""
        finished = {}
        for agent in self._agents.values():
            for outcome in agent.ask(op="collect", lasting=lasting)["flows"]:
                finished[outcome["id"]] = outcome
        self._outcomes.update(finished)
        return finished

    def release(self, name):
        for agent in self._agents.values():
            agent.ask(op="release", name=name)

    def snapshot(self, label, hosts=None):
        for path in self._snapshots.take(hosts or self._layout.lbs):
            self.facts["snapshots"].append({"label": label, "phase": self.phase, "dir": path})

    @contextlib.contextmanager
    def change(self, what, hosts=None):
        """Brackets a change of host state by snapshots, so that no flow of a stable phase
        lies between two snapshots that differ."""
        self.snapshot(f"before: {what}", hosts)
        change = {"what": what, "phase": self.phase, "t_ns": time.time_ns()}
        self._settled_ns = None
        yield
        change["settled_ns"] = self._settled_ns or time.time_ns()
        self.facts["changes"].append(change)
        self.snapshot(f"after: {what}", hosts)

    def stop_keepalived(self, host, new_holder):
        self._pair[host].stop()
        self._settle(new_holder)

    def resign(self, host, new_holder):
        """A phase of its own: keepalived of the master ends, while a client asks the VIP."""
        self.phase = f"{host} resigns"
        with self.change(f"SIGTERM to keepalived on {host}"), self.probed() as dark:
            self.sleep(0.3)
            self.stop_keepalived(host, new_holder)
            self.sleep(0.3)
        self.expect_failovers(host, new_holder, "prio0", dark[0])

    def kill_keepalived(self, host, new_holder):
        """Its VIPs stay on the killed one."""
        self._pair[host].kill()
        self._settle(new_holder, others=False)

    def check_file(self):
        """For `Settings.script`: while this name, with `-HOST` behind it, exists, the check fails."""
        return f"/run/vipscope-lab/check-{os.getpid()}"

    def fail_check(self, host, fails):
        path = f"{self.check_file()}-{host}"
        if fails:
            with open(path, "w"):
                pass
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def settle(self, new_holder, others=True):
        """Waits until the holder of every VIP is this host."""
        self._settle(new_holder, others)

    # --- what an observer should find ---------------------------------------------------

    def expect_finding(self, kind, host=None, vip=None, start_ns=None, end_ns=None,
                       within_ms=1100, maybe=False):
        """A finding of an audit; `maybe`: where it depends on a race whether there is one."""
        self.facts["findings"].append({
            "kind": kind, "host": host, "vip": vip, "start_ns": start_ns, "end_ns": end_ns,
            "within_ms": within_ms, "maybe": maybe})

    def expect_failover(self, instance, old, new, trigger, dark_ms=None, within_ms=10.0):
        """A failover record, in the order of time; `dark_ms`: as a client saw it, at least and at
        most."""
        self.facts["failovers"].append({
            "instance": instance, "from": old, "to": new, "trigger": trigger,
            "dark_ms": dark_ms, "within_ms": within_ms})

    def expect_failovers(self, old, new, trigger, dark_ms=None):
        """Of both instances; the client asked the IPv4 one, if there is one."""
        if self._settings.vips:
            self.expect_failover("VI_4", old, new, trigger, dark_ms)
        if self._settings.vips6:
            self.expect_failover("VI_6", old, new, trigger, None if self._settings.vips else dark_ms)

    @contextlib.contextmanager
    def probed(self, vip=plan.VIP, gap_s=0.004, client="client"):
        """A client asks the VIP all the time; the list holds for how long it was dark afterwards:
        at least and at most, in milliseconds."""
        dark = []
        self._agents[client].ask(op="probe", dst=vip, port=plan.LB_UDP_PKTINFO_PORTS[0],
                                   gap_s=gap_s)
        yield dark
        dark.append(probes.dark_ms(self._agents[client].ask(op="probed")["probes"]))

    def start_keepalived(self, host, new_holder):
        self._pair[host].start()
        self._settle(new_holder)

    def _settle(self, new_holder, others=True):
        keepalived.wait_for_holder(self._pair, new_holder, others=others)
        self._settled_ns = time.time_ns()

    def nft(self, host, rules):
        """Replaces the host's nftables rules."""
        self._namespaces.run(host, ["nft", "-f", "-"], input="flush ruleset\n" + rules)

    def run_on(self, host, *argv):
        return self._namespaces.run(host, list(argv))

    def sleep(self, seconds):
        time.sleep(seconds)

    # --- end --------------------------------------------------------------------------

    def complete(self):
        """Last flows, final snapshots, end of the capture, truth and scenario.json."""
        self.finish(lasting=True)
        if not self._small:
            self.snapshot("final")
        time.sleep(_TAIL_S)
        if self._live:
            self.facts["sensor_exit"] = self._live.finish()
            self._live = None
        inside, self._inside = self._inside, None
        if inside:
            inside.finish()
        capture, self._capture = self._capture, None
        self.facts["frames"] = capture.finish()
        if self._trunk:
            self._trunk.finish()
        lines = self._truth_lines()
        truth.write(os.path.join(self.directory, "truth.jsonl"), lines)
        self.facts["flows"] = len(lines)
        self.facts["flows_completed"] = sum(line["completed"] for line in lines)
        self.facts["ended_ns"] = time.time_ns()
        with open(os.path.join(self.directory, "scenario.json"), "w") as out:
            json.dump(self.facts, out, indent=1)
            out.write("\n")

    def _truth_lines(self):
        seen = {}
        for node, agent in self._agents.items():
            for flow_id, what in agent.ask(op="seen")["seen"].items():
                seen[flow_id] = {**what, "host": node}
        unfinished = self._flows.keys() - self._outcomes.keys()
        if unfinished:
            raise LabError(f"{len(unfinished)} flows were started and never collected.", FAILED)
        return [truth.record(self.name, flow, self._outcomes[flow_id], seen.get(flow_id),
                             self.facts["changes"], self.facts["vips"],
                             plan.VLAN[flow.host] if self._layout.trunk else None)
                for flow_id, flow in self._flows.items()]

    def close(self):
        """Takes everything down in whatever state it is."""
        with contextlib.ExitStack() as stack:  # every step runs, whatever the others do
            if self._namespaces:
                stack.callback(self._namespaces.close)
            for agent in self._agents.values():
                stack.callback(agent.close)
            for host, node in self._pair.items():
                stack.callback(node.stop)
                stack.callback(self.fail_check, host, False)
            for capture in (self._capture, self._inside):
                if capture:
                    stack.callback(capture.abort)
            if self._live:
                stack.callback(self._live.finish)
            if self._trunk:
                stack.callback(self._trunk.abort)

    def _log(self, name):
        logs = os.path.join(self.directory, "logs")
        os.makedirs(logs, exist_ok=True)
        return os.path.join(logs, name + ".log")


def run_scenario(scenario, directory, seed, sensor_command=None):
    """Runs one scenario into an emptied `directory`; returns its facts."""
    _empty(directory)
    lab = Lab(scenario.NAME, directory, seed, sensor_command)
    try:
        scenario.run(lab)
        lab.complete()
    finally:
        lab.close()
    return lab.facts


def _empty(directory):
    """Only what an earlier run left here is removed; anything else is the user's."""
    os.makedirs(directory, exist_ok=True)
    for name in ("mirror.pcap", "mirror.pcap.gz", "truth.jsonl", "scenario.json", trunk.CONFIG,
                 sensor.READY_FILE):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(directory, name))
    for name in ("snapshots", "logs", *(f".unfinished-{lb}" for lb in plan.LBS + plan.LBS_OTHER)):
        shutil.rmtree(os.path.join(directory, name), ignore_errors=True)
