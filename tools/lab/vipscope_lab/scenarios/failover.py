"""lb1 resigns, lb2 takes over, lb1 comes back and preempts; traffic never stops."""

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "failover"
SUMMARY = "SIGTERM on lb1 and back, with short flows throughout and long-lived TCP"
_PEERS = (plan.LAN_PEER, plan.REMOTE, plan.REMOTE6)


def run(lab):
    lab.boot(Settings())
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(own_flows() + inbound())
    lab.begin(lasting_flows())
    lab.sleep(0.5)

    lab.phase = "lb1 resigns"
    with lab.change("SIGTERM to keepalived on lb1"), lab.probed() as dark:
        lab.begin(own_flows() + inbound(), gap_s=0.025)
        lab.sleep(0.3)
        lab.stop_keepalived("lb1", "lb2")
        lab.finish()
    lab.expect_failovers("lb1", "lb2", "prio0", dark[0])

    lab.phase = "lb2 is master"
    lab.traffic(own_flows() + inbound())

    # The new lb1 listens for three intervals and its skew time, 3.4 s, before it preempts.
    lab.phase = "lb1 returns"
    with lab.change("keepalived on lb1 starts again"):
        lab.begin(own_flows() + inbound(), gap_s=0.085)
        lab.start_keepalived("lb1", "lb1")
        lab.finish()
    lab.expect_failovers("lb2", "lb1", "preempt")

    lab.phase = "lb1 is master again"
    lab.traffic(own_flows() + inbound())


def own_flows(v6=True):
    """Default sources and bound ones, the VIP too; the backup cannot bind it."""
    flows = []
    for host in plan.LBS:
        flows += mix(host, _PEERS if v6 else _PEERS[:2], tcp=(443,), udp=(53,), sendto=(514,))
        flows += [Flow(host, "tcp", plan.REMOTE, 8443, "bind", "mismatch", bind=plan.VIP),
                  Flow(host, "udp", plan.REMOTE2, 123, "bind", "mismatch", bind=plan.VIP)]
        if v6:
            flows.append(Flow(host, "tcp", plan.REMOTE6, 8443, "bind", "mismatch", bind=plan.VIP6))
    return flows


def inbound(v6=True):
    calls = []
    for vip in (plan.VIP, plan.VIP6) if v6 else (plan.VIP,):
        calls += [Flow(host, kind, vip, port, "inbound", "none", "inbound")
                  for host in ("client", "srv")
                  for kind, port in (("tcp", 80), ("tcp", 443), ("udp", 123), ("icmp", 0))]
    return calls


def lasting_flows():
    """They live longer than either change; what happens to each is the point."""
    return [
        Flow("client", "tcp", plan.VIP, 22, "inbound", "none", "inbound", hold_s=8.0,
             note="reset by the new master"),
        Flow("client", "tcp", plan.PRIMARY["lb1"], 22, "inbound", "none", "inbound", hold_s=8.0),
        Flow("lb1", "tcp", plan.REMOTE, 5432, hold_s=8.0),
        Flow("lb2", "tcp", plan.REMOTE, 5432, hold_s=8.0),
        Flow("lb1", "tcp", plan.REMOTE, 5432, "bind", "mismatch", bind=plan.VIP, hold_s=8.0,
             note="goes silent when lb1 loses the VIP"),
    ]
