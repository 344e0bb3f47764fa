"""The URLs of OpenSearch stores: `opensearch://user:password@host:9200/prefix`, `opensearch+https://…`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from pipeline.errors import SettingsError

_FORM = "expected opensearch://USER:PASSWORD@HOST:9200/PREFIX, or opensearch+https://… with ?ca=FILE for a certificate"
_PREFIX = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_PORT = 9200


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is.

    Attributes:
        url: of the server, without user and password.
        user: None where nobody is asked.
        password: of the user.
        prefix: what the names of its indices begin with.
        ca: a file with the certificate of whoever signed the server's; None for those that the system trusts.
    """

    url: str
    user: str | None
    password: str | None = field(repr=False)
    prefix: str
    ca: str | None


def parse_address(url: str) -> Address:
    """The parts of a URL. Raises SettingsError, which never shows a password: it is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        raise SettingsError(f"database URL: its host or port is none; {_FORM}") from None
    schemes = {"opensearch": "http", "opensearch+http": "http", "opensearch+https": "https"}
    if parts.scheme not in schemes or not host:
        raise SettingsError(f"database URL: it names no host; {_FORM}")
    prefix = parts.path.strip("/") or "news"
    if not _PREFIX.fullmatch(prefix):
        raise SettingsError(
            f"database URL: {prefix!r} can't begin the name of an index: give small letters, digits, - and _"
        )
    asked = parse_qs(parts.query)
    if unknown := sorted(asked.keys() - {"ca"}):
        raise SettingsError(f"database URL: there is no option {unknown[0]}; {_FORM}")
    if asked and parts.scheme != "opensearch+https":
        raise SettingsError(
            "database URL: ?ca=FILE is for opensearch+https://…: nothing is encrypted without"
        )
    host = f"[{host}]" if ":" in host else host
    return Address(
        f"{schemes[parts.scheme]}://{host}:{port}",
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        prefix,
        asked["ca"][0] if "ca" in asked else None,
    )
