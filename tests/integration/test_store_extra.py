"""What has no column: as it lies in the tables, and what of it no store takes."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from pipeline.errors import Reason
from pipeline.record import EnrichedArticle
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.queries.articles import article
from pipeline.stores.sql.schema import stage_annotations
from pipeline.stores.sql.store import SqlStore
from tests.unit.stores.builders import full_record


def test_what_a_stage_has_found_is_replaced_with_the_article(engine: Engine) -> None:
    store = SqlStore(engine)
    first = full_record().annotated("keywords", ["ferry", "bridge"]).annotated("tone", {"score": 0.5})
    again = first.model_copy(update={"annotations": {"keywords": ["bridge"], "topic": None}})
    assert (store.write([first]).inserted, store.write([again]).updated) == (1, 1)
    found = article(engine, "bridge")
    assert found is not None
    assert found == again
    assert found.annotations == {"keywords": ["bridge"], "topic": None}
    with reading(engine) as connection:
        rows = connection.execute(select(stage_annotations).order_by(stage_annotations.c.stage)).all()
    assert [tuple(row) for row in rows] == [("bridge", "keywords", ["bridge"]), ("bridge", "topic", None)]


@pytest.mark.parametrize("unknown", [{"be\x00am": 1}, {"beam": ["\x00"]}, {"beam": "\ud83d"}], ids=repr)
def test_an_unknown_field_that_no_store_takes_rejects_its_article_alone(
    engine: Engine, unknown: dict[str, object]
) -> None:
    odd = EnrichedArticle.model_validate({**full_record("odd").model_dump(), **unknown})
    result = SqlStore(engine).write([full_record("a"), odd, full_record("c")])
    assert {index: rejection.reason for index, rejection in result.rejections.items()} == {
        1: Reason.NOT_STORABLE
    }
    assert result.inserted == 2
