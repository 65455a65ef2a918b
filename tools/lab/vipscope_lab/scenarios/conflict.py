"""A foreign host claims the VIP: somebody has given it the same address."""

import time

from .. import plan
from ..keepalived import Settings
from ..traffic import mix

NAME = "conflict"
SUMMARY = "the client sends gratuitous ARP for the VIP, three times"
_CLAIM = r"""
import socket, time
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind(("eth0", 0))
mac, vip = bytes.fromhex("{mac}"), socket.inet_aton("{vip}")
for _ in range(3):
    sock.send(b"\xff" * 6 + mac + bytes.fromhex("08060001080006040001") + mac + vip + bytes(6) + vip)
    time.sleep(0.3)
"""


def run(lab):
    lab.boot(Settings(vips6=()))
    lab.observe()

    lab.phase = "nobody disputes the VIP"
    lab.traffic(_own())

    lab.phase = "the client claims it"
    begin = time.time_ns()
    lab.run_on("client", "python3", "-c",
               _CLAIM.format(mac=plan.MAC["client"].replace(":", ""), vip=plan.VIP))
    lab.expect_finding("address-conflict", "lb1", plan.VIP, start_ns=begin)
    lab.traffic(_own())
    lab.sleep(1.2)


def _own():
    flows = []
    for host in plan.LBS:
        flows += mix(host, (plan.LAN_PEER, plan.REMOTE), tcp=(443,), sendto=())
    return flows
