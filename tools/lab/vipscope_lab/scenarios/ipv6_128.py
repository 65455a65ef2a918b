"""keepalived marks a /128 VIP as deprecated: the kernel leaves it alone."""

from ..keepalived import Settings
from .. import plan
from .ipv6_64 import failover_and_back

NAME = "ipv6-128"
SUMMARY = "IPv6 VIP/128, which keepalived marks deprecated: the primary stays the default source"


def run(lab):
    lab.boot(Settings(vips6=(f"{plan.VIP6}/128",)))
    failover_and_back(lab, {"cause": "default"})
