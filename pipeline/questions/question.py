"""A standing question, and what may be wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from pipeline.errors import UsageError
from pipeline.questions.words import terms
from pipeline.record import Polarity

_MOST = 20  # names, speakers, outlets … of one question
_LONGEST = 500  # characters of words

_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\w")]
_Names = Annotated[tuple[_Name, ...], Field(max_length=_MOST)]
_Code = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
_Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class Question(BaseModel):
    """A search that is kept. Every field that is set must fit.

    `names` must all be named and `words` (and "phrases" in double quotes) all occur. Of speakers, polarities, outlets,
    countries (ISO 3166-1, of a place that is named) and languages any one will do. Where speakers or polarities are
    asked for, one statement has to fit them, with the words in it or around it in its paragraph; elsewhere the words
    are those of the article. It is told once a story, or with `every_copy` once an article; to the `webhook` too, if
    there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    title: str = Field(min_length=1, max_length=200)
    names: _Names = ()
    words: str | None = Field(default=None, max_length=_LONGEST)
    speakers: _Names = ()
    polarity: tuple[Polarity, ...] = Field(default=(), max_length=_MOST)
    outlet: _Names = ()
    country: tuple[_Code, ...] = Field(default=(), max_length=_MOST)
    language: tuple[_Language, ...] = Field(default=(), max_length=_MOST)
    every_copy: bool = False
    webhook: str | None = Field(default=None, max_length=2000)

    @field_validator("words")
    @classmethod
    def _has_words(cls, words: str | None) -> str | None:
        if words is not None and not terms(words):
            raise ValueError(f"no word to search for in {words!r}")
        return words

    @field_validator("webhook")
    @classmethod
    def _is_address(cls, webhook: str | None) -> str | None:
        if webhook is not None and not _is_http(webhook):
            raise ValueError("give an address as https://host/path")
        return webhook

    @model_validator(mode="after")
    def _asks_something(self) -> Question:
        if not any(
            (self.names, self.words, self.speakers, self.polarity, self.outlet, self.country, self.language)
        ):
            raise ValueError(
                "asks for nothing: give names, words, speakers, polarity, outlet, country or language"
            )
        return self

    @property
    def of_statements(self) -> bool:
        """Whether a statement has to fit, and not only the article."""
        return bool(self.speakers or self.polarity)

    @property
    def asks_for(self) -> str:
        """What has to fit, in a line."""
        told = {"id", "title", "every_copy", "webhook"}
        written = self.model_dump(mode="json", exclude_defaults=True, exclude=told)
        return "; ".join(
            f"{name}: {value if isinstance(value, str) else ', '.join(value)}"
            for name, value in written.items()
        )


def question_of(fields: Mapping[str, Any]) -> Question:
    """The question of its fields.

    Raises:
        UsageError: one line that names the question, each field that is wrong, and what it wants.
    """
    try:
        return Question.model_validate(fields)
    except ValidationError as error:
        problems = "; ".join(map(_said, error.errors(include_input=False, include_url=False)))
        raise UsageError(f"question {fields.get('id')!s}: {problems}".replace("Value error, ", "")) from None


_FORMS = {
    "id": "up to 60 small letters, digits, hyphens",
    "country": "two capital letters, as GB",
    "language": "two or three small letters, as en",
    "names": "a name with a letter or a digit in it",
    "speakers": "a name with a letter or a digit in it",
    "outlet": "a name with a letter or a digit in it",
}


def _said(item: ErrorDetails) -> str:
    if not item["loc"]:
        return item["msg"]
    form = _FORMS.get(str(item["loc"][0])) if item["type"] == "string_pattern_mismatch" else None
    return f"{'.'.join(map(str, item['loc']))}: {f'give {form}' if form else item['msg']}"


def _is_http(address: str) -> bool:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises for one that is none
    except ValueError:
        return False
    fit = address.isascii() and address.isprintable() and " " not in address
    return fit and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
