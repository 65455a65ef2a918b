"""What scenarios say about traffic, and the driver's end of the agents' pipes."""

import dataclasses
import json
import os
import subprocess

from . import plan
from .errors import LabError
from .processes import stop

ROOM = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@dataclasses.dataclass
class Flow:
    """One socket to open. `cause` and `expect` are the truth about its source address.

    cause: a word, or a word per class of the observed source where that depends on who
    holds the VIP at the moment, like {"vip": "route-src", "primary": "default"}.

    expect: match, mismatch, conditional or undecided for outbound flows of the pair as a
    correct model sees them; none for flows that get no verdict (inbound, transit, silent).
    """

    host: str                      # the namespace that opens it
    kind: str                      # tcp | udp | udp-sendto | icmp
    dst: str
    port: int = 0
    cause: str = "default"
    expect: str = "match"
    direction: str = "outbound"
    bind: str | None = None        # source address the application asks for
    bind_port: int = 0
    mark: int = 0                  # SO_MARK
    tos: int = 0                   # IP_TOS
    pktinfo: str | None = None     # source address sent along with one datagram
    transparent: bool = False      # IP_TRANSPARENT: `bind` need be no address of the host
    via: str | None = None         # the host of the pair that sends it on, and as whose it appears
    rst: bool = False              # ends with a reset instead of an orderly close
    hold_s: float = 0.0            # keeps talking for so long
    interval_s: float = 0.25
    wait_for: str | None = None    # opened now, used after Lab.release(name)
    at: float | None = None        # seconds after the start of the batch
    timeout_s: float = 1.0
    size: int = 0
    note: str | None = None
    expect_also: tuple = ()        # other verdicts that are right as well
    id: str = ""
    phase: str = ""

    @property
    def proto(self):
        if self.kind == "icmp":
            return "IPv6-ICMP" if ":" in self.dst else "ICMP"
        return "TCP" if self.kind == "tcp" else "UDP"


PEERS4 = (plan.LAN_PEER, plan.REMOTE, plan.REMOTE2, plan.REMOTE3)
PEERS6 = (plan.LAN_PEER6, plan.REMOTE6)


def mix(host, peers=PEERS4 + PEERS6, tcp=(443, 8443), udp=(53,), sendto=(514,), icmp=True,
        **truth):
    """Every kind of socket towards every peer: the everyday traffic of a host."""
    flows = []
    for peer in peers:
        flows += [Flow(host, "tcp", peer, port, **truth) for port in tcp]
        flows += [Flow(host, "udp", peer, port, **truth) for port in udp]
        flows += [Flow(host, "udp-sendto", peer, port, **truth) for port in sendto]
        if icmp:
            flows.append(Flow(host, "icmp", peer, **truth))
    return flows


def schedule(flows, random, gap_s):
    """Shuffles flows that have no time of their own and spreads them evenly."""
    unplanned = [flow for flow in flows if flow.at is None]
    random.shuffle(unplanned)
    for place, flow in enumerate(unplanned):
        flow.at = place * gap_s
    for flow in flows:
        flow.size = flow.size or random.randint(40, 400)
        if flow.kind == "tcp" and not flow.rst and not flow.hold_s:
            flow.rst = random.random() < 0.15
    return flows


class AgentPipe:
    """The driver's end: start, then collect, so that several namespaces work at once."""

    def __init__(self, namespaces, node, log_path):
        self.node = node
        with open(log_path, "a") as log:
            self._process = namespaces.start(
                node, ["/usr/bin/python3", "-m", "vipscope_lab.agent"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                cwd=ROOM)

    def ask(self, **command):
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError as failure:
            raise LabError(f"The agent in {self.node} died: {failure}.") from failure
        answer = json.loads(line) if line else {"failure": "it ended; see logs/agents.log"}
        if "failure" in answer:
            raise LabError(f"The agent in {self.node} failed: {answer['failure']}.")
        return answer

    def close(self):
        try:
            self._process.stdin.close()
        except OSError:
            pass
        try:
            self._process.wait(0.3)
        except subprocess.TimeoutExpired:
            stop(self._process)
