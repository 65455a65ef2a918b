"""Two hosts that are no pair: the same VRID in one segment, each with a VIP of its own."""

import time

from .. import plan
from ..keepalived import Settings
from ..traffic import mix

NAME = "vrid-collision"
SUMMARY = "two pairs with VRID 51 in one segment: disjoint VIP lists, two masters"


def run(lab):
    begin = time.time_ns()
    lab.boot(Settings(vips6=(), vips_of={"lb1": (f"{plan.VIP}/32",), "lb2": (f"{plan.VIP_ALONE}/32",)}),
             capture_boot=True)
    lab.observe()
    lab.expect_finding("vrid-collision", "lb1", plan.VIP, start_ns=begin, within_ms=20000)

    lab.phase = "both are masters"
    flows = []
    for host in plan.LBS:
        flows += mix(host, (plan.LAN_PEER, plan.REMOTE), tcp=(443,), sendto=())
    lab.traffic(flows)
    lab.sleep(1.5)
