"""The two hosts stop hearing each other: both are masters, both use the VIP, then it heals."""

import time

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "split-brain"
SUMMARY = "nft drops VRRP on its way in: both hosts are masters for six seconds, then it heals"
_DEAF = """
table inet deaf {
    chain input {
        type filter hook input priority 0;
        meta l4proto 112 drop
    }
}
"""


def run(lab):
    lab.boot(Settings(vips6=()))
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_own() + [Flow("lb1", "tcp", plan.REMOTE, 8443, "bind", "mismatch", bind=plan.VIP)])

    lab.phase = "deaf"
    with lab.change("nft drops VRRP on both hosts"):
        for host in plan.LBS:
            lab.nft(host, _DEAF)
        lab.settle("lb2", others=False)
        begin = time.time_ns()

    lab.phase = "two masters"
    lab.traffic(_own())
    lab.sleep(5.5)

    lab.phase = "healing"
    with lab.change("nft lets VRRP in again"):
        for host in plan.LBS:
            lab.nft(host, "")
        lab.settle("lb1")
        healed = time.time_ns()
    lab.expect_finding("split-brain", "lb2", plan.VIP, start_ns=begin, end_ns=healed)
    # Whether the winner hears the loser once more, and then sends ARP, is a race.
    lab.expect_finding("no-garp-after-heal", "lb1", plan.VIP, maybe=True)
    lab.expect_finding("stale-neighbour", "lb2", plan.VIP, maybe=True)

    lab.phase = "one master"
    lab.sleep(4)
    lab.traffic(_own())


def _own():
    flows = []
    for host in plan.LBS:
        flows += mix(host, (plan.LAN_PEER, plan.REMOTE), tcp=(443,), sendto=())
    return flows
