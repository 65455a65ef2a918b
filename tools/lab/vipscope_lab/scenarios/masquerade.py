"""MASQUERADE picks the source anew at the exit, whatever the socket was bound to."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "masquerade"
SUMMARY = "nft masquerade: the VIP-bound socket leaves as primary, the other way round elsewhere"
# Multicast is left alone: IPv6 adverts must keep their link-local source.
_RULES = """
table ip edge {
    chain postrouting {
        type nat hook postrouting priority 100;
        oifname "eth0" ip daddr != 224.0.0.0/4 masquerade
    }
}
table ip6 edge {
    chain postrouting {
        type nat hook postrouting priority 100;
        oifname "eth0" ip6 daddr 2000::/3 masquerade
    }
}
"""
_MASQUERADE = {"cause": "masquerade"}


def run(lab):
    lab.boot(Settings(vips=(f"{plan.VIP}/24", f"{plan.VIP_ALONE}/24")))
    for host in plan.LBS:
        lab.nft(host, _RULES)
    lab.observe()
    lab.expect_finding("unexpected-vip-source", "lb1", plan.VIP_ALONE)

    lab.phase = "primary stays primary"
    lab.traffic(mix("lb1", **_MASQUERADE) + mix("lb2", **_MASQUERADE))

    lab.phase = "bound to the VIP, leaves as primary"
    lab.traffic([Flow("lb1", kind, peer, port, bind=plan.VIP, **_MASQUERADE)
                 for peer in (plan.LAN_PEER, plan.REMOTE)
                 for kind, port in (("tcp", 443), ("tcp", 5432), ("udp", 123), ("icmp", 0))]
                + [Flow("lb1", kind, plan.REMOTE6, port, bind=plan.VIP6, **_MASQUERADE)
                   for kind, port in (("tcp", 443), ("udp", 123))])

    lab.phase = "bound to the primary, leaves as the VIP of that subnet"
    lab.traffic([Flow("lb1", kind, plan.LAN_PEER_ALONE, port, bind=plan.PRIMARY["lb1"], **_MASQUERADE)
                 for kind, port in (("tcp", 443), ("tcp", 5432), ("udp", 123))]
                + mix("lb1", [plan.LAN_PEER_ALONE], tcp=(80,), **_MASQUERADE))

    # Answers belong to a connection that was tracked from outside: they are not rewritten.
    lab.phase = "inbound"
    lab.traffic([Flow(host, kind, asked, port, "inbound", "none", "inbound")
                 for host in ("client", "srv") for asked in (plan.VIP, plan.PRIMARY["lb1"], plan.VIP6)
                 for kind, port in (("tcp", 443), ("udp", 123))])
