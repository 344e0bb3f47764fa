"""A made-up language that costs one package: two reporting verbs and three words."""

from pipeline.languages import Language

TINY = Language(code="qt", package=__name__)
