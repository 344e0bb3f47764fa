"""A child that does not outlive its parent, however that ends.

`python -m pipeline.guard COMMAND...` runs a command until it ends by itself, or standard input is closed: the parent
holds the other end of that pipe, and the system closes it with the parent. Signals to end are passed on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import NoReturn

_STDIN = 0
GRACE_SECONDS = 90.0
"""For the command to end in order, once it is asked to; more than a worker gives itself."""


def guarded(*command: str) -> list[str]:
    """The command line that runs a command so; start it with a pipe as its standard input."""
    return [sys.executable, "-m", "pipeline.guard", *command]


def end(child: subprocess.Popen[bytes], seconds: float) -> None:
    """End a guard that was started in a session of its own, and what it guards: in order within `seconds`, or at once.

    Whatever is left of the session is ended too: when the guard itself was killed, what it guarded runs on.
    """
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    kill_session(child)


def kill_session(child: subprocess.Popen[bytes]) -> None:
    """End at once what is left of the session of a guard, be that gone or not."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # which is said of one that has just ended
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def main() -> NoReturn:
    """Run the command of this process's arguments, and end with its exit code."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)  # noqa: S603 - what the parent starts
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda came, _: child.send_signal(came))
    threading.Thread(target=_end_with_parent, args=(child,), daemon=True).start()
    code = child.wait()
    sys.exit(code if code >= 0 else 128 - code)


def _end_with_parent(child: subprocess.Popen[bytes]) -> None:
    while os.read(
        _STDIN, 1
    ):  # the raw file: a buffered one is locked while it is read, which ends Python badly
        pass
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    main()
