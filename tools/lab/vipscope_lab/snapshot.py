"""Host snapshots: the raw output of the standard commands, taken inside the host's namespace."""

import os
import re
import subprocess
import time

from .errors import LabError

SCRIPT = os.path.join(os.path.dirname(__file__), "snapshot.sh")

# What the small data sets keep of `sysctl`: what can change a source address, and limits.
_SYSCTL_KEPT = re.compile(
    r"net\.ipv[46]\.conf\.[^ ]+\.(forwarding|route_localnet|promote_secondaries|accept_local|"
    r"arp_announce|arp_ignore|disable_ipv6|use_tempaddr|use_oif_addrs_only|use_optimistic|"
    r"hop_limit|ignore_routes_with_linkdown|rp_filter|src_valid_mark) |"
    r"net\.ipv[46]\.(ip_forward|ip_default_ttl|ip_local_port_range|ip_nonlocal_bind|ip_dynaddr|"
    r"fib_multipath_[^ ]+|fwmark_reflect|bindv6only) ")


class Snapshots:
    """Takes snapshots of several hosts at once and files them by time."""

    def __init__(self, namespaces, pair, directory, log_path, small=False):
        self._namespaces = namespaces
        self._pair = pair
        self._directory = directory
        self._log_path = log_path
        self._small = small

    def take(self, hosts):
        """Returns the directories, relative to the scenario's, once all of them are complete."""
        name = _time_name(time.time_ns())
        started = []
        for host in hosts:
            # A reader that watches the folder must never meet a half-written snapshot.
            unfinished = os.path.join(os.path.dirname(self._directory), f".unfinished-{host}")
            os.makedirs(unfinished)
            with open(self._log_path, "a") as log:
                started.append((host, unfinished, self._namespaces.start(
                    host, ["/bin/sh", SCRIPT, unfinished, host, self._pair[host].config_path],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)))
        taken = []
        for host, unfinished, process in started:
            if process.wait(20) != 0:
                raise LabError(f"The snapshot of {host} failed; see {self._log_path}.")
            if self._small:
                _shorten(os.path.join(unfinished, "sysctl.txt"))
            final = os.path.join(self._directory, host, name)
            os.makedirs(os.path.dirname(final), exist_ok=True)
            os.rename(unfinished, final)
            taken.append(os.path.join("snapshots", host, name))
        return taken


def _time_name(now_ns):
    """UTC, microseconds; names sort by time."""
    seconds, rest_ns = divmod(now_ns, 1_000_000_000)
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds)) + f".{rest_ns // 1000:06d}Z"


def _shorten(path):
    with open(path) as sysctl:
        kept = [line for line in sysctl if _SYSCTL_KEPT.match(line)]
    with open(path, "w") as sysctl:
        sysctl.writelines(kept)
