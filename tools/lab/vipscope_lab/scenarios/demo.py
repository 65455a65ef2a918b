"""A small tour for readers who have no pair at hand; `lab demo` makes it, `lab run` does not."""

import gzip
import os
import shutil

from .. import plan
from ..keepalived import Settings
from ..traffic import Flow, mix

NAME = "demo"
SUMMARY = "default sources, binds to the VIP, SNAT to the VIP, inbound, a failover and back"
_PEERS = (plan.LAN_PEER, plan.REMOTE)
_SNAT = f"""
table ip edge {{
    chain postrouting {{
        type nat hook postrouting priority 100;
        ip daddr {plan.REMOTE2} snat to {plan.VIP}
    }}
}}
"""


def run(lab):
    lab.boot(Settings(), capture_boot=True, snaplen=128, small=True)
    for host in plan.LBS:
        lab.nft(host, _SNAT)
    lab.observe()

    lab.phase = "lb1 is master"
    lab.traffic(_flows("lb1"), gap_s=0.02)
    lab.begin([
        Flow("client", "tcp", plan.VIP, 22, "inbound", "none", "inbound", hold_s=6.0, interval_s=0.5,
             note="reset by the new master"),
        Flow("lb1", "tcp", plan.REMOTE, 5432, hold_s=6.0, interval_s=0.5)])
    lab.sleep(0.3)

    lab.phase = "lb1 resigns"
    with lab.change("SIGTERM to keepalived on lb1"):
        lab.begin([Flow("client", "tcp", plan.VIP, 80, "inbound", "none", "inbound", at=at / 5)
                   for at in range(6)])
        lab.sleep(0.3)
        lab.stop_keepalived("lb1", "lb2")
        lab.finish()

    lab.phase = "lb2 is master"
    lab.traffic(_flows("lb2"), gap_s=0.02)

    lab.phase = "lb1 returns"
    with lab.change("keepalived on lb1 starts again"):
        lab.start_keepalived("lb1", "lb1")

    lab.phase = "lb1 is master again"
    lab.traffic(_flows("lb1"), gap_s=0.02)


def _flows(master):
    """Both hosts by default; only the master uses the VIP, in each of the ways there are."""
    flows = []
    for host in plan.LBS:
        flows += mix(host, _PEERS, tcp=(443,), udp=(53,), sendto=())
        flows += mix(host, (plan.REMOTE6,), tcp=(443,), udp=(), sendto=(), icmp=False)
    flows += [
        Flow(master, "tcp", plan.REMOTE, 8443, "bind", "mismatch", bind=plan.VIP),
        Flow(master, "udp", plan.REMOTE3, 123, "bind", "mismatch", bind=plan.VIP),
        Flow(master, "tcp", plan.REMOTE2, 443, "snat", note="the host picks its primary"),
        Flow(master, "udp", plan.REMOTE2, 53, "snat", note="the host picks its primary"),
    ]
    flows += [Flow(host, kind, plan.VIP, port, "inbound", "none", "inbound")
              for host in ("client", "srv")
              for kind, port in (("tcp", 80), ("udp", 123))]
    return flows


def pack(directory):
    """Makes the data set small: the capture compressed, the logs gone."""
    capture = os.path.join(directory, "mirror.pcap")
    with open(capture, "rb") as plain, open(capture + ".gz", "wb") as out:
        with gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
            shutil.copyfileobj(plain, packed)
    os.unlink(capture)
    shutil.rmtree(os.path.join(directory, "logs"))
