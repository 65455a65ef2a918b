"""One process per namespace that opens and serves connections; driven over a pipe.

Commands are JSON objects, one a line, on stdin; every command gets one answer line.

    {"op": "serve", "tcp": [...], "udp": [...], "udp_pktinfo": [...]}
    {"op": "start", "flows": [...]}      each flow begins `at` seconds after the command
    {"op": "release", "name": "..."}     flows that wait for this name go on
    {"op": "collect", "lasting": false}  waits for started flows, with `lasting` also for those
                                         that hold on or wait for a name: {"flows": [...]}
    {"op": "probe", "dst": ..., "port": ..., "gap_s": ...}   asks over UDP again and again
    {"op": "probed"}                     ends that: {"probes": [[asked_ns, answered_ns | null], ...]}
    {"op": "seen"}                       what the services saw: {"seen": {id: {...}}}

The process ends when its stdin does, so it never outlives the laboratory.
"""

import json
import sys
import threading
import time

from .flows import open_flow
from .probes import Prober
from .services import Services


class Agent:
    def __init__(self):
        self._services = Services()
        self._threads = []
        self._lasting = []
        self._results = []
        self._gates = {}
        self._used_ports = set()
        self._prober = None

    def answer(self, command):
        match command["op"]:
            case "serve":
                self._services.serve(command["tcp"], command["udp"], command["udp_pktinfo"])
                return {}
            case "start":
                self._start(command["flows"])
                return {}
            case "release":
                self._gate(command["name"]).set()
                return {}
            case "collect":
                return {"flows": self._collect(command["lasting"])}
            case "probe":
                self._prober = Prober(command["dst"], command["port"], command["gap_s"])
                return {}
            case "probed":
                return {"probes": self._prober.finish()}
            case "seen":
                return {"seen": self._services.seen}
        raise ValueError(f"unknown op {command['op']}")

    def _start(self, flows):
        begin = time.monotonic()
        for flow in flows:
            thread = threading.Thread(target=self._run, args=(flow, begin), daemon=True)
            lasting = flow["hold_s"] or flow["wait_for"]
            (self._lasting if lasting else self._threads).append(thread)
            thread.start()

    def _run(self, flow, begin):
        time.sleep(max(0.0, begin + flow["at"] - time.monotonic()))
        gate = self._gate(flow["wait_for"]) if flow.get("wait_for") else None
        self._results.append(open_flow(flow, self._used_ports, gate))

    def _collect(self, lasting):
        for thread in self._threads + (self._lasting if lasting else []):
            thread.join(60)
        self._threads = []
        if lasting:
            self._lasting = []
        return [self._results.pop(0) for _ in range(len(self._results))]

    def _gate(self, name):
        return self._gates.setdefault(name, threading.Event())


def main():
    agent = Agent()
    for line in sys.stdin:
        try:
            answer = agent.answer(json.loads(line))
        except Exception as failure:  # the driver shows it; the agent stays usable
            answer = {"failure": f"{type(failure).__name__}: {failure}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
