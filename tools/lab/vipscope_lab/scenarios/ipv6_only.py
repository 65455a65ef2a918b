"""A pair without any IPv4 address; its first VIP is link-local, as VRRPv3 wants it."""

from .. import plan
from ..keepalived import Settings
from ..topology import Layout
from ..traffic import PEERS6, Flow, mix

NAME = "ipv6-only"
SUMMARY = "no IPv4 at all, a link-local VIP/64 beside the global one: link-local neighbours see the VIP"
_NEIGHBOUR = f"{plan.LAN_PEER_LINK6}%eth0"


def run(lab):
    lab.boot(Settings(vips=(), vips6=(f"{plan.VIP_LINK6}/64", f"{plan.VIP6}/128")),
             Layout(ipv6_only=True))
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_own() + _bound("lb1") + _inbound())

    lab.phase = "lb1 resigns"
    with lab.change("SIGTERM to keepalived on lb1"), lab.probed(plan.VIP6) as dark:
        lab.sleep(0.3)
        lab.stop_keepalived("lb1", "lb2")
        lab.sleep(0.3)
    lab.expect_failovers("lb1", "lb2", "prio0", dark[0])

    lab.phase = "lb2 is master"
    lab.traffic(_own() + _bound("lb2") + _inbound())

    lab.phase = "lb1 returns"
    with lab.change("keepalived on lb1 starts again"):
        lab.start_keepalived("lb1", "lb1")
    lab.expect_failovers("lb2", "lb1", "preempt")

    lab.phase = "lb1 is master again"
    lab.traffic(_own() + _bound("lb1") + _inbound())
    for host in plan.LBS:
        lab.expect_finding("unexpected-vip-source", host, plan.VIP_LINK6)


def _own():
    flows = []
    for host in plan.LBS:
        flows += mix(host, PEERS6 + (plan.REMOTE6_2,))
        flows += mix(host, (_NEIGHBOUR,), cause={"vip": "address-order", "primary": "default"})
    return flows


def _bound(master):
    return [Flow(master, kind, plan.REMOTE6, port, "bind", "mismatch", bind=plan.VIP6)
            for kind, port in (("tcp", 5432), ("udp", 123))]


def _inbound():
    return [Flow(host, kind, plan.VIP6, port, "inbound", "none", "inbound")
            for host in ("client", "srv") for kind, port in (("tcp", 80), ("udp", 123), ("icmp", 0))]
