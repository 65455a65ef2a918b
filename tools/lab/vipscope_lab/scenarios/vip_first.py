"""The VIP stands before the primary in the list of addresses, with /32: no subnet of its own."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "vip-first"
SUMMARY = "VIP/32 before the primary: the kernel picks it where no subnet fits the next hop"
_ON_LINK_GATEWAY = "169.254.1.1"
_IN_SUBNET = (plan.LAN_PEER, plan.REMOTE)
_NO_SUBNET = (plan.REMOTE2, plan.REMOTE3)
_MASQUERADE = """
table ip edge {
    chain postrouting {
        type nat hook postrouting priority 100;
        oifname "eth0" udp dport 123 masquerade
    }
}
"""


def run(lab):
    lab.boot(Settings(vips=(f"{plan.VIP}/32",), vips6=()))
    # A neighbour that answers for what lies behind it, and one outside every subnet of the pair.
    lab.run_on("gw", "sysctl", "-q", "-w", "net.ipv4.conf.eth0.proxy_arp=1",
               "net.ipv4.neigh.eth0.proxy_delay=0")
    lab.run_on("gw", "ip", "addr", "add", f"{_ON_LINK_GATEWAY}/32", "dev", "eth0")
    for host in plan.LBS:
        lab.run_on(host, "ip", "route", "add", plan.REMOTE2, "dev", "eth0")
        lab.run_on(host, "ip", "route", "add", plan.REMOTE3, "via", _ON_LINK_GATEWAY, "dev", "eth0",
                   "onlink")
        lab.nft(host, _MASQUERADE)
        # With another IPv4 address left keepalived sees no fault while the primary is away.
        lab.run_on(host, "ip", "addr", "add", f"10.50.0.{plan.LBS.index(host) + 1}/24", "dev", "eth0")
    lab.observe()

    lab.phase = "the primary is first"
    lab.traffic(_own("default"))

    lab.phase = "the primary goes and comes"
    with lab.change("primary of lb1 removed and added, the second subnet removed", hosts=("lb1",)):
        _move_back(lab, "lb1")

    lab.phase = "the VIP is first"
    lab.traffic(_own({"vip": "address-order", "primary": "default"}) + _bound("lb1"))

    lab.resign("lb1", "lb2")

    lab.phase = "lb2 is master, its VIP last"
    lab.traffic(_own("default"))
    lab.expect_finding("unexpected-vip-source", "lb1", plan.VIP)


def _move_back(lab, host):
    primary = f"{plan.PRIMARY[host]}/24"
    lab.run_on(host, "ip", "addr", "del", primary, "dev", "eth0")
    lab.run_on(host, "ip", "addr", "add", primary, "dev", "eth0")
    lab.run_on(host, "ip", "route", "replace", "default", "via", plan.GATEWAY, "dev", "eth0")
    lab.run_on(host, "ip", "addr", "del", f"10.50.0.{plan.LBS.index(host) + 1}/24", "dev", "eth0")


def _own(no_subnet):
    """What MASQUERADE takes is chosen as for a socket that asked for nothing."""
    flows = []
    for host in plan.LBS:
        flows += mix(host, _IN_SUBNET) + mix(host, _NO_SUBNET, cause=no_subnet)
        flows += [Flow(host, "udp", peer, 123, "masquerade") for peer in _IN_SUBNET + _NO_SUBNET]
    return flows


def _bound(host):
    """The primary, where the kernel would pick the VIP."""
    return [Flow(host, kind, plan.REMOTE3, port, "bind", "mismatch", bind=plan.PRIMARY[host])
            for kind, port in (("tcp", 5432), ("udp", 8443))]
