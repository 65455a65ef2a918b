"""Connects and sends as asked on standard input, one answer line for each question.

A question: udp|tcp|tcp-bound|send DST and pairs of from, oif, mark, tos, uid, sport, dport.
An answer: ok SOURCE SPORT MTU, or error ERRNO SPORT. The MTU is that of the device the socket's
route leaves by (0: not known).
"""

import errno
import os
import socket
import sys

IP_MTU, IPV6_MTU, IPV6_TCLASS, SO_MARK = 14, 24, 67, 36


def opened(words, kind, v6):
    family = socket.AF_INET6 if v6 else socket.AF_INET
    os.seteuid(int(words.get("uid", "0")))  # a socket belongs to who made it
    try:
        stream = kind.startswith("tcp")
        sock = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    finally:
        os.seteuid(0)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, SO_MARK, int(words.get("mark", "0"), 0))
    tos = int(words.get("tos", "0"), 0)
    if v6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TCLASS, tos)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    if "oif" in words:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, words["oif"].encode())
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return sock


def mtu(sock, v6):
    try:
        if v6:
            return sock.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU)
        return sock.getsockopt(socket.IPPROTO_IP, IP_MTU)
    except OSError:
        return 0


def answer(line):
    kind, dst, *rest = line.split()
    words = dict(zip(rest[::2], rest[1::2]))
    v6 = ":" in dst
    with opened(words, kind, v6) as sock:
        try:
            if "from" in words or "sport" in words:
                sock.bind((words.get("from", "::" if v6 else ""), int(words.get("sport", "0"))))
            to = (dst, int(words["dport"]))
            if kind == "send":
                sock.sendto(b"x", to)
                return "ok - %d 0" % sock.getsockname()[1]
            try:
                sock.connect(to)
            except BlockingIOError:
                pass
            source, sport = sock.getsockname()[:2]
            return "ok %s %d %d" % (source.split("%")[0], sport, mtu(sock, v6))
        except OSError as e:
            if e.errno == errno.ECONNREFUSED:
                return "none - 0 0"
            return "error %s %d" % (errno.errorcode[e.errno], sock.getsockname()[1])


for question in sys.stdin:
    print(answer(question.strip()), flush=True)
