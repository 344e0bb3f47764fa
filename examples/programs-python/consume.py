"""Print who said what, from news.enriched: a line of JSON a statement.

python consume.py localhost:9092 --until 10    # ends after so many records; without, it goes on
"""

from __future__ import annotations

import argparse
import json
import sys

from kafka import KafkaConsumer


def main() -> None:
    """Read from the beginning, as a group of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("broker")
    parser.add_argument("--topic", default="news.enriched")
    parser.add_argument("--until", type=int)
    options = parser.parse_args()
    consumer = KafkaConsumer(
        options.topic,
        bootstrap_servers=options.broker,
        group_id="example-consumer",
        session_timeout_ms=6000,
        auto_offset_reset="earliest",
        enable_auto_commit=True,
    )
    for count, message in enumerate(consumer, start=1):
        record = json.loads(message.value)
        article = record["article"]
        for quote in record.get("quotes") or ():
            line = {
                "article": article["article_id"],
                "speaker": (quote.get("speaker") or {}).get("name"),
                "words": quote["text"],
            }
            sys.stdout.write(json.dumps(line) + "\n")
        if count == options.until:
            break
    consumer.close()


if __name__ == "__main__":
    main()
