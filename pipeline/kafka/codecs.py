"""The codecs of Kafka's messages, and whether this installation can read them."""

from __future__ import annotations

from types import ModuleType

import aiokafka.codec
import kafka.codec

CODECS = ("gzip", "snappy", "lz4", "zstd")
"""Any producer can choose any of them, for each batch anew."""

# The workers read with the one client, the commands with the other, each by packages of its own.
_PACKAGES: tuple[tuple[ModuleType, dict[str, str]], ...] = (
    (aiokafka.codec, {"snappy": "cramjam", "lz4": "cramjam", "zstd": "cramjam"}),
    (kafka.codec, {"snappy": "python-snappy", "lz4": "lz4", "zstd": "zstandard"}),
)


def unreadable() -> dict[str, str]:
    """The codecs that one of the clients can't read, each with the packages to install."""
    missing = {
        codec: [packages[codec] for client, packages in _PACKAGES if not _reads(client, codec)]
        for codec in CODECS
    }
    return {codec: " ".join(packages) for codec, packages in missing.items() if packages}


def _reads(client: ModuleType, codec: str) -> bool:
    return bool(getattr(client, f"has_{codec}")())
