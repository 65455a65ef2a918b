"""The primary vanishes for a moment, and the kernel promotes the VIP in its place."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "promoted"
SUMMARY = "promote_secondaries and a second subnet: the primary goes and comes, the VIP stays in front"
_PEERS = (plan.LAN_PEER, plan.REMOTE, plan.REMOTE3)


def run(lab):
    lab.boot(Settings(vips6=()))
    for host in plan.LBS:
        lab.run_on(host, "sysctl", "-q", "-w", "net.ipv4.conf.eth0.promote_secondaries=1")
        # With another IPv4 address left keepalived sees no fault.
        lab.run_on(host, "ip", "addr", "add", f"10.50.0.{plan.LBS.index(host) + 1}/24", "dev", "eth0")
    lab.observe()

    lab.phase = "in order"
    lab.traffic(mix("lb1", _PEERS) + mix("lb2", _PEERS))

    lab.phase = "the primary goes and comes"
    with lab.change("primary of lb1 removed and added", hosts=("lb1",)):
        primary = f"{plan.PRIMARY['lb1']}/24"
        lab.run_on("lb1", "ip", "addr", "del", primary, "dev", "eth0")
        lab.run_on("lb1", "ip", "addr", "add", primary, "dev", "eth0")
        lab.run_on("lb1", "ip", "route", "replace", "default", "via", plan.GATEWAY, "dev", "eth0")

    lab.phase = "the VIP is first"
    lab.traffic(mix("lb1", _PEERS, cause="address-order") + mix("lb2", _PEERS)
                + [Flow("lb1", kind, plan.REMOTE, port, "bind", "mismatch", bind=plan.PRIMARY["lb1"])
                   for kind, port in (("tcp", 5432), ("udp", 123))])
    lab.expect_finding("unexpected-vip-source", "lb1", plan.VIP)
