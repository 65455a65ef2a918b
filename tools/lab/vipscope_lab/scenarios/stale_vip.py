"""Somebody has added the VIP to the backup by hand, and keepalived leaves it there."""

import time

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "stale-vip"
SUMMARY = "the VIP added to lb2 by hand: lb2 uses it while lb1 is master"


def run(lab):
    lab.boot(Settings())
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_own())

    lab.phase = "added by hand"
    with lab.change("VIP added on lb2", hosts=("lb2",)):
        lab.run_on("lb2", "ip", "addr", "add", f"{plan.VIP}/24", "dev", "eth0")

    lab.phase = "lb2 uses it"
    begin = time.time_ns()
    lab.traffic(_own() + [Flow("lb2", kind, plan.REMOTE, port, "bind", "mismatch", bind=plan.VIP,
                               timeout_s=0.4)
                          for kind, port in (("tcp", 443), ("tcp", 5432), ("udp", 123))])
    lab.expect_finding("stale-owner", "lb2", plan.VIP, start_ns=begin, end_ns=time.time_ns())

    lab.phase = "removed again"
    with lab.change("VIP removed from lb2", hosts=("lb2",)):
        lab.run_on("lb2", "ip", "addr", "del", f"{plan.VIP}/24", "dev", "eth0")
    lab.traffic(_own())


def _own():
    flows = []
    for host in plan.LBS:
        flows += mix(host, (plan.LAN_PEER, plan.REMOTE, plan.REMOTE6), tcp=(443,), sendto=())
    return flows + [Flow("lb1", "tcp", plan.REMOTE, 8443, "bind", "mismatch", bind=plan.VIP)]
