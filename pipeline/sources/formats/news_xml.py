"""News in XML as agencies send it: NITF, and NewsML-G2 with a text in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.record import Article
from pipeline.sources.formats.base import Format, Found, Intake, attempt
from pipeline.sources.markup import document, parsed_xml, plain, root_of
from pipeline.sources.problems import Reason, UnfitError

_NITF, _ITEM, _MESSAGE, _PACKAGE = "nitf", "newsitem", "newsmessage", "packageitem"
_KIND = "news in XML"
_MARKUP = re.compile(r"</?(?:p|br|div|body|html|h[1-6])\b[^<>]*>", re.IGNORECASE)


class NewsXmlFormat(Format):
    """NITF 3.x: a document is an article. NewsML-G2 2.x: each news item with a text, alone or in a message."""

    name = "news-xml"
    suffixes = (".nitf", ".newsml", ".xml")

    def sniff(self, start: bytes) -> bool:
        """See Format."""
        return root_of(start) in {_NITF, _ITEM, _MESSAGE, _PACKAGE}

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format."""
        root = parsed_xml(document(pieces, _KIND), _KIND)
        kind = _name(root)
        if kind == _NITF:
            yield None, attempt(lambda: _from_nitf(root, intake))
        elif kind in {_ITEM, _MESSAGE}:
            items = [root] if kind == _ITEM else list(_all(root, _ITEM))
            for item in items:
                line = item.sourceline if len(items) > 1 else None
                yield line, attempt(lambda item=item: _from_item(item, intake))  # type: ignore[misc]
        else:
            raise UnfitError(
                Reason.UNKNOWN_FORMAT,
                f"is XML with the root <{kind}>, which is not known: NITF, NewsML-G2, RSS and Atom are",
            )


def _from_nitf(root: Any, intake: Intake) -> Article:
    blocks = [_text(block) for content in _all(root, "body.content") for block in _blocks(content)]
    identity = next(_all(root, "doc-id"), None)
    published = next(_all(root, "date.issue"), None)
    return _made(
        {
            "title": _first_text(root, "hl1", "title"),
            "guid": identity.get("id-string") if identity is not None else None,
            "published_at": published.get("norm") if published is not None else None,
            "source": _first_text(root, "distributor", "provider") or _holder(root),
            "authors": [name for byline in _all(root, "byline") for name in _byline(byline)],
            "section": next((one.get("position.section") for one in _all(root, "pubdata")), None),
        },
        blocks,
        intake,
    )


def _from_item(item: Any, intake: Intake) -> Article:
    blocks = [_text(block) for body in _all(item, "inlinexml") for block in _blocks(body)]
    blocks += [block for data in _all(item, "inlinedata") for block in _paragraphs("".join(data.itertext()))]
    provider = next(_all(item, "provider"), None)
    language = next(_all(item, "language"), None)
    return _made(
        {
            "title": _first_text(item, "headline"),
            "guid": item.get("guid"),
            "published_at": _first_text(item, "versioncreated", "contentcreated", "firstcreated"),
            "source": provider.get("literal") or _text(provider) if provider is not None else None,
            "language": language.get("tag") if language is not None else None,
            "authors": _authors(item),
            "section": next(map(_called, _of_content(item, "subject")), None),
        },
        blocks,
        intake,
    )


def _holder(root: Any) -> str | None:
    """Whose document of NITF it is, where it names no distributor."""
    return next((name for one in _all(root, "doc.copyright") if (name := one.get("holder"))), None)


def _paragraphs(data: str) -> list[str]:
    """Those of a text that is no XML: HTML, whatever it is called, or lines, where a blank or an indented one parts."""
    if _MARKUP.search(data):
        return [plain(data)]
    least = min((len(line) - len(line.lstrip()) for line in data.splitlines() if line.strip()), default=0)
    return [" ".join(part.split()) for part in re.split(rf"\n\s*\n|\n(?=[ \t]{{{least + 2},}})", data)]


def _byline(byline: Any) -> list[str]:
    """The persons that a byline of NITF names; without such, its words but those of the role."""
    persons = [_text(one) for one in _all(byline, "person")]
    roles = {_text(one) for one in _all(byline, "byttl")}
    return persons or [
        " ".join(filter(None, (part.strip() for part in byline.itertext() if part.strip() not in roles)))
    ]


def _authors(item: Any) -> list[str]:
    """The byline of NewsML-G2, else the persons who made the content."""
    bylines = [_text(one) for one in _of_content(item, "by")]
    return bylines or [_called(one) for one in _of_content(item, "creator", "contributor")]


def _of_content(item: Any, *names: str) -> Iterator[Any]:
    """What NewsML-G2 says of the content by these names, and of nothing within it."""
    return (one for meta in _all(item, "contentmeta") for one in meta if _name(one) in names)


def _called(concept: Any) -> str:
    return _first_text(concept, "name") or concept.get("literal") or ""


def _made(fields: dict[str, Any], blocks: list[str], intake: Intake) -> Article:
    body = "\n\n".join(filter(None, blocks))
    if not body:
        raise UnfitError(Reason.NO_TEXT, f"is {_KIND} without a text in it")
    return intake.article({**fields, "title": fields["title"] or "", "body": body})


def _blocks(body: Any) -> list[Any]:
    """The paragraphs of a body; the body itself where it has none."""
    return list(_all(body, "p")) or [body]


def _all(element: Any, name: str) -> Iterator[Any]:
    return (one for one in element.iter() if _name(one) == name)


def _first_text(element: Any, *names: str) -> str | None:
    return next((text for name in names for one in _all(element, name) if (text := _text(one))), None)


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _name(element: Any) -> str:
    """The name of an element in small letters without its namespace; "" for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
