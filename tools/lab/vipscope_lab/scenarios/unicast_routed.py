"""Unicast adverts that a router passes on: they come twice, the second time with its MAC and TTL 254."""

from .. import plan
from ..keepalived import Settings
from ..topology import Layout
from .failover import inbound, own_flows

NAME = "unicast-routed"
SUMMARY = "unicast_peer through a router: the IP source is the sender, not the MAC"


def run(lab):
    lab.boot(Settings(unicast=True, vips6=()), Layout(routed=True))
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
    return [flow for flow in own_flows() + inbound() if plan.family(flow.dst) == 4]
