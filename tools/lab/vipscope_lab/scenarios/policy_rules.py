"""Policy rules with every kind of selector: what the wire shows decides, what it hides is a condition."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "policy-rules"
SUMMARY = "ip rule by to, ipproto and dport, not, tos and fwmark: their table names the VIP"
_RULE = {"cause": "policy-rule"}


def run(lab):
    lab.boot(Settings(vips6=(), vips=(f"{plan.VIP}/24",)))
    lab.run_on("lb1", "ip", "route", "add", "default", "via", plan.GATEWAY, "dev", "eth0",
               "src", plan.VIP, "table", "100")
    for priority, selectors in ((1000, f"to {plan.REMOTE2}"),
                                (1010, "ipproto tcp dport 8443-8443"),
                                (1020, "not to 128.0.0.0/1"),
                                (1030, "tos 0x10"),
                                (1040, "fwmark 0x7")):
        lab.run_on("lb1", "ip", "rule", "add", *selectors.split(), "lookup", "100",
                   "pref", str(priority))
    lab.observe()

    lab.phase = "what the wire shows"
    lab.traffic(
        mix("lb1", (plan.REMOTE2, plan.LAN_PEER_ALONE), tcp=(443,), **_RULE)
        + [Flow("lb1", "tcp", peer, 8443, **_RULE) for peer in (plan.REMOTE, plan.LAN_PEER2)]
        + mix("lb1", (plan.LAN_PEER, plan.REMOTE, plan.REMOTE3), tcp=(443, 80)))

    lab.phase = "what it hides"
    lab.traffic([Flow("lb1", kind, plan.REMOTE3, port, "policy-rule", "conditional", **hidden)
                 for hidden in ({"tos": 0x10}, {"mark": 7})
                 for kind, port in (("tcp", 443), ("udp", 53), ("udp-sendto", 123))])

    lab.phase = "the backup has no such rules"
    lab.traffic(mix("lb2", (plan.LAN_PEER, plan.REMOTE, plan.REMOTE2), tcp=(443, 8443)))
