"""What becomes of clusters is told to whoever reads the stream: `news.clusters`."""

from __future__ import annotations

import json

import pytest

from pipeline.kafka.scan import scan
from pipeline.kafka.topics import Topic
from pipeline.record import Article, ClusterMerge
from pipeline.record.codec import decode_record
from pipeline.stores.sql.queries.clusters import cluster_of
from tests.integration.conftest import NewPipeline
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually
from tests.unit.duplicates.newsroom import article, prose, words

pytestmark = pytest.mark.long


def _told(pipeline: LivePipeline) -> list[tuple[str, ClusterMerge]]:
    return [
        ((message.key or b"").decode(), ClusterMerge.model_validate_json(message.value or b""))
        for message in scan(pipeline.settings, Topic.CLUSTERS)
    ]


def _two_stories_that_are_one() -> list[Article]:
    """Two articles, and a later one with the whole text of both."""
    first, second = prose(words(1, 120)), prose(words(2, 120))
    return [article("first", first), article("second", second), article("both", f"{first}\n\n{second}")]


def test_merged_clusters_are_told_and_told_again_by_the_next_worker(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    worker = pipeline.worker("duplicates", "sink")
    worker.wait_ready()
    for one in _two_stories_that_are_one():
        pipeline.publish([one])
        eventually(lambda: pipeline.lag("duplicates") == 0, what="it is judged")

    merge = ("second", ClusterMerge(cluster_id="second", merged_into="first"))
    assert eventually(lambda: _told(pipeline) or None, what="the merge is told") == [merge]

    worker.kill()  # with what it may have told nobody
    pipeline.worker("duplicates", "sink").wait_ready()
    pipeline.publish([article("third", prose(words(3)))])
    told = eventually(lambda: found if len(found := _told(pipeline)) > 1 else None, what="it is told again")
    assert set(map(json.dumps, (one.model_dump() for _, one in told))) == {json.dumps(merge[1].model_dump())}


def test_whoever_follows_the_merges_knows_what_the_store_knows(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish(_two_stories_that_are_one())
    pipeline.await_closed()

    merged = {one.cluster_id: one.merged_into for _, one in _told(pipeline)}
    for message in scan(pipeline.settings, Topic.ENRICHED):
        record = decode_record(message.value)
        cluster_id = record.duplicate.cluster_id
        while cluster_id in merged:
            cluster_id = merged[cluster_id]
        known = cluster_of(pipeline.engine, record.article.article_id)
        assert known is not None
        assert known[0] == cluster_id == "first"
