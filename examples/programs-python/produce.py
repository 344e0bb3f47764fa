"""Publish articles to news.raw: JSON lines with article_id, source and text, on standard input.

python produce.py localhost:9092 [news.raw] < articles.jsonl
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from kafka import KafkaProducer


def main() -> None:
    """Send each line, and end when the broker has acknowledged all."""
    producer = KafkaProducer(bootstrap_servers=sys.argv[1], acks="all", enable_idempotence=True)
    topic = sys.argv[2] if sys.argv[2:] else "news.raw"
    sent = []
    for line in sys.stdin:
        article = {"ingested_at": datetime.now(UTC).isoformat(), **json.loads(line)}
        value = json.dumps(article).encode()
        sent.append(producer.send(topic, key=article["article_id"].encode(), value=value))
    for future in sent:
        future.get(timeout=60)
    producer.close()
    sys.stdout.write(f"{len(sent)} articles acknowledged\n")


if __name__ == "__main__":
    main()
