"""Real keepalived on both hosts: configuration, start, orderly stop, and who holds what."""

import json
import os
import signal
import subprocess
import time

from . import plan
from .errors import LabError
from .processes import stop


class Settings:
    """What a scenario chooses about the pair; the rest of the configuration is fixed."""

    def __init__(self, vips=(f"{plan.VIP}/24",), vips6=(f"{plan.VIP6}/128",),
                 routes=(), routes6=(), version=2, advert_s=1, nopreempt=False, unicast=False,
                 vmac=False, sync=False, script=None, vips_of=None,
                 advert_source=None):
        self.vips = tuple(vips)
        self.vips6 = tuple(vips6)
        self.routes = tuple(routes)
        self.routes6 = tuple(routes6)
        self.version = version          # of the IPv4 instance; IPv6 is always version 3
        self.advert_s = advert_s
        self.nopreempt = nopreempt
        self.unicast = unicast
        self.vmac = vmac
        self.sync = sync                # both instances in one vrrp_sync_group
        # (path, weight): while the file exists the check fails; without weight that is FAULT
        self.script = script
        # {host: vips} where the hosts are no pair, but two that disturb each other
        self.vips_of = vips_of or {}
        self.advert_source = advert_source or {}  # {host: mcast_src_ip of the IPv4 instance}

    def vips_on(self, host):
        return self.vips_of.get(host, self.vips)

    def addresses(self, host=None):
        """The bare VIPs, without mask and device: of one host, or of all."""
        vips = {vip: None for node in ([host] if host else plan.LBS) for vip in self.vips_on(node)}
        return [vip.split("/")[0] for vip in (*vips, *self.vips6)]


def config_text(host, settings):
    """VRRPv2 with a one second interval for IPv4 unless asked otherwise; keepalived speaks
    VRRPv3 for IPv6 by itself."""
    script = _SCRIPT.format(path=f"{settings.script[0]}-{host}") if settings.script else ""
    text = f"""\
global_defs {{
    router_id {host}
    vrrp_version {settings.version}
    vrrp_garp_master_delay 1
    script_user root
}}
{script}
"""
    if settings.vips_on(host):
        text += _instance(host, settings, 4)
    if settings.vips6:
        text += "\n" + _instance(host, settings, 6)
    if settings.sync:
        text += "\nvrrp_sync_group BOTH {\n    group {\n        VI_4\n        VI_6\n    }\n}\n"
    return text


_SCRIPT = """
vrrp_script healthy {{
    script "/usr/bin/test ! -e {path}"
    interval 1
    fall 1
    rise 1
}}
"""


def _instance(host, settings, family):
    v4 = family == 4
    lines = ["state BACKUP", "interface eth0", f"virtual_router_id {51 if v4 else 61}",
             f"priority {plan.PRIORITY[host]}", f"advert_int {settings.advert_s}"]
    if settings.nopreempt:
        lines.append("nopreempt")
    if settings.vmac:
        lines.append(f"use_vmac vrrp{family}.{51 if v4 else 61}")
    if v4 and settings.version == 2:
        lines += ["authentication {", "    auth_type PASS", "    auth_pass lab-pair", "}"]
    if settings.unicast:
        own, peer = (plan.PRIMARY, plan.PRIMARY) if v4 else (plan.PRIMARY6, plan.PRIMARY6)
        other = next(node for node in plan.pair_of(host) if node != host)
        lines += [f"unicast_src_ip {own[host]}", "unicast_peer {", f"    {peer[other]}", "}"]
    if v4 and host in settings.advert_source:
        lines.append(f"mcast_src_ip {settings.advert_source[host]}")
    if settings.script and v4:
        weight = settings.script[1]
        lines += ["track_script {", "    healthy" + (f" weight {weight}" if weight else ""), "}"]
    body = "".join(f"    {line}\n" for line in lines)
    return (f"vrrp_instance VI_{family} {{\n{body}"
            + _block("virtual_ipaddress", settings.vips_on(host) if v4 else settings.vips6)
            + _block("virtual_routes", settings.routes if v4 else settings.routes6) + "}\n")


def _block(keyword, lines):
    if not lines:
        return ""
    return "".join([f"    {keyword} {{\n", *(f"        {line}\n" for line in lines), "    }\n"])


class Keepalived:
    """One host's keepalived, in the foreground with its log in a file."""

    def __init__(self, namespaces, host, settings, directory, log_path):
        self.host = host
        self.settings = settings
        self.config_path = os.path.join(directory, f"{host}.conf")
        self._namespaces = namespaces
        self._directory = directory
        self._log_path = log_path
        self._process = None
        with open(self.config_path, "w") as config:
            config.write(config_text(host, settings))
        os.chmod(self.config_path, 0o600)

    def start(self):
        pid_file = os.path.join(self._directory, self.host)
        with open(self._log_path, "a") as log:
            self._process = self._namespaces.start(
                self.host,
                ["keepalived", "--dont-fork", "--vrrp", "--log-console", "--log-detail",
                 "--use-file", self.config_path, "--pid", pid_file + ".pid",
                 "--vrrp_pid", pid_file + ".vrrp.pid"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def stop(self):
        """SIGTERM: keepalived resigns with priority 0 and removes its addresses."""
        if self._process:
            stop(self._process, signal.SIGTERM)
        self._process = None

    def kill(self):
        """SIGKILL, parent and VRRP child together: nothing is sent, nothing is removed."""
        for name in (".vrrp.pid", ".pid"):
            with open(os.path.join(self._directory, self.host + name)) as pid:
                os.kill(int(pid.read()), signal.SIGKILL)
        self._process.wait(5)
        self._process = None

    def holds(self):
        """True when every VIP is on this host, False when none is, None in between."""
        wanted = self.settings.addresses(self.host)
        listing = json.loads(self._namespaces.run(self.host, ["ip", "-j", "addr", "show"]))
        present = {entry["local"] for link in listing for entry in link.get("addr_info", [])
                   if "local" in entry}
        count = sum(address in present for address in wanted)
        return True if count == len(wanted) else False if count == 0 else None


def wait_for_holder(pair, holder, patience_s=15.0, others=True):
    """Waits until `holder` has all VIPs and, unless the others may do what they like, the other
    host of its pair none."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if all(node.holds() is (node.host == holder or bool(node.settings.vips_of))
               for node in pair.values()
               if node.host in plan.pair_of(holder) and (others or node.host == holder)):
            return
        time.sleep(0.05)
    raise LabError(f"{holder} did not take over the VIPs within {patience_s:.0f} s; "
                   "see logs/keepalived-*.log.")
