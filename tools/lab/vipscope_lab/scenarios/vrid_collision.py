"""Two hosts that are no pair: the same VRID in one segment, each with a VIP of its own."""

import time

from .. import plan
from ..keepalived import Settings
from ..traffic import mix

NAME = "vrid-collision"
SUMMARY = "two pairs with VRID 51 in one segment: disjoint VIP lists, two masters"
_DEAF = """
table inet deaf {
    chain input {
        type filter hook input priority 0;
        meta l4proto 112 drop
    }
}
"""


def run(lab):
    begin = time.time_ns()
    lab.boot(Settings(vips6=(), vips_of={"lb1": (f"{plan.VIP}/32",), "lb2": (f"{plan.VIP_ALONE}/32",)}),
             capture_boot=True)
    lab.observe()
    lab.expect_finding("vrid-collision", "lb1", plan.VIP, start_ns=begin, within_ms=20000)

    # Each foreign advert sets keepalived's timer anew: the slower master is silent as long as it
    # hears the other one, and holds its VIP.
    lab.phase = "one keeps the other silent"
    lab.sleep(3.5)
    lab.traffic(_own())

    lab.phase = "both advertise"
    for host in plan.LBS:
        lab.nft(host, _DEAF)
    lab.sleep(3)
    lab.traffic(_own())
    lab.sleep(1.5)


def _own():
    flows = []
    for host in plan.LBS:
        flows += mix(host, (plan.LAN_PEER, plan.REMOTE), tcp=(443,), sendto=())
    return flows
