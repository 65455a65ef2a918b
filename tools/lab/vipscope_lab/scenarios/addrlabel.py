"""Address labels keep a VIP that is not deprecated from being the default source, but not everywhere."""

from .. import plan
from ..keepalived import Settings
from ..traffic import mix
from .ipv6_64 import failover_and_back

NAME = "addrlabel"
SUMMARY = "ip addrlabel on an IPv6 VIP/64: only a destination with the same label gets it"
_LABELS = (f"{plan.VIP6}/128", f"{plan.REMOTE6_2}/128")


def run(lab):
    lab.boot(Settings(vips6=(f"{plan.VIP6}/64",)))
    for host in plan.LBS:
        for prefix in _LABELS:
            lab.run_on(host, "ip", "addrlabel", "add", "prefix", prefix, "label", "99")
    failover_and_back(lab, {"cause": {"vip": "address-label", "primary": "default"}})
    for host in plan.LBS:
        lab.expect_finding("unexpected-vip-source", host, plan.VIP6)

    lab.phase = "without the VIP's label"
    with lab.change("address label of the VIP removed on lb1", hosts=("lb1",)):
        lab.run_on("lb1", "ip", "addrlabel", "del", "prefix", _LABELS[0], "label", "99")

    lab.phase = "the VIP has the label of all"
    lab.traffic(mix("lb1", (plan.LAN_PEER6, plan.REMOTE6), cause="address-order")
                + mix("lb2", (plan.LAN_PEER6, plan.REMOTE6)))
