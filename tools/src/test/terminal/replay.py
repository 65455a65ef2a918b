"""Sends the frames of a classic pcap (plain or gz) out of an interface, in the capture's own rhythm.

    python3 replay.py FILE IFACE
"""
import gzip
import socket
import struct
import sys
import time

file, interface = sys.argv[1:]
with (gzip.open if file.endswith(".gz") else open)(file, "rb") as source:
    data = source.read()
order = {b"\xd4\xc3\xb2\xa1": ("<", 1e6), b"\x4d\x3c\xb2\xa1": ("<", 1e9),
         b"\xa1\xb2\xc3\xd4": (">", 1e6), b"\xa1\xb2\x3c\x4d": (">", 1e9)}[data[:4]]
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((interface, 0))
at, first, began = 24, None, time.monotonic()
while at < len(data):
    seconds, fraction, length, _ = struct.unpack_from(order[0] + "IIII", data, at)
    when = seconds + fraction / order[1]
    first = when if first is None else first
    time.sleep(max(0, when - first - (time.monotonic() - began)))
    out.send(data[at + 16:at + 16 + length])
    at += 16 + length
