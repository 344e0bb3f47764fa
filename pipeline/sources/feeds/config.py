"""The TOML file of `pipeline watch --feeds`: which feeds and folders, and how each is asked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipeline.errors import SettingsError

_STRICT = ConfigDict(extra="forbid", frozen=True)
_Seconds = Annotated[float, Field(ge=0.1, le=86_400)]


class WebFeed(BaseModel):
    """A feed on the web: RSS, Atom, JSON Feed, or a news sitemap. docs/sources.md describes each field."""

    model_config = _STRICT

    url: str
    name: str = ""
    source: str | None = None
    every: _Seconds | None = None
    full_text: bool = False
    robots: bool = True
    allow_private: bool = False
    delay: float = Field(default=1.0, ge=0, le=300)
    timeout: _Seconds = 30.0
    max_bytes: int = Field(default=8 << 20, ge=1024, le=8 << 20)
    max_items: int = Field(default=1000, ge=1, le=50_000)
    max_pages: int = Field(default=20, ge=1, le=1000)

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not value.lower().startswith(("http://", "https://")):
            raise ValueError("has to begin with http:// or https://")
        return value

    @property
    def title(self) -> str:
        """What it is called on screen and in metrics: its name, else its address."""
        return self.name or self.url


class Folder(BaseModel):
    """A folder that files are put into."""

    model_config = _STRICT

    path: str
    name: str = ""
    source: str | None = None
    every: _Seconds | None = None

    @property
    def title(self) -> str:
        """See WebFeed."""
        return self.name or self.path


class Watched(BaseModel):
    """All that is watched."""

    model_config = _STRICT

    every: _Seconds = 300.0
    user_agent: str = Field(default="news-pipeline (feed reader)", min_length=1, max_length=200)
    feed: tuple[WebFeed, ...] = ()
    folder: tuple[Folder, ...] = ()

    @field_validator("user_agent")
    @classmethod
    def _is_a_header(cls, value: str) -> str:
        if not value.isascii() or not value.isprintable():
            raise ValueError("has to be printable ASCII: it is sent as a header")
        return value

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if not (self.feed or self.folder):
            raise ValueError("it names nothing to watch: give [[feed]] or [[folder]]")
        titles = [*(one.title for one in self.feed), *(one.title for one in self.folder)]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        urls = [one.url for one in self.feed]
        twice = sorted({url for url in urls if urls.count(url) > 1})
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self


def load(path: Path) -> Watched:
    """What a file names.

    Raises:
        SettingsError: it can't be read, or says something wrong: each wrong field is named.
    """
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is no TOML: {error}") from None
    try:
        return Watched.model_validate(fields)
    except ValidationError as error:
        problems = "; ".join(
            f"{_place(item['loc'])}{item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError(f"{path}: {problems}") from None


def _place(parts: tuple[int | str, ...]) -> str:
    """`feed 2: every: `: numbered from one, as people count."""
    found = "".join(f" {part + 1}" if isinstance(part, int) else f": {part}" for part in parts)
    return f"{found.removeprefix(': ')}: " if found else ""
