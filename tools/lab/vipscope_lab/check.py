"""A result directory against itself: what truth says was on the wire must be in the capture."""

import collections
import json
import os
import re
import subprocess

from . import plan
from .errors import LabError

_FIELDS = ("eth.src", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport",
           "udp.srcport", "udp.dstport", "icmp.type", "icmp.ident",
           "icmpv6.type", "icmpv6.echo.identifier", "vrrp.prio", "vlan.id",
           "ip.checksum.status", "tcp.checksum.status", "udp.checksum.status",
           "icmp.checksum.status")
_BAD = "0"
# A rule of iptables counts what it matches, and a bridge's timers run: that is no change.
_COUNTS = re.compile(r'"(packets|bytes|[a-z_]+_timer)": *[\d.]+')
_STATE = ("addr.json", "route4.json", "route6.json", "rule4.json", "rule6.json", "addrlabel.json",
          "nft.json")


def check(directory):
    """One sentence per problem; `directory` is one result or holds several."""
    if os.path.exists(os.path.join(directory, "truth.jsonl")):
        return [f"{directory}: {problem}" for problem in _check_one(directory)]
    results = sorted(name for name in os.listdir(directory)
                     if os.path.exists(os.path.join(directory, name, "truth.jsonl"))) \
        if os.path.isdir(directory) else []
    if not results:
        raise LabError(f"{directory} holds no truth.jsonl, itself or one level down.")
    return [problem for name in results for problem in check(os.path.join(directory, name))]


def _check_one(directory):
    with open(os.path.join(directory, "truth.jsonl")) as lines:
        truth = [json.loads(line) for line in lines]
    wire = _Wire(_capture_in(directory))
    problems = []
    if not wire.adverts:
        problems.append("no VRRP advertisement was captured.")
    if wire.bad_checksums:
        problems.append(f"{wire.bad_checksums} frames have a wrong checksum.")
    if not any(line["completed"] for line in truth):
        problems.append("no flow completed.")
    for line in truth:
        problems += _check_line(line, wire)
    problems += _check_uniqueness(truth)
    problems += _check_snapshots(directory, truth)
    return problems


def _check_line(line, wire):
    if not line["completed"]:
        return
    if line["wire_src"] is None:
        yield f"{line['id']} completed, but the far side never saw it."
    elif _key(line) not in wire.keys:
        yield (f"{line['id']}: {line['proto']} {line['wire_src']} port {line['wire_port']} to "
               f"{line['remote_addr']} port {line['remote_port']} is not in the capture.")
    elif _sender(line) not in wire.keys[_key(line)]:
        yield f"{line['id']} came from {wire.keys[_key(line)]}, not from {_sender(line)}."


def _sender(line):
    """The MAC that brings this flow's frames onto the LAN: routers show their own."""
    return plan.MAC[line.get("via") or {"srv": "gw"}.get(line["host"], line["host"])]


def _check_uniqueness(truth):
    """Two flows with one 5-tuple cannot be told apart by an observer."""
    counted = collections.Counter(_key(line) for line in truth if line["wire_src"])
    for key, count in counted.items():
        if count > 1 and key[0] != "TCP":
            yield f"{count} flows share {key}."


def _check_snapshots(directory, truth):
    changing = {change["phase"] for change in json.loads(_read(directory, "scenario.json"))["changes"]}
    hosts = plan.LBS + plan.LBS_OTHER if any(line.get("vlan") for line in truth) else plan.LBS
    for host in hosts:
        folder = os.path.join(directory, "snapshots", host)
        taken = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        if not taken:
            yield f"{host} has no snapshot."
        for name in taken:
            for needed in ("addr.json", "route4.json", "route6.json", "nft.json", "meta.json"):
                if not os.path.getsize(os.path.join(folder, name, needed)):
                    yield f"snapshots/{host}/{name}/{needed} is empty."
        for older, newer in zip(taken, taken[1:]):
            yield from _check_between(os.path.join(folder, older), os.path.join(folder, newer),
                                      [line for line in truth if line["host"] == host], changing)


def _check_between(older, newer, truth, changing):
    """A stable phase has one state: its flows never lie between two snapshots that differ."""
    differing = [name for name in _STATE
                 if _COUNTS.sub("", _read(older, name)) != _COUNTS.sub("", _read(newer, name))]
    begin = json.loads(_read(older, "meta.json"))["t_end_ns"]
    end = json.loads(_read(newer, "meta.json"))["t_start_ns"]
    if differing:
        for line in truth:
            if begin <= line["t_ns"] <= end and line["phase"] not in changing:
                yield f"{line['id']} lies between snapshots that differ in {', '.join(differing)}."


def _read(*path):
    with open(os.path.join(*path)) as content:
        return content.read()


def _key(line):
    if "ICMP" in line["proto"]:
        return (line["proto"], line["wire_src"], line["remote_addr"], line["wire_icmp_id"], 0,
                line.get("vlan"))
    return (line["proto"], line["wire_src"], line["remote_addr"], line["wire_port"],
            line["remote_port"], line.get("vlan"))


def _capture_in(directory):
    for name in ("mirror.pcap", "mirror.pcap.gz"):
        if os.path.exists(os.path.join(directory, name)):
            return os.path.join(directory, name)
    raise LabError(f"{directory} holds no mirror.pcap.")


class _Wire:
    """The capture as tshark reads it: the set of 5-tuples, and what is wrong with frames."""

    def __init__(self, path):
        self.keys = collections.defaultdict(set)  # 5-tuple: MACs that sent it
        self.adverts = 0
        self.bad_checksums = 0
        argv = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=\t",
                "-E", "occurrence=f",
                "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
                "-o", "udp.check_checksum:TRUE"]
        for field in _FIELDS:
            argv += ["-e", field]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise LabError(f"tshark cannot read {path}: {done.stderr.strip()}")
        for row in done.stdout.splitlines():
            self._take(dict(zip(_FIELDS, row.split("\t"))))

    def _take(self, frame):
        source = frame["ip.src"] or frame["ipv6.src"]
        target = frame["ip.dst"] or frame["ipv6.dst"]
        if frame["vrrp.prio"]:
            self.adverts += 1
        if any(frame[field] == _BAD for field in _FIELDS if field.endswith("checksum.status")):
            self.bad_checksums += 1
        key = None
        if frame["tcp.srcport"]:
            key = "TCP", source, target, int(frame["tcp.srcport"]), int(frame["tcp.dstport"])
        elif frame["udp.srcport"]:
            key = "UDP", source, target, int(frame["udp.srcport"]), int(frame["udp.dstport"])
        elif frame["icmp.type"] == "8":
            key = "ICMP", source, target, int(frame["icmp.ident"], 0), 0
        elif frame["icmpv6.type"] == "128":
            key = "IPv6-ICMP", source, target, int(frame["icmpv6.echo.identifier"], 0), 0
        if key:
            vlan = int(frame["vlan.id"]) if frame["vlan.id"] else None
            self.keys[(*key, vlan)].add(frame["eth.src"])
