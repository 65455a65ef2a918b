"""The address plan: every address, MAC and port of the laboratory, the same in every run.

Fixed values make two captures comparable by eye and let a reader of a capture know
a host by its MAC.
"""

VIP = "192.168.0.9"          # the pair's service address, in the subnet of the primaries
VIP_ALONE = "10.99.0.9"      # a VIP in a subnet in which no host of the pair has another address
VIP_BACK = "10.20.0.1"       # the pair's address towards the clients behind it (forward only)
VIP6 = "2001:db8:0:1::9"

VIP_LINK6 = "fe80::9"        # beside VIP6 where the pair has no IPv4

PRIMARY = {"lb1": "192.168.0.1", "lb2": "192.168.0.2"}
PRIMARY6 = {"lb1": "2001:db8:0:1::1", "lb2": "2001:db8:0:1::2"}
LINK6 = {"lb1": "fe80::5054:ff:fe00:1", "lb2": "fe80::5054:ff:fe00:2"}
BACK = {"lb1": "10.20.0.2", "lb2": "10.20.0.3"}
PRIORITY = {"lb1": 150, "lb2": 100}
LBS = ("lb1", "lb2")

# A second pair in a segment of its own (trunk only): the addresses, VRIDs and priorities of the
# first. "far" is everybody it talks to: client, gateway and the server side in one.
LBS_OTHER = ("lb3", "lb4")
for _other, _first in zip(LBS_OTHER, LBS):
    for _same in (PRIMARY, PRIMARY6, LINK6, PRIORITY):
        _same[_other] = _same[_first]
VLAN = {"lb1": 10, "lb2": 10, "client": 10, "srv": 10, "lb3": 20, "lb4": 20, "far": 20}

GATEWAY, GATEWAY6 = "192.168.0.254", "2001:db8:0:1::fe"
GATEWAY_ALONE = "10.99.0.254"
UPLINK, UPLINK6 = ("203.0.113.1", "198.51.100.1"), "2001:db8:ff::1"

LAN_PEER, LAN_PEER2, LAN_PEER6 = "192.168.0.50", "192.168.0.51", "2001:db8:0:1::50"
LAN_PEER_ALONE = "10.99.0.50"
LAN_PEER_LINK6 = "fe80::5054:ff:fe00:50"
REMOTE, REMOTE2, REMOTE3 = "203.0.113.5", "203.0.113.6", "198.51.100.7"
REMOTE6, REMOTE6_2 = "2001:db8:ff::5", "2001:db8:ff::6"
BACK_CLIENT = {"snat": "10.20.0.10", "masquerade": "10.20.0.11", "plain": "10.20.0.12"}
CONTAINERS, CONTAINER_GATEWAY, CONTAINER = "172.18.0.0/16", "172.18.0.1", "172.18.0.2"

# Echo services of the peers, and of the pair for inbound traffic.
TCP_PORTS = (80, 443, 5432, 8443)
UDP_PORTS = (53, 123, 514, 8443)
LB_TCP_PORTS = (22, 80, 443)
# A wildcard socket answers from the address the kernel picks, which for a query to the
# VIP is the primary; 123 and 8443 answer from the address that was asked (IP_PKTINFO).
LB_UDP_WILDCARD_PORTS = (53,)
LB_UDP_PKTINFO_PORTS = (123, 8443)
CLOSED_PORT = 9

MAC = {
    "lb1": "52:54:00:00:00:01",
    "lb2": "52:54:00:00:00:02",
    "lb3": "52:54:00:00:30:01",
    "lb4": "52:54:00:00:30:02",
    "far": "52:54:00:00:30:fe",
    "client": "52:54:00:00:00:50",
    "gw": "52:54:00:00:00:fe",
    "lb1-back": "52:54:00:00:20:01",
    "lb2-back": "52:54:00:00:20:02",
    "back": "52:54:00:00:20:50",
    "gw-up": "52:54:00:00:ff:01",
    "srv": "52:54:00:00:ff:05",
}


def pair_of(host):
    """The hosts of its pair, itself among them."""
    return LBS_OTHER if host in LBS_OTHER else LBS


def family(address):
    """4 or 6, from the text form."""
    return 6 if ":" in address else 4
