"""A route that names the VIP is gone, and nobody has taken the host's state since."""

import time

from .. import plan
from ..keepalived import Settings
from ..traffic import mix

NAME = "lost-route"
SUMMARY = "the route with src VIP deleted on lb1 behind the back of the snapshots: the model drifts"
_ROUTE = "198.51.100.0/24"


def run(lab):
    # Without a snapshot at the end: it would show the host as it is now. The route is not
    # keepalived's own, which it would put back.
    lab.boot(Settings(vips6=()), small=True)
    lab.run_on("lb1", "ip", "route", "add", _ROUTE, "via", plan.GATEWAY, "dev", "eth0", "src", plan.VIP)
    lab.observe()

    lab.phase = "by the route"
    lab.traffic(_own("lb1", cause="route-src") + _own("lb2"))

    lab.phase = "without it"
    lab.run_on("lb1", "ip", "route", "del", _ROUTE)
    begin = time.time_ns()
    lab.traffic(_own("lb1", cause="route-lost", expect="mismatch") + _own("lb2"))
    lab.sleep(10.5)
    lab.traffic(_own("lb1", cause="route-lost", expect="mismatch") + _own("lb2"))
    lab.expect_finding("model-drift", "lb1", plan.VIP, start_ns=begin)
    lab.sleep(0.6)


def _own(host, **truth):
    return (mix(host, (plan.REMOTE3,), tcp=(443, 8443), udp=(53, 123), **truth)
            + mix(host, (plan.LAN_PEER, plan.REMOTE), tcp=(443,), sendto=()))
