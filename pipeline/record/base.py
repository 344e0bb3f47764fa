"""What all records are made of: the base, times, and stretches of an article's text.

All spans are half-open ranges of Unicode code points (Python string indices) into `Article.text`, which is
stored as it came in. All times are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION: Literal[1] = 1


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:  # which no validator takes for a wrong value
        raise ValueError("a time outside the years 1 to 9999 in UTC") from None


UtcTime = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A point in time, kept in UTC, written with a closing Z."""


class Model(BaseModel):
    """The base of all records: immutable, and what it does not know is kept and sent on as it came.

    So versions of the program that differ by an optional field can work side by side, and what a producer adds is not
    lost (decision 14). `model_extra` has the unknown fields; they belong to what makes two records equal.
    """

    model_config = ConfigDict(frozen=True, extra="allow")


class Span(Model):
    """A stretch of an article's text: `text == article.text[start:end]`."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: str

    @model_validator(mode="after")
    def _is_a_range(self) -> Span:
        fields = self.__dict__  # the most frequent record by far: look-ups of attributes would show
        if fields["end"] - fields["start"] != len(fields["text"]):
            raise ValueError(
                f"span {self.start}..{self.end} does not fit its text of {len(self.text)} characters"
            )
        return self
