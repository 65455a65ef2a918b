"""All scenarios, in the order in which `lab list` shows them."""

from . import (bind, default, demo, failover, failover_route_src, forward, inbound, ipv6_128,
               ipv6_64, masquerade, route_src, snat)

ALL = {scenario.NAME: scenario for scenario in (
    default, inbound, route_src, bind, snat, masquerade, failover, failover_route_src,
    ipv6_128, ipv6_64, forward)}
