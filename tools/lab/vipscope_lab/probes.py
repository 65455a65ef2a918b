"""A client that asks a VIP all the time: how long was it dark?"""

import contextlib
import selectors
import socket
import threading
import time

_PATIENCE_S = 0.5


class Prober:
    """One datagram per gap, each from a port of its own, until `finish`."""

    def __init__(self, dst, port, gap_s):
        self._peer = (dst, port)
        self._family = socket.AF_INET6 if ":" in dst else socket.AF_INET
        self._gap_s = gap_s
        self._done = threading.Event()
        self._probes = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def finish(self):
        self._done.set()
        self._thread.join(10)
        return self._probes

    def _run(self):
        waiting = selectors.DefaultSelector()
        due = time.monotonic()
        while not self._done.is_set() or waiting.get_map():
            now = time.monotonic()
            if now >= due and not self._done.is_set():
                self._ask(waiting)
                due = max(due + self._gap_s, now)
            for key, _ in waiting.select(max(0.0, min(due - time.monotonic(), self._gap_s))):
                with contextlib.suppress(OSError):
                    key.fileobj.recv(2048)
                    key.data[1] = time.time_ns()
                waiting.unregister(key.fileobj)
                key.fileobj.close()
            late = time.time_ns() - int(_PATIENCE_S * 1e9)
            for key in [key for key in waiting.get_map().values() if key.data[0] < late]:
                waiting.unregister(key.fileobj)
                key.fileobj.close()

    def _ask(self, waiting):
        sock = socket.socket(self._family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        probe = [time.time_ns(), None]
        self._probes.append(probe)
        try:
            sock.connect(self._peer)
            sock.send(b"probe")
        except OSError:
            sock.close()
            return
        waiting.register(sock, selectors.EVENT_READ, probe)


def dark_ms(probes):
    """Between what and what the VIP was dark for this client, in milliseconds: at least from the
    first question that was lost to the last, at most from the answer before to the answer after.
    A client that is kept off its processor asks late, which widens the range."""
    lost = [asked for asked, answered in probes if not answered]
    answers = sorted(answered for _, answered in probes if answered)
    if not lost:
        gaps = [later - earlier for earlier, later in zip(answers, answers[1:])]
        return [0.0, max(gaps, default=0) / 1e6]
    before = max((at for at in answers if at < lost[0]), default=lost[0])
    after = min((at for at in answers if at > lost[-1]), default=lost[-1])
    return [(lost[-1] - lost[0]) / 1e6, (after - before) / 1e6]
