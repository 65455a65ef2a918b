"""The natural choice, a /64 VIP, silently becomes the master's default IPv6 source."""

from .. import plan
from ..keepalived import Settings
from ..traffic import PEERS6, Flow, mix

NAME = "ipv6-64"
SUMMARY = "IPv6 VIP/64, not deprecated and newest: the VIP becomes the master's default source"
_PEERS6 = PEERS6 + (plan.REMOTE6_2,)


def run(lab):
    lab.boot(Settings(vips6=(f"{plan.VIP6}/64",)))
    failover_and_back(lab, {"cause": {"vip": "address-order", "primary": "default"}}, plan.VIP6)


def failover_and_back(lab, own, chosen=None):
    """`own`: the truth about the pair's own unbound IPv6 flows; `chosen`: the address the kernel
    of the master picks, its primary if none is given."""
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_own(own) + _bound("lb1", chosen) + _inbound())

    lab.phase = "lb1 resigns"
    with lab.change("SIGTERM to keepalived on lb1"):
        lab.begin(_own(own, timeout_s=0.6), gap_s=0.03)
        lab.sleep(0.3)
        lab.stop_keepalived("lb1", "lb2")
        lab.finish()
    lab.expect_failovers("lb1", "lb2", "prio0")

    lab.phase = "lb2 is master"
    lab.traffic(_own(own) + _bound("lb2", chosen) + _inbound())

    lab.phase = "lb1 returns"
    with lab.change("keepalived on lb1 starts again"):
        lab.start_keepalived("lb1", "lb1")
    lab.expect_failovers("lb2", "lb1", "preempt")
    if chosen:
        for host in plan.LBS:
            lab.expect_finding("unexpected-vip-source", host, chosen)

    lab.phase = "lb1 is master again"
    lab.traffic(_own(own) + _bound("lb1", chosen) + _inbound())


def _own(truth, **more):
    flows = []
    for host in plan.LBS:
        flows += mix(host, _PEERS6, **truth, **more)
        flows += mix(host, [plan.LAN_PEER, plan.REMOTE], tcp=(443,), sendto=(), icmp=False)
    return flows


def _bound(master, chosen):
    """Bound to each of the two addresses; the one the kernel would pick too is no deviation."""
    chosen = chosen or plan.PRIMARY6[master]
    flows = []
    for source in (plan.PRIMARY6[master], plan.VIP6):
        flows += [Flow(master, kind, plan.REMOTE6, port, "bind", bind=source,
                       expect="match" if source == chosen else "mismatch")
                  for kind, port in (("tcp", 5432), ("udp", 123))]
    return flows


def _inbound():
    return [Flow(host, kind, plan.VIP6, port, "inbound", "none", "inbound")
            for host in ("client", "srv") for kind, port in (("tcp", 80), ("udp", 123), ("icmp", 0))]
