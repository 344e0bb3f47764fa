"""E-mail: a message is an article, its subject the headline."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from email.utils import parseaddr

from pipeline.record import Article
from pipeline.sources.formats.base import Format, Found, Intake, attempt
from pipeline.sources.markup import document, plain
from pipeline.sources.problems import Reason, UnfitError

_HEADERS = re.compile(rb"(?:[A-Za-z-]{2,40}+: [^\n]*+\n(?:[ \t][^\n]*+\n)*+){3}")
_TELLING = re.compile(rb"^(?:from|subject|message-id|mime-version): ", re.IGNORECASE | re.MULTILINE)
_LEAST_TELLING = 2


class MailFormat(Format):
    """A message as mail programs save it (RFC 5322)."""

    name = "mail"
    suffixes = (".eml",)

    def sniff(self, start: bytes) -> bool:
        """See Format. A press release that begins with `Contact: …` is none."""
        head = start.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]
        return bool(_HEADERS.match(head + b"\n")) and len(_TELLING.findall(head)) >= _LEAST_TELLING

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format."""
        yield None, attempt(lambda: _article(document(pieces, "an e-mail"), intake))


def _article(data: bytes, intake: Intake) -> Article:
    message = email.message_from_bytes(data, policy=email.policy.default)
    try:
        body = message.get_body(("plain", "html")) if isinstance(message, EmailMessage) else None
        text = str(body.get_content()) if body is not None else ""
    except (LookupError, ValueError, AttributeError, KeyError) as error:
        raise UnfitError(Reason.BAD_ENCODING, f"is an e-mail whose text can't be read: {error}") from None
    if body is not None and body.get_content_subtype() == "html":
        text = plain(text)
    name, address = parseaddr(str(message.get("from", "")))
    return intake.article(
        {
            "title": str(message.get("subject", "")),
            "body": text.replace("\r\n", "\n").strip(),
            "guid": str(message.get("message-id", "")).strip("<> \t") or None,
            "published_at": str(message.get("date", "")) or None,
            "source": name or address or None,
        }
    )
