"""Commands of the laboratory."""

import argparse
import os
import signal
import subprocess
import sys
import time

from . import check, netns, requirements, scenarios
from .errors import FAILED, USAGE, LabError
from .processes import exit_on_signals, spawn, stop
from .run import run_scenario

_RUN_PROGRAMS = ("ip", "tc", "nft", "iptables-save", "sysctl", "keepalived", "tcpdump", "ethtool")


def main(argv):
    requirements.extend_path()
    exit_on_signals()
    arguments = _parser().parse_args(argv)
    try:
        return arguments.command(arguments) or 0
    except LabError as failure:
        print(f"lab: {failure}", file=sys.stderr)
        return failure.code


def _parser():
    parser = argparse.ArgumentParser(
        prog="lab", description="An HA pair with real keepalived in network namespaces, and what "
                                "its wire, its hosts and its sockets said.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("list", help="names the scenarios")
    command.set_defaults(command=_list)

    command = commands.add_parser("run", help="runs scenarios, or all of them")
    command.add_argument("scenario", nargs="+", metavar="SCENARIO")
    command.add_argument("-o", dest="directory", metavar="DIR", required=True,
                         help="results go to DIR/SCENARIO")
    command.add_argument("--sensor-exec", metavar="CMD",
                         help="shell command run at the mirror port; sees LAB_IFACE and LAB_DIR, "
                              "announces itself by creating LAB_DIR/sensor-ready")
    command.add_argument("--seed", type=int, default=1, metavar="N",
                         help="order, sizes and endings of the flows (default 1)")
    command.add_argument("--jobs", type=int, default=4, metavar="N",
                         help="scenarios at the same time (default 4)")
    command.set_defaults(command=_run)

    command = commands.add_parser("demo", help="makes the small demo data set in DIR")
    command.add_argument("-o", dest="directory", metavar="DIR", required=True)
    command.add_argument("--seed", type=int, default=1, metavar="N")
    command.set_defaults(command=_demo)

    command = commands.add_parser("check", help="checks results against their own capture")
    command.add_argument("directory", metavar="DIR")
    command.set_defaults(command=_check)

    command = commands.add_parser("clean", help="removes namespaces of runs that died")
    command.set_defaults(command=_clean)

    command = commands.add_parser("requirements", help="prints missing Debian packages")
    command.set_defaults(command=_requirements)
    return parser


def _list(_arguments):
    for scenario in scenarios.ALL.values():
        print(f"{scenario.NAME:<20} {scenario.SUMMARY}")


def _run(arguments):
    names = list(scenarios.ALL) if arguments.scenario == ["all"] else arguments.scenario
    for name in names:
        if name not in scenarios.ALL:
            raise LabError(f"There is no scenario named {name}; `lab list` names them.", USAGE)
    _require_for_run()
    names = list(dict.fromkeys(names))
    if len(names) == 1:
        _run_here(scenarios.ALL[names[0]], os.path.join(arguments.directory, names[0]),
                  arguments.seed, arguments.sensor_exec)
        return 0
    return _run_beside_each_other(names, arguments)


def _demo(arguments):
    _require_for_run()
    _run_here(scenarios.demo, arguments.directory, arguments.seed, None)
    scenarios.demo.pack(arguments.directory)


def _require_for_run():
    requirements.require_root()
    requirements.require(*_RUN_PROGRAMS)


def _run_here(scenario, directory, seed, sensor_command):
    begin = time.monotonic()
    facts = run_scenario(scenario, directory, seed, sensor_command)
    print(f"{scenario.NAME}: {facts['flows']} flows ({facts['flows_completed']} completed), "
          f"{facts['frames']} frames, {len(facts['snapshots'])} snapshots, "
          f"{time.monotonic() - begin:.1f} s", flush=True)


def _run_beside_each_other(names, arguments):
    """Each scenario in a process of its own: they mostly sleep, and a failure stays alone."""
    launcher = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab")
    options = ["-o", arguments.directory, "--seed", str(arguments.seed)]
    if arguments.sensor_exec:
        options += ["--sensor-exec", arguments.sensor_exec]
    waiting, running, failed = list(names), {}, []
    try:
        while waiting or running:
            while waiting and len(running) < max(1, arguments.jobs):
                name = waiting.pop(0)
                running[name] = spawn([sys.executable, launcher, "run", name, *options],
                                      stdin=subprocess.DEVNULL)
            time.sleep(0.1)
            for name in [name for name, process in running.items() if process.poll() is not None]:
                if running.pop(name).returncode != 0:
                    failed.append(name)
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            stop(process, patience_s=30.0)
    if failed:
        raise LabError(f"Failed: {', '.join(failed)}.", FAILED)
    return 0


def _check(arguments):
    requirements.require("tshark")
    problems = check.check(arguments.directory)
    for problem in problems:
        print(problem)
    return FAILED if problems else 0


def _clean(_arguments):
    requirements.require_root()
    for name in netns.clean():
        print(f"removed {name}")


def _requirements(_arguments):
    missing = requirements.missing_packages()
    for package in missing:
        print(package)
    return FAILED if missing else 0
