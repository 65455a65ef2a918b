"""Two instances that change hands together, though only one of them is ill."""

from ..keepalived import Settings
from .failover import inbound, own_flows

NAME = "sync-group"
SUMMARY = "vrrp_sync_group: a check of the IPv4 instance fails on lb1, both VIPs move"


def run(lab):
    lab.boot(Settings(sync=True, script=(lab.check_file(), 0)))
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(own_flows() + inbound())

    lab.phase = "the check fails"
    with lab.change("the check fails on lb1"), lab.probed() as dark:
        lab.fail_check("lb1", True)
        lab.settle("lb2")
        lab.sleep(0.3)
    lab.expect_failovers("lb1", "lb2", "prio0", dark[0])

    lab.phase = "lb2 is master"
    lab.traffic(own_flows() + inbound())
