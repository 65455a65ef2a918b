"""All scenarios, in the order in which `lab list` shows them."""

from . import (addrlabel, advert_from_vip, bind, carp, conflict, container, crash, default, demo,
               failover, failover_route_src, forward, inbound, iptables, ipv6_128, ipv6_64,
               ipv6_forever, ipv6_only, lost_route, masquerade, nopreempt, policy_rules, promoted,
               route_src, snat, split_brain, stale_vip, sync_group, track_script, transparent,
               two_segments, unicast, unicast_routed, use_vmac, vip_first, vrid_collision, vrrp3)

ALL = {scenario.NAME: scenario for scenario in (
    default, inbound, route_src, lost_route, bind, snat, masquerade, failover, failover_route_src,
    ipv6_128, ipv6_64, ipv6_forever, addrlabel, ipv6_only, forward, container, transparent, crash,
    nopreempt, track_script, sync_group, split_brain, stale_vip, conflict, advert_from_vip, carp,
    promoted, vip_first, use_vmac, unicast, unicast_routed, vrrp3, vrid_collision, two_segments,
    policy_rules, iptables)}
