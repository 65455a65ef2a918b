"""A failing check lowers the master's priority below the backup's."""

from ..keepalived import Settings
from .failover import inbound, own_flows

NAME = "track-script"
SUMMARY = "a track_script with weight fails on lb1 (150 falls to 90), then succeeds again"


def run(lab):
    lab.boot(Settings(script=(lab.check_file(), -60), vips6=()))
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(own_flows(v6=False) + inbound(v6=False))

    lab.phase = "the check fails"
    with lab.change("the check fails on lb1"), lab.probed() as dark:
        lab.fail_check("lb1", True)
        lab.settle("lb2")
        lab.sleep(0.3)
    lab.expect_failovers("lb1", "lb2", "priority-drop", dark[0])

    lab.phase = "lb2 is master"
    lab.traffic(own_flows(v6=False) + inbound(v6=False))

    lab.phase = "the check succeeds"
    with lab.change("the check succeeds on lb1"):
        lab.fail_check("lb1", False)
        lab.settle("lb1")
    lab.expect_failovers("lb2", "lb1", "preempt")

    lab.phase = "lb1 is master again"
    lab.traffic(own_flows(v6=False) + inbound(v6=False))
