"""VRRP version 3 for both families, with adverts four times a second."""

from ..keepalived import Settings
from .failover import inbound, own_flows

NAME = "vrrp3"
SUMMARY = "VRRPv3 for IPv4 and IPv6, adverts every 0.25 s: SIGTERM on lb1 and back"


def run(lab, settings=None):
    lab.boot(settings or Settings(version=3, advert_s=0.25))
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(own_flows() + inbound())

    lab.resign("lb1", "lb2")

    lab.phase = "lb2 is master"
    lab.traffic(own_flows() + inbound())

    lab.phase = "lb1 returns"
    with lab.change("keepalived on lb1 starts again"):
        lab.start_keepalived("lb1", "lb1")
    lab.expect_failovers("lb2", "lb1", "preempt")

    lab.phase = "lb1 is master again"
    lab.traffic(own_flows() + inbound())
