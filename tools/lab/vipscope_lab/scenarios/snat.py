"""The hosts pick their primaries; nftables rewrites some of them to the VIP on the way out."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "snat"
SUMMARY = "nft snat to the VIP: by destination, by port, to a port range, IPv6, every second flow"
_RULES = f"""
table ip edge {{
    chain postrouting {{
        type nat hook postrouting priority 100;
        ip daddr {plan.REMOTE2} snat to {plan.VIP}
        ip daddr {plan.LAN_PEER2} snat to {plan.VIP_ALONE}
        ip daddr {plan.REMOTE3} tcp dport 8000-8999 snat to {plan.VIP}
        ip daddr {plan.REMOTE3} tcp dport 443 snat to {plan.VIP}:20000-20999
        ip daddr {plan.REMOTE3} udp dport {{ 53, 123 }} snat to {plan.VIP}
        ip daddr {plan.REMOTE3} udp dport 514 numgen inc mod 2 == 0 snat to {plan.VIP}
    }}
}}
table ip6 edge {{
    chain postrouting {{
        type nat hook postrouting priority 100;
        ip6 daddr {plan.REMOTE6_2} snat to {plan.VIP6}
    }}
}}
"""
_LATER = f"add rule ip edge postrouting ip daddr {plan.REMOTE} tcp dport 5432 snat to {plan.VIP}"
_SNAT = {"cause": "snat"}


def run(lab):
    lab.boot(Settings(vips=(f"{plan.VIP}/24", f"{plan.VIP_ALONE}/24")))
    for host in plan.LBS:
        lab.nft(host, _RULES)
    lab.observe()

    lab.phase = "rewritten and not"
    lab.traffic(
        mix("lb1", [plan.REMOTE2, plan.LAN_PEER2, plan.REMOTE6_2], **_SNAT)
        + [Flow("lb1", kind, plan.REMOTE3, port, **_SNAT)
           for kind, port in (("tcp", 8443), ("tcp", 443), ("tcp", 443), ("udp", 53), ("udp", 123))]
        + [Flow("lb1", "tcp", plan.REMOTE3, port) for port in (80, 5432)]
        + mix("lb1", [plan.LAN_PEER, plan.REMOTE, plan.REMOTE6], tcp=(443, 5432)))

    # A snapshot cannot tell which flow the counter picks.
    lab.phase = "every second flow"
    lab.traffic([Flow("lb1", "udp", plan.REMOTE3, 514, {"vip": "snat", "primary": "default"},
                      "conditional", expect_also=("match", "undecided")) for _ in range(8)])

    lab.phase = "bound to the VIP anyway"
    lab.traffic([Flow("lb1", "tcp", plan.REMOTE2, 443, bind=plan.VIP, **_SNAT),
                 Flow("lb1", "tcp", plan.REMOTE, 443, "bind", "mismatch", bind=plan.VIP)])

    # The rule knows nothing of VRRP: the backup sends from the VIP as well, and the
    # answers go to the master, which never asked.
    lab.phase = "the backup"
    lab.traffic(mix("lb2", [plan.LAN_PEER, plan.REMOTE, plan.REMOTE6])
                + [Flow("lb2", kind, plan.REMOTE2, port, timeout_s=0.5, note="the answer goes to lb1",
                        **_SNAT) for kind, port in (("tcp", 443), ("udp", 53), ("udp-sendto", 514))])

    lab.expect_finding("stale-owner", "lb2", plan.VIP)

    lab.phase = "a rule more"
    with lab.change("nft rule added on lb1", hosts=("lb1",)):
        lab.run_on("lb1", "nft", *_LATER.split())
    lab.traffic([Flow("lb1", "tcp", plan.REMOTE, 5432, **_SNAT) for _ in range(5)]
                + [Flow("lb1", "tcp", plan.REMOTE, 443) for _ in range(5)])
