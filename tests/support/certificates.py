"""Certificates for tests, made by `openssl`: an authority, and what it issues for this machine."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Issued:
    """A certificate and its private key, in PEM files."""

    certificate: Path
    key: Path

    @property
    def both(self) -> Path:
        """Key and certificate in one file, as Apache Kafka wants them."""
        together = self.key.with_suffix(".both.pem")
        together.write_bytes(self.key.read_bytes() + self.certificate.read_bytes())
        return together


class Authority:
    """A certificate authority in a folder. The test is skipped where there is no openssl."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("openssl")
        if program is None:
            pytest.skip("openssl is not installed")
        self._program = program
        self._folder = folder
        self.certificate = folder / "authority.pem"
        self._key = folder / "authority.key"
        self._openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority"),
            *("-keyout", str(self._key), "-out", str(self.certificate)),
        )

    def issue(self, name: str, *, password: str | None = None) -> Issued:
        """A certificate for 127.0.0.1; its key is encrypted when there is a password."""
        found = Issued(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request, extensions = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        extensions.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", encoding="utf-8")
        self._openssl(
            *("req", "-newkey", "rsa:2048", "-subj", f"/CN={name}"),
            *(("-passout", f"pass:{password}") if password else ("-nodes",)),
            *("-keyout", str(found.key), "-out", str(request)),
        )
        self._openssl(
            *("x509", "-req", "-days", "2", "-in", str(request), "-out", str(found.certificate)),
            *("-CA", str(self.certificate), "-CAkey", str(self._key), "-CAcreateserial"),
            *("-extfile", str(extensions)),
        )
        return found

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run([self._program, *arguments], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
