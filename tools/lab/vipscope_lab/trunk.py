"""The mirror of two LANs as one trunk: tags what each brings, and the configuration to read it by.

As a program it is the tagging itself: `python3 -m vipscope_lab.trunk TRUNK LEG=VLAN...`, until
SIGTERM. Exit code 1: frames were lost, as the kernel counts it.
"""

import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time

from . import plan
from .errors import LabError
from .processes import stop
from .topology import LEGS, TRUNK
from .traffic import ROOM

CONFIG = "vipscope.yaml"
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_SO_RCVBUFFORCE = 33
_ETH_P_ALL = 3
_BUFFER_BYTES = 16 << 20


def write_config(directory):
    """Which hosts are a pair, and by which tag: what an audit of this capture needs to know."""
    lines = ["# Two pairs with the same addresses and VRIDs, told apart by their tags.", "pairs:"]
    for name, lbs in (("ten", plan.LBS), ("twenty", plan.LBS_OTHER)):
        lines += [f"  - name: {name}", f"    segment: {plan.VLAN[lbs[0]]}", "    hosts:"]
        lines += [f"      {lb}: snapshots/{lb}" for lb in lbs]
    with open(os.path.join(directory, CONFIG), "w") as out:
        out.write("\n".join(lines) + "\n")


class Trunk:
    """The tagging beside a run; a run that lost a frame in it fails."""

    def __init__(self, namespaces, log_path):
        self._log_path = log_path
        with open(log_path, "w") as log:
            self._process = namespaces.start(
                "lan", ["/usr/bin/python3", "-m", "vipscope_lab.trunk", TRUNK,
                        *(f"{leg}={vlan}" for leg, vlan in LEGS.items())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOM)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and not os.path.getsize(log_path):
            time.sleep(0.02)
        if self._process.poll() is not None or not os.path.getsize(log_path):
            raise LabError("The trunk did not start; see logs/trunk.log.")

    def finish(self):
        process, self._process = self._process, None
        if stop(process, signal.SIGTERM) != 0:
            raise LabError("The trunk lost frames; see logs/trunk.log.")

    def abort(self):
        if self._process:
            stop(self._process, signal.SIGTERM)


def _leg(device):
    leg = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    leg.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
    leg.bind((device, 0))
    return leg


def main(trunk, *legs):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((trunk, 0))
    waiting = selectors.DefaultSelector()
    for leg in legs:
        device, vlan = leg.split("=")
        waiting.register(_leg(device), selectors.EVENT_READ, struct.pack("!HH", 0x8100, int(vlan)))
    print("tagging", flush=True)
    try:
        while True:
            for key, _ in waiting.select():
                frame = key.fileobj.recv(65536)
                out.send(frame[:12] + key.data + frame[12:])
    finally:
        lost = 0
        for key in list(waiting.get_map().values()):
            counts = key.fileobj.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
            lost += struct.unpack("II", counts)[1]
        print(f"{lost} frames lost", flush=True)
        if lost:
            sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
