"""Clients behind the pair go out through it: some rewritten to the VIP, some not at all."""

from .. import plan
from ..keepalived import Settings
from ..topology import Layout
from ..traffic import Flow, mix

NAME = "forward"
SUMMARY = "clients routed through the pair (SNAT to the VIP, masquerade, plain) beside its own traffic"
_RULES = f"""
table ip edge {{
    chain postrouting {{
        type nat hook postrouting priority 100;
        oifname "eth0" ip saddr {plan.BACK_CLIENT["snat"]} snat to {plan.VIP}
        oifname "eth0" ip saddr {plan.BACK_CLIENT["masquerade"]} masquerade
    }}
}}
"""
# An observer sees the VIP from lb1's MAC, as the host's own traffic never has it, and a rule
# that gives it to clients: one possible explanation. The primary is what lb1 itself would use.
# Plain clients keep their address and are recognised as passing through.
_TRUTH = {"snat": "conditional", "masquerade": "match", "plain": "none"}
_CAUSE = {"snat": "snat", "masquerade": "masquerade", "plain": "forwarded"}


def run(lab):
    lab.boot(Settings(vips=(f"{plan.VIP}/24", f"{plan.VIP_BACK}/24 dev eth1")), Layout(back=True))
    for host in plan.LBS:
        lab.nft(host, _RULES)
    lab.observe()

    lab.phase = "clients and the pair itself"
    lab.traffic(_clients() + mix("lb1", _PEERS) + mix("lb2", _PEERS))

    lab.phase = "own sockets on the VIP beside them"
    lab.traffic(_clients() + [Flow("lb1", kind, plan.REMOTE, port, "bind", "conditional",
                                   expect_also=("mismatch",), bind=plan.VIP,
                                   note="on the wire like a client's flow, but for the TTL")
                              for kind, port in (("tcp", 443), ("udp", 123))])

    lab.phase = "inbound and replies to plain clients"
    lab.traffic([Flow(host, kind, plan.VIP, port, "inbound", "none", "inbound")
                 for host in ("client", "srv") for kind, port in (("tcp", 80), ("udp", 123))])


_PEERS = (plan.LAN_PEER, plan.REMOTE, plan.REMOTE3)


def _clients():
    flows = []
    for way, address in plan.BACK_CLIENT.items():
        for peer in _PEERS:
            flows += [Flow("back", kind, peer, port, _CAUSE[way], _TRUTH[way], "forwarded", bind=address,
                           via="lb1")
                      for kind, port in (("tcp", 443), ("tcp", 8443), ("udp", 53), ("icmp", 0))]
    return flows
