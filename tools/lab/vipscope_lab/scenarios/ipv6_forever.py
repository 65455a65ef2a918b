"""A /128 VIP that keepalived is told not to deprecate: the kernel takes it like any address."""

from .. import plan
from ..keepalived import Settings
from ..traffic import PEERS6, mix
from .ipv6_64 import failover_and_back

NAME = "ipv6-forever"
SUMMARY = "IPv6 VIP/128 with preferred_lft forever: the master's default source, newest or longest match"


def run(lab):
    lab.boot(Settings(vips6=(f"{plan.VIP6}/128 preferred_lft forever",)))
    failover_and_back(lab, {"cause": {"vip": "address-order", "primary": "default"}}, plan.VIP6)

    # Now the primary is the newest; only a longer match still speaks for the VIP.
    lab.phase = "the primary goes and comes"
    with lab.change("IPv6 primary of lb1 removed and added", hosts=("lb1",)):
        primary = f"{plan.PRIMARY6['lb1']}/64"
        lab.run_on("lb1", "ip", "addr", "del", primary, "dev", "eth0")
        lab.run_on("lb1", "ip", "addr", "add", primary, "dev", "eth0", "nodad")

    lab.phase = "the primary is the newest"
    own = {"cause": {"vip": "prefix-match", "primary": "default"}}
    lab.traffic(mix("lb1", PEERS6, **own) + mix("lb2", PEERS6, cause="default"))
