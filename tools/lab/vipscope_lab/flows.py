"""The sockets of the laboratory: how one flow is opened, used and closed.

`open_flow` never raises for what a network may do; it returns what happened. Every
payload begins with the flow's id, which is how the far side's record finds its flow.
"""

import errno
import socket
import struct
import time

V6ONLY = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
IP_PKTINFO = 8
IP_TRANSPARENT = 19
SO_MARK = 36
_MARK = b"vipscope-lab "
_LINGER_RST = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def flow_id_in(payload):
    """The id that a payload carries, or None."""
    if not payload.startswith(_MARK):
        return None
    return payload[len(_MARK):].split(b" ", 1)[0].decode("ascii", "replace")


def payload_of(flow, turn=0):
    head = _MARK + f"{flow['id']} {turn} ".encode()
    return head + b"." * max(0, flow["size"] - len(head) - 1) + b"\n"


def open_flow(flow, used_ports, gate=None):
    """Opens one flow and returns its outcome.

    `used_ports` is shared by the flows of a host: a UDP port that talked to a destination
    once is not used for it again, or an observer would rightly see one flow, not two.
    """
    outcome = {"id": flow["id"], "local_addr": None, "local_port": None, "completed": False,
               "reply_src": None, "error": None}
    try:
        run = _KINDS[flow["kind"]]
        run(flow, outcome, used_ports, gate)
    except OSError as failure:
        outcome["error"] = ("timeout" if isinstance(failure, TimeoutError)
                            else errno.errorcode.get(failure.errno, str(failure)))
    outcome.setdefault("t_ns", time.time_ns())
    outcome["t_end_ns"] = time.time_ns()
    return outcome


def _tcp(flow, outcome, _used_ports, gate):
    with socket.socket(_family(flow), socket.SOCK_STREAM) as sock:
        sock.settimeout(flow["timeout_s"])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(sock, flow)
        outcome["t_ns"] = time.time_ns()
        try:
            sock.connect(_peer(flow, flow["port"]))
        finally:
            _note_local(sock, outcome)
        if gate:
            _exchange_stream(sock, flow, 0)
            gate.wait(60)
        turn, end = 1, time.monotonic() + flow["hold_s"]
        _exchange_stream(sock, flow, turn)
        while time.monotonic() < end:
            time.sleep(flow["interval_s"])
            turn += 1
            _exchange_stream(sock, flow, turn)
        outcome["reply_src"] = sock.getpeername()[0]
        if flow["rst"]:
            sock.setsockopt(*_LINGER_RST)
        else:
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass
        outcome["completed"] = True


def _exchange_stream(sock, flow, turn):
    sent = payload_of(flow, turn)
    sock.sendall(sent)
    received = 0
    while received < len(sent):
        data = sock.recv(65536)
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "closed by the peer")
        received += len(data)


def _udp_connected(flow, outcome, used_ports, _gate):
    for _ in range(20):
        with socket.socket(_family(flow), socket.SOCK_DGRAM) as sock:
            sock.settimeout(flow["timeout_s"])
            _bind(sock, flow)
            outcome["t_ns"] = time.time_ns()
            try:
                sock.connect(_peer(flow, flow["port"]))
            finally:
                _note_local(sock, outcome)
            if not _fresh(sock, flow, used_ports):
                continue
            for turn in range(2):
                sock.send(payload_of(flow, turn))
                sock.recv(65536)
            outcome["reply_src"] = flow["dst"]
            outcome["completed"] = True
            return


def _udp_unconnected(flow, outcome, used_ports, _gate):
    """sendto() on a wildcard socket; with `pktinfo` the source goes along with the datagram."""
    for _ in range(20):
        with socket.socket(_family(flow), socket.SOCK_DGRAM) as sock:
            sock.settimeout(flow["timeout_s"])
            _bind(sock, flow, always=True)
            if not _fresh(sock, flow, used_ports):
                continue
            outcome["t_ns"] = time.time_ns()
            _note_local(sock, outcome)
            sock.sendmsg([payload_of(flow)], _source_request(flow), 0, _peer(flow, flow["port"]))
            _, peer = sock.recvfrom(65536)
            outcome["reply_src"] = peer[0]
            outcome["completed"] = True
            return


def _source_request(flow):
    source = flow.get("pktinfo")
    if not source:
        return []
    if ":" in source:
        packed = socket.inet_pton(socket.AF_INET6, source) + struct.pack("=I", 0)
        return [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, packed)]
    packed = struct.pack("=I4s4s", 0, socket.inet_aton(source), b"\0" * 4)
    return [(socket.IPPROTO_IP, IP_PKTINFO, packed)]


def _icmp(flow, outcome, used_ports, _gate):
    """Echo over a ping socket: the kernel fills in the identifier, which acts as the port."""
    family = _family(flow)
    protocol, request = ((socket.IPPROTO_ICMP, 8) if family == socket.AF_INET
                         else (socket.IPPROTO_ICMPV6, 128))
    for _ in range(20):
        with socket.socket(family, socket.SOCK_DGRAM, protocol) as sock:
            sock.settimeout(flow["timeout_s"])
            _bind(sock, flow)
            outcome["t_ns"] = time.time_ns()
            try:
                sock.connect(_peer(flow, 0))
            finally:
                _note_local(sock, outcome)
            if not _fresh(sock, flow, used_ports):
                continue
            outcome["icmp_id"], outcome["local_port"] = outcome["local_port"], 0
            for sequence in (1, 2):
                sock.send(struct.pack("!BBHHH", request, 0, 0, 0, sequence) + payload_of(flow))
                sock.recv(65536)
            outcome["reply_src"] = flow["dst"]
            outcome["completed"] = True
            return


def _bind(sock, flow, always=False):
    if flow.get("mark"):
        sock.setsockopt(socket.SOL_SOCKET, SO_MARK, flow["mark"])
    if flow.get("tos"):
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, flow["tos"])
    if flow.get("transparent"):
        sock.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)
    if flow.get("bind") or flow.get("bind_port") or always:
        sock.bind((flow.get("bind") or "", flow.get("bind_port") or 0))


def _note_local(sock, outcome):
    name = sock.getsockname()
    outcome["local_addr"], outcome["local_port"] = name[0], name[1]


def _fresh(sock, flow, used_ports):
    key = (flow["kind"][:3], sock.getsockname()[1], flow["dst"], flow["port"])
    if key in used_ports:
        return False
    used_ports.add(key)
    return True


def _peer(flow, port):
    """The far side for connect() and sendto(); behind a % stands the device of a link-local one."""
    address, _, device = flow["dst"].partition("%")
    if not device:
        return address, port
    return address, port, 0, socket.if_nametoindex(device)


def _family(flow):
    return socket.AF_INET6 if ":" in flow["dst"] else socket.AF_INET


_KINDS = {"tcp": _tcp, "udp": _udp_connected, "udp-sendto": _udp_unconnected, "icmp": _icmp}
