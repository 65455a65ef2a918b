"""Ground truth: one JSON line per socket, from what the opener and the far side recorded."""

import json

from . import plan

# The kernel refused the socket: no frame of it can be on the wire.
_NEVER_SENT = ("EADDRNOTAVAIL", "ENETUNREACH", "EACCES", "EINVAL")
_REWRITTEN = ("snat", "masquerade")
_UNORDERED = ["conditional", "undecided"]
_CHANGE_MARGIN_NS = 50_000_000


def address_class(address, vips):
    """primary or vip for an address of the pair, null for anybody else's and for unknown."""
    if address in vips:
        return "vip"
    ours = {*plan.PRIMARY.values(), *plan.PRIMARY6.values(), *plan.LINK6.values(), *plan.BACK.values()}
    return "primary" if address in ours else None


def record(scenario, flow, outcome, seen, changes, vips, vlan=None):
    """`seen` is the far side's record of this flow or None, with `host` saying whose it is;
    `vlan` the tag that the mirror gives its frames."""
    outcome = {**outcome, "local_addr": _unscoped(outcome["local_addr"]),
               "reply_src": _unscoped(outcome["reply_src"])}
    if seen:
        seen = {**seen, "addr": _unscoped(seen["addr"])}
    if not seen and outcome["error"] == "ECONNREFUSED" and flow.cause not in _REWRITTEN:
        # Nobody listened there, but the refusal came back to the address it was sent from.
        seen = {"addr": outcome["local_addr"], "port": outcome["local_port"], "host": None}
    wire_src = seen["addr"] if seen else None
    record_class = address_class(wire_src, vips)
    if not seen and flow.cause not in _REWRITTEN and outcome["error"] not in _NEVER_SENT:
        # The far side never knew, but what the socket had is what left.
        record_class = address_class(outcome["local_addr"], vips)
    expect, expect_also = flow.expect, list(flow.expect_also)
    cause = flow.cause
    if outcome["error"] in _NEVER_SENT:
        expect = "none"
    elif isinstance(cause, dict) and flow.direction == "outbound" and _during(outcome, changes):
        # The source depends on who holds the VIP, and that was just changing.
        expect_also = [verdict for verdict in _UNORDERED if verdict != expect]
    if cause == "transparent":
        record_class = "foreign"
    if isinstance(cause, dict):
        cause = cause.get(record_class or address_class(outcome["local_addr"], vips), "unknown")
    line = {
        "id": flow.id, "scenario": scenario, "phase": flow.phase,
        "t_ns": outcome["t_ns"], "t_end_ns": outcome["t_end_ns"],
        "host": flow.host, "direction": flow.direction, "proto": flow.proto,
        "ip_v": plan.family(flow.dst),
        "local_addr": outcome["local_addr"], "local_port": outcome["local_port"],
        "wire_src": wire_src, "wire_port": seen["port"] if seen else None,
        "remote_addr": _unscoped(flow.dst), "remote_port": flow.port,
        "cause": cause, "class": record_class,
        "expect": expect, "expect_also": expect_also,
        "completed": outcome["completed"], "error": outcome["error"],
        "arrived_at": seen["host"] if seen else None, "reply_src": outcome["reply_src"],
    }
    if flow.kind == "icmp":
        line["icmp_id"] = outcome.get("icmp_id")
        line["wire_icmp_id"] = line["wire_port"]
        line["wire_port"] = 0 if seen else None
    if flow.via:
        line["via"] = flow.via
    if vlan:
        line["vlan"] = vlan
    if flow.note:
        line["note"] = flow.note
    return line


def _unscoped(address):
    """Without the name of the device, which the wire does not show."""
    return address and address.split("%")[0]


def _during(outcome, changes):
    """Whether the flow began while a host's state was changing, give or take the clocks' grain."""
    return any(change["t_ns"] - _CHANGE_MARGIN_NS <= outcome["t_ns"]
               <= change["settled_ns"] + _CHANGE_MARGIN_NS for change in changes)


def write(path, lines):
    with open(path, "w") as out:
        for line in sorted(lines, key=lambda line: (line["t_ns"], line["id"])):
            out.write(json.dumps(line) + "\n")
