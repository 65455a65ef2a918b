"""Nobody chose a source: the kernel did."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "default"
SUMMARY = "the kernel's own choice, with a VIP in the primaries' subnet and one alone in its own"


def run(lab):
    lab.boot(Settings(vips=(f"{plan.VIP}/24", f"{plan.VIP_ALONE}/24")), capture_boot=True)
    lab.observe()

    lab.phase = "both hosts"
    lab.traffic(mix("lb1") + mix("lb2"))

    # The only address of a connected subnet is its default source, VIP or not. lb2 does
    # not have that subnet and goes by way of the gateway.
    lab.phase = "vip alone in its subnet"
    lab.traffic(mix("lb1", [plan.LAN_PEER_ALONE], note="connected subnet of the VIP")
                + mix("lb2", [plan.LAN_PEER_ALONE]))

    lab.expect_finding("unexpected-vip-source", "lb1", plan.VIP_ALONE)

    lab.phase = "between the two"
    lab.traffic(
        mix("lb1", [plan.PRIMARY["lb2"], plan.PRIMARY6["lb2"]], tcp=(22, 443), udp=(123,), sendto=(8443,))
        + mix("lb2", [plan.PRIMARY["lb1"], plan.PRIMARY6["lb1"]], tcp=(22, 443), udp=(123,), sendto=(8443,))
        + mix("lb2", [plan.VIP], tcp=(22, 80), udp=(123,), sendto=(8443,)))

    lab.phase = "closed ports"
    lab.traffic([Flow(host, kind, peer, plan.CLOSED_PORT, timeout_s=0.4)
                 for host in plan.LBS for kind in ("tcp", "udp")
                 for peer in (plan.LAN_PEER, plan.REMOTE, plan.REMOTE6)])
