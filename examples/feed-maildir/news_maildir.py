"""The feed `maildir`: press releases that come by e-mail, each message an article."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from pipeline.errors import SettingsError, SourceError
from pipeline.record import Article
from pipeline.sources.formats import Intake
from pipeline.sources.problems import Reason, UnfitError


class MaildirFeed:
    """A folder in which a mail server keeps messages, each a file.

    Args:
        path: the folder, with `new` and `cur` in it.

    Raises:
        SettingsError: there is none.
    """

    def __init__(self, path: str) -> None:
        if not (Path(path) / "new").is_dir():
            raise SettingsError(f"{path}: is no Maildir, it has no folder `new`: name another")
        self._box = mailbox.Maildir(path, create=False)
        self._given: set[str] = set()

    def poll(self, intake: Intake) -> Iterator[Article | SourceError]:
        """See Feed. What is wrong with one message costs no other."""
        for key in sorted(set(self._box.keys()) - self._given):
            self._given.add(key)
            try:
                yield _article(self._box.get_bytes(key), intake)
            except UnfitError as problem:
                yield problem.at(key)


def _article(raw: bytes, intake: Intake) -> Article:
    message = message_from_bytes(raw, policy=policy.default)
    part = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    if part is None:
        raise UnfitError(Reason.NO_TEXT, "has no plain text")
    fields = {
        "guid": message["Message-ID"],
        "title": message["Subject"],
        "text": part.get_content(),
        "source": str(message["From"]) if message["From"] else None,
        "published_at": message["Date"].datetime.isoformat() if message["Date"] else None,
    }
    return intake.article({name: value for name, value in fields.items() if value})
