"""The questions of `queries/`, asked of one engine."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Engine

from pipeline.stores.sql.queries.aliases import aliases_of, curate
from pipeline.stores.sql.queries.articles import articles_naming
from pipeline.stores.sql.queries.clusters import cluster_of, largest_clusters
from pipeline.stores.sql.queries.entities import top_entities
from pipeline.stores.sql.queries.nearest import nearest_names
from pipeline.stores.sql.queries.overview import articles_by_hour, newest_articles, quoted_beside
from pipeline.stores.sql.queries.quotes import find_quotes
from pipeline.stores.sql.queries.search_articles import search_articles
from pipeline.stores.sql.queries.search_statements import search_statements, statements_by_day


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
        self.search_statements = partial(search_statements, engine)
        self.search_articles = partial(search_articles, engine)
        self.newest_articles = partial(newest_articles, engine)
        self.statements_by_day = partial(statements_by_day, engine)
        self.articles_by_hour = partial(articles_by_hour, engine)
        self.quoted_beside = partial(quoted_beside, engine)
