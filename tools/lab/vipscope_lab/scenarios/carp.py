"""A firewall pair of another kind on the same LAN: CARP has VRRP's protocol number and is none."""

from .. import plan
from ..keepalived import Settings
from ..traffic import mix

NAME = "carp"
SUMMARY = "CARP adverts of a firewall beside VRRP: no owner, no collision, no finding"
# With VRRP's own VRID they would silence keepalived, which takes them for adverts.
# Version 2, type 1, VHID 7, advskew, authlen 7, demotion, advbase 1, checksum, counter, digest:
# as FreeBSD sends them, with its virtual MAC.
_SPEAK = r"""
import socket, struct, time
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind(("eth0", 0))

def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

for count in range(8):
    carp = struct.pack("!BBBBBBHQ20s", 0x21, 7, 0, 7, 0, 1, 0, count, bytes(range(20)))
    carp = carp[:6] + struct.pack("!H", checksum(carp)) + carp[8:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0x10, 20 + len(carp), 0, 0x4000, 255, 112, 0,
                     socket.inet_aton("SOURCE"), socket.inet_aton("224.0.0.18"))
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    sock.send(bytes.fromhex("01005e000012" "00005e000107" "0800") + ip + carp)
    time.sleep(0.5)
"""


def run(lab):
    lab.boot(Settings(vips6=()))
    lab.observe()

    lab.phase = "CARP beside VRRP"
    lab.begin(_own(), gap_s=0.1)
    lab.run_on("client", "python3", "-c", _SPEAK.replace("SOURCE", plan.LAN_PEER))
    lab.finish()

    lab.resign("lb1", "lb2")

    lab.phase = "lb2 is master"
    lab.traffic(_own())


def _own():
    flows = []
    for host in plan.LBS:
        flows += mix(host, (plan.LAN_PEER, plan.REMOTE), tcp=(443,), sendto=())
    return flows
