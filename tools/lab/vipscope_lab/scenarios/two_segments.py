"""Two pairs with the same addresses and VRIDs, each in a VLAN of its own; the mirror is a trunk."""

from .. import plan
from ..keepalived import Settings
from ..topology import Layout
from ..traffic import Flow, mix

NAME = "two-segments"
SUMMARY = "VLAN 10: lb1, lb2; VLAN 20: lb3, lb4 with the same addresses and VRIDs, read with a configuration"
_PEERS = (plan.LAN_PEER, plan.REMOTE, plan.REMOTE6)
_PORT = 40000


def run(lab):
    lab.boot(Settings(routes=(f"{plan.REMOTE3}/32 via {plan.GATEWAY} dev eth0 src {plan.VIP}",)),
             Layout(trunk=True))
    lab.observe()

    lab.phase = "lb1 and lb3 are masters"
    lab.traffic(_own() + _twins(0))

    lab.resign("lb1", "lb2")

    lab.phase = "lb2 and lb3 are masters"
    lab.traffic(_own() + _twins(20))

    lab.phase = "lb3 resigns"
    with lab.change("SIGTERM to keepalived on lb3"), lab.probed(client="far") as dark:
        lab.sleep(0.3)
        lab.stop_keepalived("lb3", "lb4")
        lab.sleep(0.3)
    lab.expect_failovers("lb3", "lb4", "prio0", dark[0])

    lab.phase = "lb2 and lb4 are masters"
    lab.traffic(_own() + _twins(40))

    lab.phase = "lb1 returns"
    with lab.change("keepalived on lb1 starts again"):
        lab.start_keepalived("lb1", "lb1")
    lab.expect_failovers("lb2", "lb1", "preempt")

    lab.phase = "lb1 and lb4 are masters"
    lab.traffic(_own() + _twins(60))


def _own():
    flows = []
    for host in plan.LBS + plan.LBS_OTHER:
        flows += mix(host, _PEERS, tcp=(443,), sendto=())
        flows += mix(host, (plan.REMOTE3,), tcp=(443,), sendto=(),
                     cause={"vip": "route-src", "primary": "default"})
    for client in ("client", "far"):
        flows += [Flow(client, kind, plan.VIP, port, "inbound", "none", "inbound")
                  for kind, port in (("tcp", 80), ("udp", 123), ("icmp", 0))]
    return flows


def _twins(first):
    """The same five-tuple in both segments within milliseconds."""
    return [Flow(host, "tcp", plan.REMOTE, 5432, bind_port=_PORT + first + place, at=0.02 * place)
            for place in range(10) for host in plan.LBS + plan.LBS_OTHER]
