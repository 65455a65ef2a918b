"""All scenarios, in the order in which `lab list` shows them."""

from . import (bind, conflict, crash, default, demo, failover, failover_route_src, forward, inbound,
               iptables, ipv6_128, ipv6_64, masquerade, nopreempt, policy_rules, promoted, route_src,
               snat, split_brain, stale_vip, sync_group, track_script, unicast, unicast_routed, use_vmac,
               vrid_collision, vrrp3)

ALL = {scenario.NAME: scenario for scenario in (
    default, inbound, route_src, bind, snat, masquerade, failover, failover_route_src,
    ipv6_128, ipv6_64, forward, crash, nopreempt, track_script, sync_group, split_brain, stale_vip,
    conflict, promoted, use_vmac, unicast, unicast_routed, vrrp3,
    vrid_collision, policy_rules, iptables)}
