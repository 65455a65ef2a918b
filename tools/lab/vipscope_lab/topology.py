"""The network of one run: a LAN with the pair, its peers, a gateway and a server side.

    srv --- gw --- LAN bridge --- lb1, lb2 --- back bridge --- back   (Layout.back)
                       |   \\        \\--- container                 (Layout.container)
                    client   (copy of every frame) --- sensor

    far --- other LAN bridge --- lb3, lb4                             (Layout.trunk)
                       \\   (copy of every frame) --- sensor, tagged as the first LAN's are

Every bridge port copies what it *receives* to the sensor, so that each frame of the LAN
reaches the sensor exactly once, whichever way it goes. A copy in both directions at the
ports of lb1 and lb2 would show frames between the two of them twice.
"""

import dataclasses
import time

from . import plan
from .errors import LabError

MIRROR = "mirror0"
_OFFLOADS = ["tx", "off", "rx", "off", "tso", "off", "gso", "off", "gro", "off"]
_QUIET_IPV6 = [f"net.ipv6.conf.{scope}.{key}=0" for scope in ("all", "default")
               for key in ("accept_ra", "router_solicitations", "autoconf")]
_PLAIN_IPV4 = [f"net.ipv4.conf.{scope}.{key}={value}" for scope in ("all", "default")
               for key, value in (("rp_filter", 0), ("promote_secondaries", 0), ("send_redirects", 0))]


@dataclasses.dataclass(frozen=True)
class Layout:
    """What there is beside the pair, its LAN, a client, the gateway and the server side."""

    back: bool = False        # a LAN of clients behind the pair, whose way out it is
    container: bool = False   # a namespace behind a bridge of lb1, as container engines make it
    trunk: bool = False       # a second pair on a LAN of its own; the mirror carries both, tagged
    ipv6_only: bool = False   # the pair has no IPv4 address
    routed: bool = False      # what the pair's hosts send to each other goes by the gateway

    @property
    def lbs(self):
        return plan.LBS + plan.LBS_OTHER if self.trunk else plan.LBS

    @property
    def agents(self):
        """The namespaces that open and serve connections."""
        return (*self.lbs, "client", "srv", *("back",) * self.back,
                *("container",) * self.container, *("far",) * self.trunk)


def build(namespaces, layout):
    """Makes everything except keepalived; returns when no address is tentative any more."""
    _switch(namespaces, layout.trunk)
    _station(namespaces, "client", [
        f"{plan.LAN_PEER}/24", f"{plan.LAN_PEER2}/24", f"{plan.LAN_PEER_ALONE}/24",
        f"{plan.LAN_PEER6}/64"], plan.GATEWAY, plan.GATEWAY6)
    for lb in plan.LBS:
        addresses = [f"{plan.PRIMARY6[lb]}/64"]
        if not layout.ipv6_only:
            addresses.insert(0, f"{plan.PRIMARY[lb]}/24")
        _station(namespaces, lb, addresses, None if layout.ipv6_only else plan.GATEWAY, plan.GATEWAY6)
    _gateway(namespaces)
    if layout.back:
        _back(namespaces)
    if layout.container:
        _container(namespaces)
    if layout.trunk:
        _other_lan(namespaces)
    if layout.routed:
        _route_between_hosts(namespaces)
    _wait_for_addresses(namespaces, (*layout.agents, "gw"))


def _route_between_hosts(namespaces):
    """As if a router stood between them: each reaches the other's primary by the gateway."""
    for lb, other in (plan.LBS, plan.LBS[::-1]):
        namespaces.ip(
            lb,
            f"route add {plan.PRIMARY[other]}/32 via {plan.GATEWAY} dev eth0",
            f"route add {plan.PRIMARY6[other]}/128 via {plan.GATEWAY6} dev eth0")


def _switch(namespaces, trunk):
    namespaces.add("lan")
    namespaces.add("sensor")
    namespaces.run("lan", ["sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1",
                           "net.ipv6.conf.default.disable_ipv6=1"])
    namespaces.run("sensor", ["sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1",
                              "net.ipv6.conf.default.disable_ipv6=1"])
    sensor = namespaces.name("sensor")
    if trunk:
        _trunk(namespaces, sensor)
        return
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


TRUNK = "trunk0"
LEGS = {"leg10": 10, "leg20": 20}  # what they bring leaves by the trunk with this tag


def _trunk(namespaces, sensor):
    """Two LANs, whose copies end at a leg each; `trunk.py` tags them and sends them on.

    Not every kernel can tag by itself.
    """
    namespaces.ip(
        "lan",
        "link set lo up",
        "link add br0 address 52:54:00:00:10:00 type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
        "link add br2 address 52:54:00:00:10:02 type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
        "link set br0 up", "link set br2 up",
        "link add span type veth peer name leg10", "link add span20 type veth peer name leg20",
        f"link add {TRUNK} type veth peer name {MIRROR} netns {sensor}",
        *(f"link set {device} up arp off promisc on"
          for device in ("span", "span20", *LEGS, TRUNK)))
    namespaces.ip("sensor", "link set lo up", f"link set {MIRROR} up arp off promisc on")
    for device in ("span", "span20", *LEGS, TRUNK):
        _without_offloads(namespaces, "lan", device)
    _without_offloads(namespaces, "sensor", MIRROR)


def _other_lan(namespaces):
    """The second pair's LAN. "far" has the addresses of everybody that the pair talks to."""
    for lb in plan.LBS_OTHER:
        _station(namespaces, lb, [f"{plan.PRIMARY[lb]}/24", f"{plan.PRIMARY6[lb]}/64"],
                 plan.GATEWAY, plan.GATEWAY6, "br2", "span20")
    _station(namespaces, "far",
             [f"{plan.LAN_PEER}/24", f"{plan.GATEWAY}/24", f"{plan.LAN_PEER6}/64", f"{plan.GATEWAY6}/64",
              f"{plan.REMOTE}/32", f"{plan.REMOTE3}/32", f"{plan.REMOTE6}/128"],
             None, None, "br2", "span20")


def _container(namespaces):
    """As container engines do it: a bridge of the host's own, a private subnet, a way out by the
    host's. The rewriting is the scenario's."""
    namespaces.add("container")
    namespaces.run("lb1", ["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"])
    namespaces.run("container", ["sysctl", "-q", "-w", *_QUIET_IPV6, *_PLAIN_IPV4,
                                 "net.ipv4.ping_group_range=0 2147483647"])
    namespaces.ip(
        "lb1",
        "link add ct0 address 52:54:00:00:18:01 type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
        "link add p-container type veth peer name eth0 address 52:54:00:00:18:02 "
        f"netns {namespaces.name('container')}",
        "link set p-container master ct0", "link set p-container up", "link set ct0 up",
        f"addr add {plan.CONTAINER_GATEWAY}/16 dev ct0")
    namespaces.ip("container", "link set lo up", "link set eth0 up",
                  f"addr add {plan.CONTAINER}/16 dev eth0",
                  f"route add default via {plan.CONTAINER_GATEWAY} dev eth0")
    _without_offloads(namespaces, "lb1", "p-container")
    _without_offloads(namespaces, "container", "eth0")


def _station(namespaces, node, addresses, gateway, gateway6, bridge="br0", span="span"):
    namespaces.add(node)
    namespaces.run(node, ["sysctl", "-q", "-w", *_QUIET_IPV6, *_PLAIN_IPV4,
                          "net.ipv4.ping_group_range=0 2147483647"])
    _plug(namespaces, node, "eth0", plan.MAC[node], bridge, f"p-{node}")
    _mirror_port(namespaces, f"p-{node}", span)
    namespaces.ip(
        node,
        "link set lo up",
        "link set eth0 up",
        *(f"addr add {address} dev eth0" for address in addresses),
        *(f"route add default via {via} dev eth0" for via in (gateway, gateway6) if via))


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


def _mirror_port(namespaces, port, span="span"):
    for argv in (["qdisc", "add", "dev", port, "clsact"],
                 ["filter", "add", "dev", port, "ingress", "protocol", "all", "prio", "1",
                  "u32", "match", "u32", "0", "0", "action", "mirred", "egress", "mirror",
                  "dev", span]):
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
