"""The store gives back what it took: every field of every part of a record, those it does not know included."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from pipeline.record.models import EnrichedArticle
from pipeline.stores.sql.database import writing
from pipeline.stores.sql.queries.articles import article
from pipeline.stores.sql.schema import articles
from pipeline.stores.sql.store import Store
from tests.support.records import records


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=records())
def test_a_record_comes_back_as_it_was_written(engine: Engine, record: EnrichedArticle) -> None:
    with writing(engine) as connection:
        connection.execute(articles.delete())
    assert Store(engine).write([record]).rejections == {}
    assert article(engine, record.article.article_id) == record
