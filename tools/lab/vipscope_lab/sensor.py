"""The mirror port: tcpdump on it, and on request a live program beside tcpdump."""

import os
import re
import signal
import subprocess
import time

from .errors import LabError
from .processes import stop
from .topology import MIRROR

READY_FILE = "sensor-ready"
_READY_PATIENCE_S = 20.0
_STOP_PATIENCE_S = 15.0
# The shell takes the signals too, must not die of them, and passes on the exit code.
_OUTLIVING_SHELL = "trap : INT TERM\n{}\nexit $?"


class Capture:
    """tcpdump with nanosecond stamps; loses nothing, or the run fails."""

    def __init__(self, namespaces, path, log_path, snaplen, node="sensor", device=MIRROR):
        self._log_path = log_path
        with open(log_path, "w") as log:
            # Without immediate mode the last second of frames can be lost at SIGINT.
            self._process = namespaces.start(
                node,
                ["tcpdump", "-i", device, "-n", "-w", path, "-s", str(snaplen), "-B", "16384",
                 "--immediate-mode", "--time-stamp-precision=nano", "-U", "-Z", "root"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        _wait_until(lambda: "listening on" in self._log(), 5.0,
                    "tcpdump did not start; see logs/tcpdump.log.")

    def finish(self):
        """Returns the number of captured frames."""
        stop(self._process, signal.SIGINT)
        counts = {what: int(number) for number, what in re.findall(
            r"(\d+) packets? (captured|received by filter|dropped by kernel|dropped by interface)",
            self._log())}
        dropped = counts.get("dropped by kernel", 0) + counts.get("dropped by interface", 0)
        if "captured" not in counts or dropped:
            raise LabError(f"tcpdump lost {dropped} frames or ended early; see logs/tcpdump.log.")
        return counts["captured"]

    def abort(self):
        stop(self._process, signal.SIGINT)

    def _log(self):
        with open(self._log_path) as log:
            return log.read()


class LiveProgram:
    """The command given with --sensor-exec, running in the sensor's namespace.

    It announces that it listens by creating the file `sensor-ready` in LAB_DIR.
    """

    def __init__(self, namespaces, command, directory, log_path):
        ready = os.path.join(directory, READY_FILE)
        with open(log_path, "w") as log:
            self._process = namespaces.start(
                "sensor", ["/bin/sh", "-c", _OUTLIVING_SHELL.format(command)],
                env={**os.environ, "LAB_IFACE": MIRROR, "LAB_DIR": directory},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + _READY_PATIENCE_S
        while (time.monotonic() < deadline and not os.path.exists(ready)
               and self._process.poll() is None):
            time.sleep(0.1)
        self.announced = os.path.exists(ready)

    def finish(self):
        """SIGINT, then SIGTERM after a while; returns the exit code."""
        return stop(self._process, signal.SIGINT, _STOP_PATIENCE_S, group=True)


def _wait_until(condition, patience_s, sentence):
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(sentence)
        time.sleep(0.02)
