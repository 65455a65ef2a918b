"""What must be installed: programs, and the Debian packages that bring them."""

import os
import shutil

from .errors import CANNOT_RUN, LabError

# tshark is only needed by `lab check`.
PACKAGE_OF = {
    "ip": "iproute2",
    "tc": "iproute2",
    "nft": "nftables",
    "iptables-save": "iptables",
    "ip6tables-save": "iptables",
    "sysctl": "procps",
    "keepalived": "keepalived",
    "tcpdump": "tcpdump",
    "ethtool": "ethtool",
    "tshark": "tshark",
}
SBIN = "/usr/sbin:/sbin"


def extend_path():
    """A plain user's PATH lacks sbin; so does that of some CI shells."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    if "/usr/sbin" not in path.split(":"):
        os.environ["PATH"] = path + ":" + SBIN


def missing_packages():
    return sorted({package for program, package in PACKAGE_OF.items() if not shutil.which(program)})


def require(*programs):
    for program in programs:
        if not shutil.which(program):
            raise LabError(
                f"{program} is not installed; install the Debian package {PACKAGE_OF[program]}.",
                CANNOT_RUN)


def require_root():
    if os.geteuid() != 0:
        raise LabError("The laboratory makes network namespaces and must run as root.", CANNOT_RUN)
