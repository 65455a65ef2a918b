"""The network of one run: a LAN with the pair, its peers, a gateway and a server side.

    srv --- gw --- LAN bridge --- lb1, lb2 --- back bridge --- back   (back: forward only)
                       |   \\
                    client   (copy of every frame) --- sensor

Every bridge port copies what it *receives* to the sensor, so that each frame of the LAN
reaches the sensor exactly once, whichever way it goes. A copy in both directions at the
ports of lb1 and lb2 would show frames between the two of them twice.
"""

import time

from . import plan
from .errors import LabError

MIRROR = "mirror0"
_OFFLOADS = ["tx", "off", "rx", "off", "tso", "off", "gso", "off", "gro", "off"]
_QUIET_IPV6 = [f"net.ipv6.conf.{scope}.{key}=0" for scope in ("all", "default")
               for key in ("accept_ra", "router_solicitations", "autoconf")]
_PLAIN_IPV4 = [f"net.ipv4.conf.{scope}.{key}={value}" for scope in ("all", "default")
               for key, value in (("rp_filter", 0), ("promote_secondaries", 0), ("send_redirects", 0))]


def build(namespaces, with_back=False):
    """Makes everything except keepalived; returns when no address is tentative any more."""
    _switch(namespaces)
    _station(namespaces, "client", [
        f"{plan.LAN_PEER}/24", f"{plan.LAN_PEER2}/24", f"{plan.LAN_PEER_ALONE}/24",
        f"{plan.LAN_PEER6}/64"], plan.GATEWAY, plan.GATEWAY6)
    for lb in plan.LBS:
        _station(namespaces, lb, [f"{plan.PRIMARY[lb]}/24", f"{plan.PRIMARY6[lb]}/64"],
                 plan.GATEWAY, plan.GATEWAY6)
    _gateway(namespaces)
    nodes = ["client", "lb1", "lb2", "gw", "srv"]
    if with_back:
        _back(namespaces)
        nodes.append("back")
    _wait_for_addresses(namespaces, nodes)


def route_between_hosts(namespaces):
    """As if a router stood between them: each reaches the other's primary by the gateway."""
    for lb, other in (plan.LBS, plan.LBS[::-1]):
        namespaces.ip(
            lb,
            f"route add {plan.PRIMARY[other]}/32 via {plan.GATEWAY} dev eth0",
            f"route add {plan.PRIMARY6[other]}/128 via {plan.GATEWAY6} dev eth0")


def _switch(namespaces):
    namespaces.add("lan")
    namespaces.add("sensor")
    namespaces.run("lan", ["sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1",
                           "net.ipv6.conf.default.disable_ipv6=1"])
    namespaces.run("sensor", ["sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1",
                              "net.ipv6.conf.default.disable_ipv6=1"])
    sensor = namespaces.name("sensor")
    namespaces.ip(
        "lan",
        "link set lo up",
        "link add br0 address 52:54:00:00:10:00 type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
        "link set br0 up",
        f"link add span type veth peer name {MIRROR} netns {sensor}",
        "link set span up arp off")
    namespaces.ip("sensor", "link set lo up", f"link set {MIRROR} up arp off promisc on")
    _without_offloads(namespaces, "lan", "span")
    _without_offloads(namespaces, "sensor", MIRROR)


def _station(namespaces, node, addresses, gateway, gateway6):
    namespaces.add(node)
    namespaces.run(node, ["sysctl", "-q", "-w", *_QUIET_IPV6, *_PLAIN_IPV4,
                          "net.ipv4.ping_group_range=0 2147483647"])
    _plug(namespaces, node, "eth0", plan.MAC[node], "br0", f"p-{node}")
    _mirror_port(namespaces, f"p-{node}")
    namespaces.ip(
        node,
        "link set lo up",
        "link set eth0 up",
        *(f"addr add {address} dev eth0" for address in addresses),
        f"route add default via {gateway} dev eth0",
        f"route add default via {gateway6} dev eth0")


def _gateway(namespaces):
    namespaces.add("gw")
    namespaces.add("srv")
    for node in ("gw", "srv"):
        namespaces.run(node, ["sysctl", "-q", "-w", *_QUIET_IPV6, *_PLAIN_IPV4,
                              "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                              "net.ipv4.ping_group_range=0 2147483647"])
    _plug(namespaces, "gw", "eth0", plan.MAC["gw"], "br0", "p-gw")
    _mirror_port(namespaces, "p-gw")
    namespaces.ip("gw", f"link add eth1 address {plan.MAC['gw-up']} type veth "
                        f"peer name eth0 netns {namespaces.name('srv')} address {plan.MAC['srv']}")
    namespaces.ip(
        "gw",
        "link set lo up", "link set eth0 up", "link set eth1 up",
        f"addr add {plan.GATEWAY}/24 dev eth0", f"addr add {plan.GATEWAY_ALONE}/24 dev eth0",
        f"addr add {plan.GATEWAY6}/64 dev eth0",
        *(f"addr add {uplink}/24 dev eth1" for uplink in plan.UPLINK),
        f"addr add {plan.UPLINK6}/64 dev eth1")
    namespaces.ip(
        "srv",
        "link set lo up", "link set eth0 up",
        *(f"addr add {address}/24 dev eth0" for address in (plan.REMOTE, plan.REMOTE2, plan.REMOTE3)),
        *(f"addr add {address}/64 dev eth0" for address in (plan.REMOTE6, plan.REMOTE6_2)),
        f"route add default via {plan.UPLINK[0]} dev eth0",
        f"route add default via {plan.UPLINK6} dev eth0")
    _without_offloads(namespaces, "gw", "eth1")
    _without_offloads(namespaces, "srv", "eth0")


def _back(namespaces):
    """A second, unmirrored LAN with clients whose way out is the pair."""
    namespaces.ip(
        "lan",
        "link add br1 address 52:54:00:00:10:01 type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
        "link set br1 up")
    for lb in plan.LBS:
        namespaces.run(lb, ["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"])
        _plug(namespaces, lb, "eth1", plan.MAC[f"{lb}-back"], "br1", f"b-{lb}")
        namespaces.ip(lb, "link set eth1 up", f"addr add {plan.BACK[lb]}/24 dev eth1")
    namespaces.add("back")
    namespaces.run("back", ["sysctl", "-q", "-w", *_QUIET_IPV6, *_PLAIN_IPV4,
                            "net.ipv4.ping_group_range=0 2147483647"])
    _plug(namespaces, "back", "eth0", plan.MAC["back"], "br1", "b-back")
    namespaces.ip("back", "link set lo up", "link set eth0 up",
                  *(f"addr add {address}/24 dev eth0" for address in plan.BACK_CLIENT.values()),
                  f"route add default via {plan.VIP_BACK} dev eth0")
    namespaces.ip("gw", f"route add 10.20.0.0/24 via {plan.VIP} dev eth0")


def _plug(namespaces, node, device, mac, bridge, port):
    """A cable from a node to a bridge port.

    Without offloads the sender computes checksums, as real hardware would have done
    before the frame is on the wire.
    """
    port_mac = "52:54:00:01:" + mac[-5:]
    namespaces.ip(node, f"link add {device} address {mac} type veth "
                        f"peer name {port} netns {namespaces.name('lan')} address {port_mac}")
    namespaces.ip("lan", f"link set {port} master {bridge}", f"link set {port} up")
    _without_offloads(namespaces, node, device)
    _without_offloads(namespaces, "lan", port)


def _mirror_port(namespaces, port):
    for argv in (["qdisc", "add", "dev", port, "clsact"],
                 ["filter", "add", "dev", port, "ingress", "protocol", "all", "prio", "1",
                  "u32", "match", "u32", "0", "0", "action", "mirred", "egress", "mirror",
                  "dev", "span"]):
        namespaces.run("lan", ["tc", *argv])


def _without_offloads(namespaces, node, device):
    namespaces.run(node, ["ethtool", "-K", device, *_OFFLOADS])


def _wait_for_addresses(namespaces, nodes):
    """Duplicate address detection takes its second or two, as on a real host."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not any(namespaces.run(node, ["ip", "-6", "addr", "show", "tentative"]).strip()
                   for node in nodes):
            return
        time.sleep(0.1)
    raise LabError("IPv6 addresses stayed tentative for 10 s.")
