"""Child processes that never outlive the laboratory."""

import ctypes
import os
import signal
import subprocess

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    """Runs in the child: the kernel sends SIGTERM when the parent is gone, even after SIGKILL.

    Background jobs of a shell ignore SIGINT and would hand that on; tcpdump needs it.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def spawn(argv, **options):
    """In a session of its own: a terminal's Ctrl-C reaches the parent, which ends its children in order."""
    return subprocess.Popen(argv, preexec_fn=_die_with_parent, start_new_session=True, **options)


def stop(process, first=signal.SIGTERM, patience_s=5.0, then=signal.SIGTERM, group=False):
    """Asks, asks again, insists; returns the exit code. `group`: its children are asked too."""
    for sig, wait_s in ((first, patience_s), (then, 3.0), (signal.SIGKILL, 3.0)):
        if process.poll() is not None:
            break
        os.killpg(process.pid, sig) if group else process.send_signal(sig)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            continue
    return process.wait(1.0)


def exit_on_signals():
    """The first signal unwinds the stack, so that `finally` cleans up; no second one may
    interrupt that. Cleaning takes seconds and waits for nothing without a limit."""
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def unwind(number, _frame):
        for sig in ending:
            signal.signal(sig, signal.SIG_IGN)
        raise SystemExit(128 + number)
    for sig in ending:
        signal.signal(sig, unwind)
