"""A failover that moves a source address: the route with src VIP comes and goes with the VIP."""

from .. import plan
from ..traffic import Flow, mix
from . import route_src

NAME = "failover-route-src"
SUMMARY = "SIGTERM on lb1 and back where virtual_routes name the VIP: sources change with the master"
_EITHER = {"cause": {"vip": "route-src", "primary": "default"}}


def run(lab):
    lab.boot(route_src.settings())
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_flows())
    lab.begin(_lasting())
    lab.sleep(0.4)

    lab.phase = "lb1 resigns"
    with lab.change("SIGTERM to keepalived on lb1"):
        lab.begin(_flows(), gap_s=0.03)
        lab.sleep(0.3)
        lab.stop_keepalived("lb1", "lb2")
        lab.finish()
    lab.expect_failovers("lb1", "lb2", "prio0")

    lab.phase = "lb2 is master"
    lab.traffic(_flows())

    lab.phase = "lb1 returns"
    with lab.change("keepalived on lb1 starts again"):
        lab.begin(_flows(), gap_s=0.1)
        lab.start_keepalived("lb1", "lb1")
        lab.finish()
    lab.expect_failovers("lb2", "lb1", "preempt")

    lab.phase = "lb1 is master again"
    lab.traffic(_flows())


def _flows():
    flows = []
    for host in plan.LBS:
        flows += mix(host, [plan.REMOTE3, plan.REMOTE6], timeout_s=0.6, **_EITHER)
        flows += mix(host, [plan.LAN_PEER, plan.REMOTE], tcp=(443,), sendto=())
    flows += [Flow(host, kind, plan.VIP, port, "inbound", "none", "inbound")
              for host in ("client", "srv") for kind, port in (("tcp", 80), ("udp", 123))]
    return flows


def _lasting():
    return [Flow(host, "tcp", peer, 5432, hold_s=7.0, **truth)
            for host in plan.LBS for peer, truth in ((plan.REMOTE3, _EITHER), (plan.REMOTE, {}))]
