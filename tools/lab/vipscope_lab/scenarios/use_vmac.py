"""The VIP sits on a macvlan with the virtual router's own MAC, which moves with it."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "use-vmac"
SUMMARY = "use_vmac: VRRP, ARP and answers carry 00:00:5e:00:01:33, whichever host is master"


def run(lab):
    lab.boot(Settings(vmac=True, vips6=(), vips=(f"{plan.VIP}/32",)))
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_flows())

    lab.resign("lb1", "lb2")

    lab.phase = "lb2 is master"
    lab.traffic(_flows())

    lab.phase = "lb1 returns"
    with lab.change("keepalived on lb1 starts again"):
        lab.start_keepalived("lb1", "lb1")
    lab.expect_failovers("lb2", "lb1", "preempt")

    lab.phase = "lb1 is master again"
    lab.traffic(_flows())


def _flows():
    flows = []
    for host in plan.LBS:
        flows += mix(host, (plan.LAN_PEER, plan.REMOTE), tcp=(443,), sendto=())
    return flows + [Flow(host, kind, plan.VIP, port, "inbound", "none", "inbound")
                    for host in ("client", "srv") for kind, port in (("tcp", 80), ("udp", 123))]
