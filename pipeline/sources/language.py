"""Which language a text is written in."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

import pycountry
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipeline.errors import PipelineError

_TABLES = tomllib.loads(files(__package__).joinpath("language.toml").read_text(encoding="utf-8"))
_PRESS, _FUNCTION_WORDS, _TABLE_WORDS = (
    frozenset(_TABLES[name].split()) for name in ("press", "function_words", "table_words")
)

# The model's probability is flat on short texts and tables and close to 1 on prose of a paragraph or more.
_SURE = 0.5
_LEANING = 0.15

_CERTAIN = 0.95

# Time goes by the length that is looked at. Most articles are settled by their beginning, and beyond a page
# nothing changes any more.
_GLANCE = 400
_ENOUGH = 800

_WORD = re.compile(r"[^\W\d_]+")
_SETTLES = 2


@cache
def _model() -> LanguageIdentifier:
    try:
        model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:
        # No article's fault, and no file's: whoever reads one must not take it for theirs.
        raise PipelineError(
            f"the model that tells languages can't be unpacked into the folder for temporary files: "
            f"{error.strerror or error}; make room there (70 MB), or set TMPDIR to another folder"
        ) from error
    model.set_languages(_PRESS.intersection(model.labels))
    return model


def detect(text: str) -> str | None:
    """The language of `text` as an ISO 639-1 code, None when it can't be told with some certainty.

    A naive Bayes classifier over byte sequences (langid; Lui and Baldwin 2012) decides where it is sure.
    Where it is not, on a short text or a table, two different words of everyday English decide for English.
    """
    language, probability = likeliest(text[:_GLANCE])
    if probability >= _CERTAIN:
        return language
    head = text[:_ENOUGH]
    language, probability = likeliest(head)
    if probability >= _SURE:
        return language
    if _reads_as_english(head) or (language == "en" and probability >= _LEANING):
        return "en"
    return None


def likeliest(text: str) -> tuple[str, float]:
    """The language `text` most looks like and the probability of that in 0..1, low for garbled text."""
    language, probability = _model().classify(text[:_ENOUGH])
    return str(language), float(probability)


def normalise(code: str) -> str | None:
    """A language tag or code (`en`, `EN-gb`, `eng`) as an ISO 639-1 code, None when it is not one."""
    primary = re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    return _two_letters(primary) if primary.isascii() and primary.isalpha() else None


@cache
def _known() -> dict[str, str]:
    table: dict[str, str] = {}
    for language in pycountry.languages:
        two = getattr(language, "alpha_2", None)
        if two:
            names = (two, language.alpha_3, getattr(language, "bibliographic", two))
            table.update(dict.fromkeys(names, two))
    return table


def _two_letters(code: str) -> str | None:
    return _known().get(code)


def _reads_as_english(head: str) -> bool:
    words = {word.lower() for word in _WORD.findall(head)}
    return len(words & _FUNCTION_WORDS) >= _SETTLES or len(words & _TABLE_WORDS) >= _SETTLES
