"""Applications that ask for a source address themselves."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "bind"
SUMMARY = "sockets bound to the VIP or to the primary, TCP, UDP, PKTINFO, ICMP"
_PEERS4 = (plan.LAN_PEER, plan.REMOTE, plan.REMOTE3)
_PEERS6 = (plan.LAN_PEER6, plan.REMOTE6)


def run(lab):
    lab.boot(Settings(vips=(f"{plan.VIP}/24", f"{plan.VIP_ALONE}/24")))
    lab.observe()

    # What the application asked for is what leaves; nothing in the host's state says so.
    lab.phase = "bound to the VIP"
    lab.traffic(_bound("lb1", plan.VIP, _PEERS4, "mismatch")
                + _bound("lb1", plan.VIP6, _PEERS6, "mismatch")
                + mix("lb1", tcp=(80,), icmp=False))

    # The same address as the kernel's own choice: an observer sees no difference.
    lab.phase = "bound to the primary"
    for host in plan.LBS:
        lab.traffic(_bound(host, plan.PRIMARY[host], _PEERS4, "match")
                    + _bound(host, plan.PRIMARY6[host], _PEERS6, "match"))

    # Where the VIP is the kernel's choice, asking for the primary is what deviates.
    lab.phase = "a destination in the subnet of a VIP that is alone there"
    lab.traffic(_bound("lb1", plan.PRIMARY["lb1"], [plan.LAN_PEER_ALONE], "mismatch")
                + _bound("lb1", plan.VIP_ALONE, [plan.LAN_PEER_ALONE], "match")
                + _bound("lb1", plan.VIP, [plan.LAN_PEER_ALONE], "mismatch")
                + mix("lb1", [plan.LAN_PEER_ALONE], tcp=(80,), udp=(123,)))

    lab.expect_finding("unexpected-vip-source", "lb1", plan.VIP_ALONE)

    lab.phase = "the backup asks for the VIP"
    lab.traffic(_bound("lb2", plan.VIP, [plan.REMOTE], "mismatch")
                + _bound("lb2", plan.VIP6, [plan.REMOTE6], "mismatch"))


def _bound(host, source, peers, expect):
    flows = []
    for peer in peers:
        truth = {"cause": "bind", "expect": expect}
        flows += [Flow(host, "tcp", peer, port, bind=source, **truth) for port in (443, 5432)]
        flows += [Flow(host, "udp", peer, 53, bind=source, **truth),
                  Flow(host, "udp-sendto", peer, 514, pktinfo=source, note="IP_PKTINFO", **truth),
                  Flow(host, "icmp", peer, bind=source, **truth)]
    return flows
