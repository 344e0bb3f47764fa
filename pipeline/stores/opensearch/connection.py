"""A connection to OpenSearch, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.errors import InstallationError, SettingsError, TransientError
from pipeline.stores.opensearch.address import Address

_SECONDS = 30.0
_LATER = frozenset((408, 429))
_UNAVAILABLE = 500  # and above
_RIGHTS = frozenset((401, 403))

# What a person has to mend; any other failure of TLS may be that of a connection that broke.
_UNTRUSTED = ("CERTIFICATE_VERIFY_FAILED", "X509")
_NO_TLS = "WRONG_VERSION_NUMBER"


def connect(address: Address) -> Any:
    """A client of its makers; it asks nothing yet.

    Raises:
        SettingsError: the package is not installed, or the certificate can't be read.
    """
    try:
        from opensearchpy import OpenSearch  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError(
            "database URL: opensearch:// needs a package: pip install 'news-pipeline[opensearch]'"
        ) from None
    if address.ca and not Path(address.ca).is_file():
        raise SettingsError(f"database URL: ?ca={address.ca}: there is no such file")
    secure = {"verify_certs": True, "ca_certs": address.ca} if address.ca else {}
    try:
        return OpenSearch(
            address.url,
            http_auth=(address.user, address.password or "") if address.user else None,
            timeout=_SECONDS,
            max_retries=0,  # who calls waits, and says so
            **secure,
        )
    except (OSError, ValueError) as error:
        raise SettingsError(f"database URL: {error}") from None


@contextmanager
def asked(address: Address) -> Iterator[None]:
    """What the server says against a question, as errors of the pipeline.

    Raises:
        TransientError: it is away, or has too much to do; the same call again is right.
        InstallationError: only a person can mend it.
    """
    from opensearchpy import exceptions  # noqa: PLC0415 - an extra

    where = f"OpenSearch at {address.url}"
    try:
        yield
    except exceptions.SSLError as error:
        said = _said(error)
        if any(sign in said for sign in _UNTRUSTED):
            raise InstallationError(f"{where}: {said}: name its certificate with ?ca=FILE") from None
        if _NO_TLS in said:
            raise InstallationError(f"{where}: {said}: it speaks HTTP: name opensearch://…") from None
        raise TransientError(f"{where} can't be reached: {said}") from error
    except exceptions.ConnectionError as error:
        raise TransientError(f"{where} can't be reached: {_said(error)}") from error
    except exceptions.TransportError as error:
        status = error.status_code
        if isinstance(status, int) and (status in _LATER or status >= _UNAVAILABLE):
            raise TransientError(f"{where} can't answer now: {_said(error)}") from error
        raise InstallationError(f"{where}: {_remedied(error, address)}") from None
    except exceptions.SerializationError:
        raise InstallationError(
            f"{where} does not answer as OpenSearch does: mend the database URL"
        ) from None


def _remedied(error: Any, address: Address) -> str:
    """What the server says against a question, and what a person can do about it."""
    if error.error == "cluster_block_exception":
        return f"{_reason(error)}: lift the block"
    if error.error == "index_closed_exception":
        return f"{_said(error)}: open its indices"
    if error.status_code in _RIGHTS:
        return (
            f"it refuses user {address.user or 'nobody'}: {_said(error)}: give it the rights of docs/store.md"
        )
    return f"{_said(error)}: its indices are missing or of another version: run `pipeline store upgrade`"


def _said(error: Any) -> str:
    """What an error of the client says, in one line."""
    said = getattr(error, "error", None) or str(error)
    return " ".join(str(said).split())[:200]


def _reason(error: Any) -> str:
    """What the server says of it in a sentence."""
    return " ".join(str(error.info["error"]["reason"]).split())[:200]
