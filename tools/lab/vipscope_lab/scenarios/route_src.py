"""keepalived installs routes that name the VIP as their source."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "route-src"
SUMMARY = "virtual_routes with src VIP: the master's route chooses, the backup has no such route"
_BY_ROUTE = (plan.REMOTE3,)
_OTHER = (plan.LAN_PEER, plan.REMOTE, plan.LAN_PEER6)


def settings():
    return Settings(
        routes=(f"198.51.100.0/24 via {plan.GATEWAY} dev eth0 src {plan.VIP}",),
        routes6=(f"{plan.REMOTE6}/128 via {plan.GATEWAY6} dev eth0 src {plan.VIP6}",))


def run(lab):
    lab.boot(settings())
    lab.observe()

    lab.phase = "by the route and beside it"
    lab.traffic(mix("lb1", _BY_ROUTE + (plan.REMOTE6,), cause="route-src")
                + mix("lb1", _OTHER + (plan.REMOTE6_2,)))

    lab.phase = "the backup"
    lab.traffic(mix("lb2", _BY_ROUTE + _OTHER + (plan.REMOTE6, plan.REMOTE6_2)))

    lab.phase = "bound against the route"
    lab.traffic(
        [Flow("lb1", kind, plan.REMOTE3, 443 if kind == "tcp" else 53, "bind", "mismatch",
              bind=plan.PRIMARY["lb1"]) for kind in ("tcp", "udp", "icmp")]
        + [Flow("lb1", "tcp", plan.REMOTE6, 443, "bind", "mismatch", bind=plan.PRIMARY6["lb1"]),
           Flow("lb1", "tcp", plan.REMOTE3, 8443, "bind", "match", bind=plan.VIP,
                note="asks for what the route would have chosen")])
