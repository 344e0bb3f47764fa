"""The formats, one file each, and those that other packages add by entry point; found here, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.errors import SettingsError
from pipeline.plugins import Kind, with_added
from pipeline.sources.compression import PACKED
from pipeline.sources.formats.base import Format, Found, Intake, RawFormat, attempt, empty
from pipeline.sources.formats.html import HtmlFormat
from pipeline.sources.formats.json_document import JsonFormat
from pipeline.sources.formats.json_lines import JSON_LINES
from pipeline.sources.formats.mail import MailFormat
from pipeline.sources.formats.markdown import MarkdownFormat
from pipeline.sources.formats.news_xml import NewsXmlFormat
from pipeline.sources.formats.parquet import ParquetFormat
from pipeline.sources.formats.plugged import PluggedFormat
from pipeline.sources.formats.syndication import SyndicationFormat
from pipeline.sources.formats.tables import CsvFormat
from pipeline.sources.formats.text import TextFormat
from pipeline.sources.formats.warc import WarcFormat
from pipeline.sources.problems import Reason, UnfitError

_TEXT = TextFormat()
_JSON = JsonFormat()
_TELLING: tuple[Format, ...] = (HtmlFormat(), SyndicationFormat(), NewsXmlFormat(), MailFormat())
"""Those whose files begin as no others do: what they say goes before the suffix."""
_RAW: tuple[RawFormat, ...] = (WarcFormat(), ParquetFormat())
_OURS: Mapping[str, Format] = {
    one.name: one for one in (_TEXT, MarkdownFormat(), _JSON, JSON_LINES, CsvFormat(), *_TELLING, *_RAW)
}
_SUFFIX = re.compile(r"\.[^\W_A-Z][^\W.A-Z]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Formats:
    """What can be read.

    Attributes:
        by_suffix: the format that a suffix tells, in the order in which they are named.
        by_start: the formats in the order in which they are asked how a file begins; the last takes any.
    """

    by_suffix: Mapping[str, Format]
    by_start: tuple[Format, ...]

    def raw(self, start: bytes) -> RawFormat | None:
        """The format of a file that is no text, by its first bytes."""
        return next((one for one in _RAW if one.sniff(start)), None)

    def of(self, start: bytes, by_name: Format | None) -> Format:
        """The format of a file, by its first bytes where these tell it, else by its name, else by how it begins.

        A format of another package has the last word on its suffixes.

        Raises:
            UnfitError: a plug-in failed, or the name is that of a format that is no text.
        """
        if isinstance(by_name, RawFormat):
            raise UnfitError(
                Reason.UNKNOWN_FORMAT, f"is named like a file of {by_name.title}, and begins like none"
            )
        if by_name is None or by_name in _OURS.values():
            by_content = next((one for one in _TELLING if one.sniff(start)), None)
            if by_content is not None:
                return by_content
        return by_name or self.beginning(start)

    def beginning(self, start: bytes) -> Format:
        """The format of a file whose name tells none, by its first bytes. Raises UnfitError: a plug-in failed."""
        return next(one for one in self.by_start if one.sniff(start))


@cache
def installed() -> Formats:
    """Ours, and the formats that other packages add.

    Raises:
        SettingsError: one of another package can't be loaded, is no format, or claims what is taken.
    """
    found = with_added(Kind.FORMAT, _OURS)
    return formats([PluggedFormat(_checked(name, one)) for name, one in found.items() if name not in _OURS])


def formats(added: Iterable[Format]) -> Formats:
    """Ours with others beside them. Raises SettingsError: one claims a suffix that is taken."""
    others = tuple(added)
    by_suffix: dict[str, Format] = {}
    for one in (*_OURS.values(), *others):
        for suffix in one.suffixes:
            if suffix in by_suffix:
                raise SettingsError(
                    f"plug-in {one.name} ({Kind.FORMAT}): the suffix {suffix} is that of the format "
                    f"{by_suffix[suffix].name}: uninstall the package, or have it use another suffix"
                )
            by_suffix[suffix] = one
    return Formats(by_suffix, (JSON_LINES, _JSON, *others, _TEXT))


def _checked(name: str, added: object) -> Format:
    if isinstance(added, type) or not isinstance(added, Format):
        raise SettingsError(
            f"plug-in {name} ({Kind.FORMAT}): {added!r} is no object with all that pipeline.sources.formats.Format "
            f"asks for: mend or uninstall that package"
        )
    if added.name != name:
        raise SettingsError(
            f"plug-in {name} ({Kind.FORMAT}): the format's `name` has to be the entry point's, not {added.name!r}"
        )
    suffixes: object = added.suffixes
    if not isinstance(suffixes, tuple) or not all(_is_suffix(one) for one in suffixes):
        raise SettingsError(
            f"plug-in {name} ({Kind.FORMAT}): its `suffixes` have to be a tuple of words in small letters with one dot "
            f"in front, none of them {', '.join(PACKED)}, not {suffixes!r}"
        )
    return added


def _is_suffix(one: object) -> bool:
    return isinstance(one, str) and bool(_SUFFIX.fullmatch(one)) and one not in PACKED


__all__ = [
    "JSON_LINES",
    "Format",
    "Formats",
    "Found",
    "Intake",
    "RawFormat",
    "attempt",
    "empty",
    "formats",
    "installed",
]
