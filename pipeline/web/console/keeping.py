"""A search as a standing question: the command that keeps it. The console itself only reads."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from pipeline.errors import UsageError
from pipeline.questions.question import question_of
from pipeline.stores.questions import ArticleQuestion, StatementQuestion
from pipeline.text.folding import fold

_ID_LENGTH = 60
_TITLE_LENGTH = 200
_NO_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a search is kept.

    Attributes:
        command: adds it as a standing question.
        left_out: what of the search no standing question asks for, in words.
    """

    command: str
    left_out: tuple[str, ...]


def keeping(asked: StatementQuestion | ArticleQuestion) -> Keeping | None:
    """The command that keeps a search, None where nothing of it can be asked for."""
    if isinstance(asked, StatementQuestion):
        wanted = {
            "speaker": _one(asked.speaker),
            "words": _one(asked.about),
            "polarity": asked.polarities,
            "outlet": asked.sources,
        }
        left = {"the kind": asked.kinds, "the confidence": asked.least_confidence}
    else:
        wanted = {
            "name": _one(asked.naming),
            "words": _one(asked.words),
            "outlet": asked.sources,
            "language": asked.languages,
        }
        left = {"the verdict": asked.verdicts}
    given = [(option, text) for option, texts in wanted.items() for text in texts]
    told = [text for _, text in given]
    identifier = _NO_ID.sub("-", fold(" ".join(told))).strip("-")[:_ID_LENGTH].strip("-") or "search"
    fields = {_FIELDS.get(option, option): texts for option, texts in wanted.items() if option != "words"}
    words = next(iter(wanted["words"]), None)
    try:
        question = question_of(
            {"id": identifier, "title": ", ".join(told)[:_TITLE_LENGTH], "words": words, **fields}
        )
    except UsageError:
        return None
    options = [f"--title={question.title}", *(f"--{option}={text}" for option, text in given)]
    left |= {"the time": asked.since or asked.until}
    command = shlex.join(["pipeline", "questions", "add", question.id, *options])
    return Keeping(command, tuple(name for name, value in left.items() if value))


_FIELDS = {"name": "names", "speaker": "speakers"}


def _one(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()
