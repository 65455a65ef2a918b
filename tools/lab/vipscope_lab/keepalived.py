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
                 routes=(), routes6=()):
        self.vips = tuple(vips)
        self.vips6 = tuple(vips6)
        self.routes = tuple(routes)
        self.routes6 = tuple(routes6)

    def addresses(self):
        """The bare VIPs, without mask and device."""
        return [vip.split("/")[0] for vip in self.vips + self.vips6]


def config_text(host, settings):
    """VRRPv2 with a one second interval for IPv4; keepalived speaks VRRPv3 for IPv6 by itself."""
    text = f"""\
global_defs {{
    router_id {host}
    vrrp_version 2
    vrrp_garp_master_delay 1
}}

vrrp_instance VI_4 {{
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority {plan.PRIORITY[host]}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass lab-pair
    }}
{_block("virtual_ipaddress", settings.vips)}\
{_block("virtual_routes", settings.routes)}\
}}
"""
    if settings.vips6:
        text += f"""
vrrp_instance VI_6 {{
    state BACKUP
    interface eth0
    virtual_router_id 61
    priority {plan.PRIORITY[host]}
    advert_int 1
{_block("virtual_ipaddress", settings.vips6)}\
{_block("virtual_routes", settings.routes6)}\
}}
"""
    return text


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

    def holds(self):
        """True when every VIP is on this host, False when none is, None in between."""
        wanted = self.settings.addresses()
        listing = json.loads(self._namespaces.run(self.host, ["ip", "-j", "addr", "show"]))
        present = {entry["local"] for link in listing for entry in link.get("addr_info", [])
                   if "local" in entry}
        count = sum(address in present for address in wanted)
        return True if count == len(wanted) else False if count == 0 else None


def wait_for_holder(pair, holder, patience_s=15.0):
    """Waits until `holder` has all VIPs and the other host none."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if all(node.holds() is (node.host == holder) for node in pair.values()):
            return
        time.sleep(0.05)
    raise LabError(f"{holder} did not take over the VIPs within {patience_s:.0f} s; "
                   "see logs/keepalived-*.log.")
