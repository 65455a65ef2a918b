"""The better host returns and stays backup."""

from ..keepalived import Settings
from .failover import inbound, own_flows

NAME = "nopreempt"
SUMMARY = "SIGTERM on lb1, which returns and does not preempt: one change of holder"


def run(lab):
    lab.boot(Settings(nopreempt=True))
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(own_flows() + inbound())

    lab.resign("lb1", "lb2")

    lab.phase = "lb1 returns as backup"
    with lab.change("keepalived on lb1 starts again"):
        lab.start_keepalived("lb1", "lb2")
        lab.sleep(4.5)
    lab.traffic(own_flows() + inbound())
