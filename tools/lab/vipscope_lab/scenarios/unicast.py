"""The two hosts send their adverts to each other alone."""

from ..keepalived import Settings
from . import vrrp3

NAME = "unicast"
SUMMARY = "unicast_peer for both families: SIGTERM on lb1 and back"


def run(lab):
    vrrp3.run(lab, Settings(unicast=True))
