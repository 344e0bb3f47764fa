"""What is asked for, from the query of a URL: checked, named where it is wrong, the same for pages and programs."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated, Any, LiteralString, Self

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError
from starlette.datastructures import QueryParams

from pipeline.errors import UsageError
from pipeline.record import Polarity, QuoteKind, Verdict
from pipeline.stores.questions import ArticleQuestion, Place, StatementQuestion

MOST_AT_ONCE = 200
_WORDS = 300
_NAME = 200
_SEVERAL = 50
_DIGITS = 19  # of a row's number, which has 63 bits
_EARLIEST, _LATEST = 1, 9998


_NO_PAGE = "no_such_page"
_STATUS = {_NO_PAGE: 404}  # any text may be a page's place; whether there is one, only we can tell


class ParameterError(UsageError):
    """A parameter is wrong: `parameter` says which, `status` how that is answered over HTTP."""

    def __init__(self, parameter: str, problem: str, status: int = 400) -> None:
        super().__init__(f"{parameter}: {problem}")
        self.parameter = parameter
        self.status = status


def _no_page(problem: LiteralString) -> PydanticCustomError:
    return PydanticCustomError(_NO_PAGE, problem)


def _moment(value: object) -> object:
    """A day or a time; without a zone it is UTC."""
    if not isinstance(value, str):
        return value
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("expected a day or a time such as 2031-05-04 or 2031-05-04T09:30Z") from None
    if not _EARLIEST < found.year < _LATEST:
        raise ValueError("a time outside the years 2 to 9997")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_moment)]


def _is_text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("has a NUL character in it")
    return value


# The description says what the messages of _is_text and of the store's full-text search say better.
_NO_NUL: JsonDict = {"pattern": r"^[^\x00]*$"}
_A_WORD: JsonDict = {"pattern": r"^[^\x00]*\w[^\x00]*$"}
Words = Annotated[str, Field(max_length=_WORDS, json_schema_extra=_A_WORD), AfterValidator(_is_text)]
Name = Annotated[str, Field(max_length=_NAME, json_schema_extra=_NO_NUL), AfterValidator(_is_text)]
Language = Annotated[str, Field(pattern="^[A-Za-z-]{1,35}$")]


class Query(BaseModel):
    """The base: nothing else than the named is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, query: QueryParams, *, of_form: bool = False) -> Self:
        """Read a query; what is empty in that of a form is not there.

        Raises:
            ParameterError: the first that is wrong.
        """
        given: dict[str, Any] = {}
        for name in query:
            values = [value.strip() if of_form else value for value in query.getlist(name)]
            if of_form and not any(values):
                continue
            if _takes_several(cls, name):
                given[name] = values
            elif len(values) > 1:
                raise ParameterError(name, "is given more than once")
            else:
                given[name] = values[0]
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise _named(cls, error) from None


class RangeParameters(Query):
    """A range of time, and how many at once."""

    since: Moment | None = Field(default=None, description="published at or after this day or time (UTC)")
    until: Moment | None = Field(default=None, description="published before this day or time (UTC)")
    limit: int = Field(default=50, ge=1, le=MOST_AT_ONCE, description="how many at once")


class Paged(Query):
    """What a page begins after."""

    after: str | None = Field(default=None, max_length=400, description="`next` of the page before")

    @field_validator("after")
    @classmethod
    def _is_a_cursor(cls, value: str | None) -> str | None:
        if value is not None:
            place_of(value)
        return value


class PageParameters(RangeParameters, Paged):
    """A range of time, how many at once, and what a page begins after."""


def _takes_several(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and field.default == ()


def _named(model: type[BaseModel], error: ValidationError) -> ParameterError:
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "query"
    if first["type"] == "extra_forbidden":
        nearest = get_close_matches(name, list(model.model_fields), 1)
        known = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(model.model_fields)}"
        return ParameterError(name[:60], f"is no parameter: {known}")
    return ParameterError(name, first["msg"].removeprefix("Value error, "), _STATUS.get(first["type"], 400))


class StatementParameters(PageParameters):
    """Which statements are meant."""

    speaker: Name | None = Field(default=None, description="who said it: a full name, or a short one")
    about: Words | None = Field(default=None, description='words and "phrases" in the statement or around it')
    polarity: tuple[Polarity, ...] = Field(default=(), description="what the article says of it; several")
    kind: tuple[QuoteKind, ...] = Field(default=(), description="how the words are reported; several")
    confidence: float = Field(default=0.0, ge=0, le=1, description="what is less sure is left out")
    source: tuple[Name, ...] = Field(
        default=(), max_length=_SEVERAL, description="outlets that carry it; several"
    )

    @field_validator("after")
    @classmethod
    def _is_of_statements(cls, value: str | None) -> str | None:
        place = place_of(value)
        if place is not None and not (
            place.key.isascii() and place.key.isdigit() and len(place.key) < _DIGITS
        ):
            raise _no_page("is no `next` of a page of statements")
        return value

    def question(self) -> StatementQuestion:
        """As the store is asked."""
        return StatementQuestion(
            speaker=self.speaker,
            about=self.about,
            polarities=tuple(self.polarity),
            kinds=tuple(self.kind),
            least_confidence=self.confidence,
            sources=self.source,
            since=self.since,
            until=self.until,
        )


class ArticleParameters(PageParameters):
    """Which articles are meant."""

    words: Words | None = Field(default=None, description='words and "phrases" of the text')
    naming: Name | None = Field(
        default=None, description="whom or what they name: a full name, or a short one"
    )
    source: tuple[Name, ...] = Field(default=(), max_length=_SEVERAL, description="outlets; several")
    verdict: tuple[Verdict, ...] = Field(
        default=(), description="what they are to the articles before them; several"
    )
    language: tuple[Language, ...] = Field(
        default=(), max_length=_SEVERAL, description="codes such as en; several"
    )

    def question(self) -> ArticleQuestion:
        """As the store is asked."""
        return ArticleQuestion(
            words=self.words,
            naming=self.naming,
            sources=self.source,
            verdicts=tuple(self.verdict),
            languages=self.language,
            since=self.since,
            until=self.until,
        )


class EntityParameters(RangeParameters):
    """Which of the names most written about are meant."""

    type: Annotated[str, Field(pattern="^[A-Z_]{2,12}$")] | None = Field(
        default=None, description="an OntoNotes label: PERSON, ORG, GPE, …"
    )


def cursor_of(place: Place | None) -> str | None:
    """A place as a URL has it."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(orjson.dumps([place.time, place.key])).rstrip(b"=").decode()


def place_of(cursor: str | None) -> Place | None:
    """The place that a cursor means.

    Raises:
        PydanticCustomError: it is none of ours.
    """
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        time, key = orjson.loads(base64.urlsafe_b64decode(padded))
        place = Place(datetime.fromisoformat(time), _is_text(str(key)))
    except (ValueError, TypeError, binascii.Error):
        raise _no_page("is no `next` of a page before") from None
    if place.time.tzinfo is None:
        raise _no_page("is no `next` of a page before")
    return place
