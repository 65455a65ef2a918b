"""A transparent proxy: it opens its connections to servers with its clients' addresses."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "transparent"
SUMMARY = "IP_TRANSPARENT: the master sends clients' sources from its own MAC and does not forward"
_CLIENTS = ("198.51.100.77", "198.51.100.78")
_PEERS = (plan.LAN_PEER, plan.REMOTE)
# Answers to the clients' addresses belong to sockets of the proxy: they are delivered here.
_DIVERT = """
table ip proxy {
    chain divert {
        type filter hook prerouting priority -150;
        meta l4proto { tcp, udp } socket transparent 1 meta mark set 1 accept
    }
}
"""


def run(lab):
    lab.boot(Settings(vips6=()))
    for host in plan.LBS:
        lab.nft(host, _DIVERT)
        lab.run_on(host, "ip", "rule", "add", "fwmark", "1", "lookup", "100", "pref", "100")
        lab.run_on(host, "ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo", "table", "100")
    lab.run_on("client", "ip", "route", "add", "198.51.100.64/26", "via", plan.VIP)
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_own() + _clients("lb1"))

    lab.resign("lb1", "lb2")

    lab.phase = "lb2 is master"
    lab.traffic(_own() + _clients("lb2"))


def _own():
    flows = []
    for host in plan.LBS:
        flows += mix(host, _PEERS)
    return flows + [Flow(host, kind, plan.VIP, port, "inbound", "none", "inbound")
                    for host in ("client", "srv") for kind, port in (("tcp", 80), ("udp", 123))]


def _clients(master):
    return [Flow(master, kind, peer, port, "transparent", "mismatch", bind=address, transparent=True)
            for address in _CLIENTS for peer in (plan.LAN_PEER, plan.LAN_PEER2)
            for kind, port in (("tcp", 80), ("tcp", 443), ("udp", 53))]
