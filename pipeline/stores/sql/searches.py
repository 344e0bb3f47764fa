"""The questions of `queries/`, asked of one engine."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Engine

from pipeline.stores.sql.queries.aliases import aliases_of, curate
from pipeline.stores.sql.queries.articles import articles_naming
from pipeline.stores.sql.queries.clusters import cluster_of, largest_clusters
from pipeline.stores.sql.queries.entities import top_entities
from pipeline.stores.sql.queries.nearest import nearest_names
from pipeline.stores.sql.queries.quotes import find_quotes


class SqlSearches:
    """See pipeline.stores.searches.Searches."""

    def __init__(self, engine: Engine) -> None:
        self.find_quotes = partial(find_quotes, engine)
        self.articles_naming = partial(articles_naming, engine)
        self.top_entities = partial(top_entities, engine)
        self.aliases_of = partial(aliases_of, engine)
        self.curate = partial(curate, engine)
        self.nearest_names = partial(nearest_names, engine)
        self.largest_clusters = partial(largest_clusters, engine)
        self.cluster_of = partial(cluster_of, engine)
