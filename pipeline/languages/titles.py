"""Forms of address, ranks and offices: what stands before a person's name and is no part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.languages.base import Language, Sex
from pipeline.text.folding import fold


@dataclass(frozen=True, slots=True, eq=False)
class Titles:
    """The table `titles.toml` of a language, folded.

    Attributes:
        address: forms of address.
        office: ranks, offices and epithets, which alone name nobody.
        all: both.
        last_words: the last words of all.
        styles: those that stand with a given name and then are a part of it.
        single: forms of address and offices of one word, which are never names; with their accents too.
        sex: which sex one tells, if it tells one; with its accents too.
    """

    address: frozenset[str]
    office: frozenset[str]
    all: frozenset[str]
    last_words: frozenset[str]
    styles: frozenset[str]
    single: frozenset[str]
    sex: Mapping[str, Sex]

    @classmethod
    def of(cls, language: Language) -> Titles:
        """Those of a language."""
        table = language.table("titles")

        def listed(*names: str) -> frozenset[str]:
            return frozenset(fold(word) for name in names for word in table.get(name, "").split())

        def spelt(*names: str) -> frozenset[str]:
            return listed(*names) | {word for name in names for word in table.get(name, "").split()}

        def phrases(name: str) -> frozenset[str]:
            return frozenset(map(fold, table.get(name, ())))

        address = listed("address") | phrases("address_of_several_words")
        office = listed("office", "epithets") | phrases("office_of_several_words")
        single = spelt("address", "office", "openings") - spelt("also_names")
        return cls(
            address=address,
            office=office,
            all=address | office,
            last_words=frozenset(title.rsplit(" ", 1)[-1] for title in address | office),
            styles=listed("styles"),
            single=single,
            sex={title: sex for sex in Sex for title in spelt(sex)},
        )
