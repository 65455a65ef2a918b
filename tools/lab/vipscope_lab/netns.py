"""Network namespaces that belong to one run and vanish with it.

A run owns the prefix `vslab-<id>-` and holds a lock file named after the id. The kernel
drops the lock when the run ends in whatever way, so `clean` can tell a leftover from a
run that is still going on without trusting process ids.
"""

import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import time

from .errors import LabError
from .processes import spawn

PREFIX = "vslab-"
LOCKS = "/run/vipscope-lab"
_SCRATCH = ".d"


class Namespaces:
    """The namespaces of one run, made on demand by `add` and all removed by `close`."""

    def __init__(self):
        os.makedirs(LOCKS, exist_ok=True)
        self.run_id = secrets.token_hex(3)
        self._lock_path = os.path.join(LOCKS, self.run_id)
        # Locked before it has its name: a `clean` next door never sees it unlocked.
        unnamed = os.path.join(LOCKS, f".{self.run_id}")
        self._lock = open(unnamed, "w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.rename(unnamed, self._lock_path)
        self.scratch = self._lock_path + _SCRATCH
        os.mkdir(self.scratch, 0o700)
        self.nodes = []

    def name(self, node):
        return f"{PREFIX}{self.run_id}-{node}"

    def add(self, node):
        self.nodes.append(node)
        run(["ip", "netns", "add", self.name(node)])

    def exec_prefix(self, node):
        return ["ip", "netns", "exec", self.name(node)]

    def run(self, node, argv, **options):
        return run(self.exec_prefix(node) + argv, **options)

    def ip(self, node, *lines):
        """Several `ip` commands in one process."""
        run(["ip", "-n", self.name(node), "-batch", "-"], input="\n".join(lines) + "\n")

    def start(self, node, argv, **options):
        return spawn(self.exec_prefix(node) + argv, **options)

    def close(self):
        for node in reversed(self.nodes):
            _remove(self.name(node))
        self.nodes = []
        shutil.rmtree(self.scratch, ignore_errors=True)
        _unlink(self._lock_path)
        self._lock.close()


def run(argv, **options):
    """Runs a command to its end; a failure names the command and its own complaint."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, **options)
    if done.returncode != 0:
        complaint = (done.stderr or done.stdout).strip().replace("\n", "; ")
        raise LabError(f"`{' '.join(argv)}` failed: {complaint}")
    return done.stdout


def clean():
    """Removes namespaces of runs that no longer exist; returns their names."""
    removed = []
    listing = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True).stdout
    for line in listing.splitlines():
        match = re.match(PREFIX + r"([0-9a-f]{6})-\S+", line)
        if match and not _in_use(match.group(1)):
            _remove(match.group(0))
            removed.append(match.group(0))
    for run_id in os.listdir(LOCKS) if os.path.isdir(LOCKS) else []:
        if re.fullmatch("[0-9a-f]{6}", run_id) and not _in_use(run_id):
            shutil.rmtree(os.path.join(LOCKS, run_id + _SCRATCH), ignore_errors=True)
            _unlink(os.path.join(LOCKS, run_id))
    return removed


def _in_use(run_id):
    try:
        with open(os.path.join(LOCKS, run_id)) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def _remove(name):
    """Ends what still runs inside (only what the laboratory put there can) and deletes it."""
    for sig, patience_s in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 1.0)):
        deadline = time.monotonic() + patience_s
        pids = _pids(name)
        for pid in pids:
            _kill(pid, sig)
        while pids and time.monotonic() < deadline:
            time.sleep(0.02)
            pids = _pids(name)
        if not pids:
            break
    subprocess.run(["ip", "netns", "del", name], capture_output=True)


def _pids(name):
    listing = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout
    return [int(word) for word in listing.split()]


def _kill(pid, sig):
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        pass


def _unlink(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
