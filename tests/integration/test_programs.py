"""The programs of examples/producer-python, run as anybody would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pipeline.flow import Topic
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.scan import scan
from pipeline.kafka.topics import topic_name
from pipeline.record.codec import decode_article, encode
from tests.integration.conftest import NewPipeline
from tests.unit.stores.builders import full_record

_EXAMPLE = Path(__file__).parents[2] / "examples" / "producer-python"


def test_what_the_example_publishes_is_an_article_and_what_is_enriched_it_reads(
    new_pipeline: NewPipeline,
) -> None:
    settings = new_pipeline().settings
    (broker,) = settings.bootstrap_servers
    article = {
        "article_id": "a",
        "source": "Courier",
        "text": "The ferry came an hour late.",
        "desk": "harbour",
    }
    produce = (sys.executable, str(_EXAMPLE / "produce.py"), broker, topic_name(settings, Topic.RAW))
    done = subprocess.run(
        produce, input=json.dumps(article).encode(), capture_output=True, timeout=60, check=True
    )
    assert done.stdout == b"1 articles acknowledged\n"
    (message,) = scan(settings, Topic.RAW)
    found = decode_article(message.value)
    assert (message.key, found.article_id, found.model_extra) == (b"a", "a", {"desk": "harbour"})

    record = full_record()
    enriched = topic_name(settings, Topic.ENRICHED)
    with Publisher(settings) as publisher:
        publisher.send(enriched, record.article.article_id.encode(), encode(record))
    consume = (sys.executable, str(_EXAMPLE / "consume.py"), broker, "--topic", enriched, "--until", "1")
    done = subprocess.run(consume, capture_output=True, timeout=60, check=True)
    said = [json.loads(line)["words"] for line in done.stdout.splitlines()]
    assert said == [quote.text for quote in record.quotes]
    assert said
