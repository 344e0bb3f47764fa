"""Programs in Java that tests run against: fetched by Maven once, into var/."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
from pathlib import Path

_CACHE = Path(__file__).parent.parent.parent / "var"


class UnavailableError(Exception):
    """What is needed to run a program is not there."""


def jars(pom: Path, name: str) -> Path:
    """The folder with the jars of a pom.xml; fetches them when they are not there yet.

    Raises:
        UnavailableError: Java or Maven is missing, or Maven could not fetch; says which.
    """
    for needed in ("java", "mvn"):
        program(needed, name)
    folder = _CACHE / name.lower().replace(" ", "-") / hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    if not folder.is_dir():
        incomplete = folder.with_name(f"{folder.name}.{os.getpid()}")
        fetched = subprocess.run(
            [
                *(program("mvn", name), "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"),
                *("-DincludeScope=runtime", f"-DoutputDirectory={incomplete}"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if fetched.returncode:
            shutil.rmtree(incomplete, ignore_errors=True)
            raise UnavailableError(f"Maven can't fetch {name}: {fetched.stdout[-500:].strip()}")
        with contextlib.suppress(OSError):  # another run was faster: its folder is as good
            incomplete.rename(folder)
        shutil.rmtree(incomplete, ignore_errors=True)
    return folder


def program(command: str, name: str) -> str:
    """The path of a command that `name` needs. Raises UnavailableError: it is not installed."""
    path = shutil.which(command)
    if path is None:
        raise UnavailableError(f"`{command}` is not installed ({name} needs a JDK 17 and Maven)")
    return path


def free_ports(count: int) -> list[int]:
    """So many ports of loopback that nobody listens on."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(contextlib.closing(socket.socket())) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
