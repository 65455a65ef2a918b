"""A container behind a bridge of the master: published by the VIP, its own way out masqueraded."""

from .. import plan
from ..keepalived import Settings
from ..topology import Layout
from ..traffic import Flow, mix

NAME = "container"
SUMMARY = "a bridge namespace on lb1: MASQUERADE ignores the route's src VIP that the host itself follows"
_PUBLISHED = 8080
_RULES = f"""
table ip engine {{
    chain prerouting {{
        type nat hook prerouting priority -100;
        iifname != "ct0" tcp dport {_PUBLISHED} dnat to {plan.CONTAINER}:80
    }}
    chain postrouting {{
        type nat hook postrouting priority 100;
        ip saddr {plan.CONTAINERS} oifname != "ct0" masquerade
    }}
}}
"""
_BY_ROUTE, _BESIDE = (plan.REMOTE, plan.REMOTE2), (plan.LAN_PEER, plan.REMOTE3)


def run(lab):
    lab.boot(Settings(vips6=(), routes=(f"203.0.113.0/24 via {plan.GATEWAY} dev eth0 src {plan.VIP}",)),
             Layout(container=True))
    lab.nft("lb1", _RULES)
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_own() + _container() + _inbound())

    lab.resign("lb1", "lb2")

    lab.phase = "lb2 is master, the container stays on lb1"
    lab.traffic(_own() + _container("match"))


def _own():
    flows = []
    for host in plan.LBS:
        flows += mix(host, _BY_ROUTE, cause={"vip": "route-src", "primary": "default"})
        flows += mix(host, _BESIDE)
    return flows


def _container(by_route="conditional"):
    """Where the host's own flows use the VIP, the primary is the masqueraded container's."""
    flows = []
    for peers, expect in ((_BY_ROUTE, by_route), (_BESIDE, "match")):
        flows += mix("container", peers, cause="masquerade", expect=expect, direction="forwarded",
                     via="lb1")
    return flows


def _inbound():
    return [Flow(host, "tcp", plan.VIP, _PUBLISHED, "inbound", "none", "inbound")
            for host in ("client", "srv") for _ in range(5)]
