"""SNAT by iptables, whose matches nft shows without their content: iptables-save has them."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "iptables"
SUMMARY = "iptables SNAT to the VIP: by destination, multiport, and every second flow (statistic)"
_SNAT = {"cause": "snat"}


def run(lab):
    lab.boot(Settings(vips6=(), vips=(f"{plan.VIP}/24",)))
    for match in (f"-d {plan.REMOTE2}",
                  f"-d {plan.REMOTE} -p tcp -m multiport --dports 5432,8443",
                  f"-d {plan.REMOTE3} -p udp --dport 514 -m statistic --mode nth --every 2 --packet 0"):
        lab.run_on("lb1", "iptables", "-t", "nat", "-A", "POSTROUTING", *match.split(),
                   "-j", "SNAT", "--to-source", plan.VIP)
    lab.observe()

    lab.phase = "rewritten and not"
    lab.traffic(mix("lb1", (plan.REMOTE2,), **_SNAT)
                + [Flow("lb1", "tcp", plan.REMOTE, port, **_SNAT) for port in (5432, 8443)]
                + mix("lb1", (plan.LAN_PEER, plan.REMOTE), tcp=(443, 80)))

    lab.phase = "every second flow"
    lab.traffic([Flow("lb1", "udp", plan.REMOTE3, 514, {"vip": "snat", "primary": "default"},
                      "conditional", expect_also=("match", "undecided")) for _ in range(8)])

    lab.phase = "the backup has no such rules"
    lab.traffic(mix("lb2", (plan.LAN_PEER, plan.REMOTE, plan.REMOTE2), tcp=(443,)))
