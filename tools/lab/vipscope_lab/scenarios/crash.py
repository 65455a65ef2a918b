"""keepalived dies on lb1 and leaves the VIP there: for a while both hosts use it."""

import time

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "crash"
SUMMARY = "SIGKILL on lb1: the VIP stays, lb2 takes over, lb1 goes on using it until it restarts"


def run(lab):
    lab.boot(Settings())
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_own("lb1") + _inbound())
    lab.begin([Flow("lb1", "udp", plan.REMOTE3, 514, "bind", "mismatch", bind=plan.VIP)])

    lab.phase = "lb1 crashes"
    with lab.change("SIGKILL to keepalived on lb1"), lab.probed() as dark:
        lab.sleep(0.3)
        lab.kill_keepalived("lb1", "lb2")
        lab.sleep(0.3)
        lab.finish()
    lab.expect_failovers("lb1", "lb2", "master-down", dark[0])

    # It still has the address: bound sockets work there, and their answers go to lb2.
    lab.phase = "lb1 still has the VIP"
    lab.sleep(1.2)
    begin = time.time_ns()
    lab.traffic(_own("lb2") + _inbound()
                + [Flow("lb1", kind, plan.REMOTE, port, "bind", "mismatch", bind=plan.VIP,
                        timeout_s=0.4) for kind, port in (("tcp", 443), ("udp", 123))])
    lab.expect_finding("stale-owner", "lb1", plan.VIP, start_ns=begin)

    lab.phase = "lb1 returns"
    with lab.change("keepalived on lb1 starts again"):
        lab.start_keepalived("lb1", "lb1")
    lab.expect_failovers("lb2", "lb1", "preempt")

    lab.phase = "lb1 is master again"
    lab.traffic(_own("lb1") + _inbound())


def _own(master):
    flows = []
    for host in plan.LBS:
        flows += mix(host, (plan.LAN_PEER, plan.REMOTE, plan.REMOTE6), tcp=(443,), sendto=())
    return flows + [Flow(master, "tcp", plan.REMOTE, 8443, "bind", "mismatch", bind=plan.VIP)]


def _inbound():
    return [Flow(host, kind, plan.VIP, port, "inbound", "none", "inbound")
            for host in ("client", "srv") for kind, port in (("tcp", 80), ("udp", 8443))]
