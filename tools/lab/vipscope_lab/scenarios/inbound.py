"""Clients ask the pair while the pair asks the same clients on the same ports."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "inbound"
SUMMARY = "requests to VIP and primaries, mixed with outbound flows to the same peers and ports"
_ASKED = (plan.VIP, plan.PRIMARY["lb1"], plan.PRIMARY["lb2"],
          plan.VIP6, plan.PRIMARY6["lb1"], plan.PRIMARY6["lb2"])
_PEERS = (plan.LAN_PEER, plan.REMOTE, plan.LAN_PEER6, plan.REMOTE6)
_MID_STREAM = "opened before the capture"


def run(lab):
    lab.boot(Settings())
    lab.phase = "before the capture"
    lab.begin(_early())
    lab.sleep(0.6)
    lab.observe()

    lab.phase = "requests"
    lab.traffic(_requests())

    lab.phase = "requests and own traffic"
    lab.release("capture")
    lab.traffic(_requests() + mix("lb1", _PEERS) + mix("lb2", _PEERS) + _callbacks(), gap_s=0.004)

    # A wildcard socket without IP_PKTINFO: the kernel picks the source of the answer anew.
    lab.phase = "answers from another address"
    lab.traffic([_inbound(host, "udp-sendto", vip, 53, note="answered from the primary")
                 for host in ("client", "srv") for vip in (plan.VIP, plan.VIP6)
                 for _ in range(3)])

    for vip in (plan.VIP, plan.VIP6):
        lab.expect_finding("reply-source-mismatch", "lb1", vip)

    lab.phase = "closed ports"
    lab.traffic([_inbound(host, kind, asked, plan.CLOSED_PORT, timeout_s=0.4)
                 for host in ("client", "srv") for kind in ("tcp", "udp")
                 for asked in (plan.VIP, plan.PRIMARY["lb1"], plan.VIP6)]
                + [Flow("lb1", "tcp", peer, plan.CLOSED_PORT, timeout_s=0.4) for peer in _PEERS])


def _inbound(host, kind, asked, port=0, expect="none", **more):
    return Flow(host, kind, asked, port, "inbound", expect, "inbound", **more)


def _requests():
    flows = []
    for asked in _ASKED:
        for host in ("client", "srv"):
            flows += [_inbound(host, "tcp", asked, port) for port in (22, 443)]
            flows += [_inbound(host, "udp", asked, port) for port in (123, 8443)]
            flows.append(_inbound(host, "icmp", asked))
    return flows


def _callbacks():
    """The master calls a client back from the VIP, as active FTP does, and from high ports."""
    return [
        Flow("lb1", "tcp", plan.LAN_PEER, 5432, "bind", "mismatch", bind=plan.VIP, bind_port=20),
        Flow("lb1", "tcp", plan.REMOTE, 5432, "bind", "mismatch", bind=plan.VIP, bind_port=20),
        Flow("lb1", "tcp", plan.REMOTE, 443, "bind", "mismatch", bind=plan.VIP),
        Flow("lb1", "udp", plan.REMOTE, 123, "bind", "mismatch", bind=plan.VIP),
        Flow("lb1", "tcp", plan.REMOTE6, 443, "bind", "mismatch", bind=plan.VIP6),
    ]


def _early():
    """The observer sees neither SYN nor SYN-ACK and cannot know who opened these."""
    flows = []
    for asked in (plan.VIP, plan.PRIMARY["lb1"], plan.VIP6):
        for host in ("client", "srv"):
            flows.append(_inbound(host, "tcp", asked, 443, "undecided", wait_for="capture",
                                  note=_MID_STREAM))
    for host in plan.LBS:
        for peer in (plan.LAN_PEER, plan.REMOTE6):
            flows.append(Flow(host, "tcp", peer, 8443, "default", "undecided",
                              wait_for="capture", note=_MID_STREAM))
    return flows
