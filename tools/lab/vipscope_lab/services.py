"""Echo services over TCP and UDP, and an ear for ICMP echo requests.

They exist to write down which source every arriving connection really had: `seen` maps
the flow id in the payload to the peer that accept() or recvfrom() reported.
"""

import errno
import socket
import struct
import threading
import time

from .flows import V6ONLY, flow_id_in

IP_PKTINFO = 8
_ICMP_ECHO_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}


class Services:
    def __init__(self):
        self.seen = {}
        self._lock = threading.Lock()

    def serve(self, tcp_ports, udp_ports, udp_pktinfo_ports):
        for family in (socket.AF_INET, socket.AF_INET6):
            for port in tcp_ports:
                listener = _bound(family, socket.SOCK_STREAM, port)
                listener.listen(64)
                _thread(self._accept, listener)
            for port in udp_ports:
                _thread(self._echo_wildcard, _bound(family, socket.SOCK_DGRAM, port))
            for port in udp_pktinfo_ports:
                _thread(self._echo_pktinfo, _bound(family, socket.SOCK_DGRAM, port))
            _thread(self._hear_icmp, family)

    def _note(self, payload, peer, local=None):
        flow_id = flow_id_in(payload)
        if flow_id:
            with self._lock:
                self.seen.setdefault(flow_id, {
                    "t_ns": time.time_ns(), "addr": peer[0], "port": peer[1], "asked": local})

    def _accept(self, listener):
        while True:
            connection, peer = listener.accept()
            _thread(self._echo_stream, connection, peer)

    def _echo_stream(self, connection, peer):
        """Echoes until the peer closes; a reset or a vanished peer ends it just as well."""
        with connection:
            connection.settimeout(60)
            try:
                while data := connection.recv(65536):
                    self._note(data, peer, connection.getsockname()[0])
                    connection.sendall(data)
            except OSError:
                pass

    def _echo_wildcard(self, sock):
        """The answer's source is chosen anew: it can differ from the address that was asked."""
        while True:
            try:
                data, peer = sock.recvfrom(65536)
                self._note(data, peer)
                sock.sendto(data, peer)
            except OSError:
                continue  # an ICMP error of an earlier answer

    def _echo_pktinfo(self, sock):
        """Answers from the address that was asked, as DNS servers do."""
        if sock.family == socket.AF_INET:
            level, kind = socket.IPPROTO_IP, IP_PKTINFO
            sock.setsockopt(level, IP_PKTINFO, 1)
        else:
            level, kind = socket.IPPROTO_IPV6, socket.IPV6_PKTINFO
            sock.setsockopt(level, socket.IPV6_RECVPKTINFO, 1)
        while True:
            try:
                data, ancillary, _, peer = sock.recvmsg(65536, 256)
                asked = next(value for _, name, value in ancillary if name == kind)
                if sock.family == socket.AF_INET:
                    local = asked[8:12]
                    reply_info = struct.pack("=I4s4s", 0, local, b"\0" * 4)
                else:
                    local = asked[:16]
                    reply_info = asked
                self._note(data, peer, socket.inet_ntop(sock.family, local))
                sock.sendmsg([data], [(level, kind, reply_info)], 0, peer)
            except OSError:
                continue

    def _hear_icmp(self, family):
        """The kernel answers echo requests; this only reads along."""
        protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
        with socket.socket(family, socket.SOCK_RAW, protocol) as sock:
            while True:
                data, peer = sock.recvfrom(65536)
                if family == socket.AF_INET:
                    data = data[(data[0] & 15) * 4:]
                if len(data) >= 8 and data[0] == _ICMP_ECHO_REQUEST[family]:
                    self._note(data[8:], (peer[0], struct.unpack("!H", data[4:6])[0]))


def _bound(family, kind, port):
    sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(*V6ONLY)
    try:
        sock.bind(("", port))
    except OSError as failure:
        raise OSError(failure.errno, f"port {port}: {errno.errorcode.get(failure.errno)}") from failure
    return sock


def _thread(target, *arguments):
    threading.Thread(target=target, args=arguments, daemon=True).start()
