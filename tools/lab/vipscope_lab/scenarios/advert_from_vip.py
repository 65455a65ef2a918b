"""A master whose adverts come from its own VIP: the other host takes them for a stranger's."""

import time

from .. import plan
from ..keepalived import Settings
from ..traffic import mix

NAME = "advert-from-vip"
SUMMARY = "mcast_src_ip of lb1 is the VIP: the address that its adverts come from moves with them"


def run(lab):
    begin = time.time_ns()
    lab.boot(Settings(vips6=(), advert_source={"lb1": plan.VIP}), capture_boot=True)
    lab.observe()
    lab.expect_finding("advert-from-vip", "lb1", plan.VIP, start_ns=begin, within_ms=20000)

    lab.phase = "lb1 is master"
    lab.traffic(_own())
    lab.sleep(1.2)

    lab.resign("lb1", "lb2")

    lab.phase = "lb2 is master"
    lab.traffic(_own())


def _own():
    flows = []
    for host in plan.LBS:
        flows += mix(host, (plan.LAN_PEER, plan.REMOTE), tcp=(443,), sendto=())
    return flows
