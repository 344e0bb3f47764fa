"""Two examples of each command, for its --help."""

from __future__ import annotations

EXAMPLES = {
    "demo": ("pipeline demo", "pipeline demo archive/ --data var/try"),
    "up": ("pipeline up", "pipeline up --data /srv/news --port 9092"),
    "enrich": ("pipeline enrich article.txt", "pipeline enrich --json - < articles.jsonl > records.jsonl"),
    "replay": (
        "pipeline replay archive/ --rate 50 --resume archive.progress",
        "pipeline replay day.jsonl.gz --speed 60 --since yesterday --loop",
    ),
    "watch": ("pipeline watch folder inbox/", "pipeline watch --feeds feeds.toml"),
    "ingest": ("pipeline ingest", "PIPELINE_INGEST_TOKEN=… pipeline ingest --host 0.0.0.0 --port 8470"),
    "reprocess": (
        "pipeline reprocess --stage quotes --since 30d",
        "pipeline reprocess --stage entities --execute",
    ),
    "worker": ("pipeline worker", "pipeline worker --stage entities --stage quotes"),
    "status": ("pipeline status", "pipeline status --watch 2"),
    "verify": ("pipeline verify", "pipeline verify --json"),
    "quotes": (
        "pipeline quotes --speaker 'Ada Bell' --since 7d",
        "pipeline quotes --about ferry --polarity denied",
    ),
    "articles": (
        "pipeline articles --naming 'Ada Bell'",
        "pipeline articles --words 'ferry \"harbour wall\"' --verdict original --csv",
    ),
    "entities": ("pipeline entities --type PERSON --since 30d", "pipeline entities --alias Fed"),
    "clusters": ("pipeline clusters --since yesterday", "pipeline clusters ID"),
    "questions": (
        "pipeline questions add ferries --words 'ferry \"harbour wall\"' --country GB",
        "pipeline questions test ferries --since 7d",
    ),
    "alerts": ("pipeline alerts", "pipeline alerts --follow --question ferries"),
    "show": ("pipeline show ID", "pipeline show ID --html > article.html"),
    "export": (
        "pipeline export --of statements --speaker 'Ada Bell' --output bell.csv",
        "pipeline export ferry --since 30d --as ninjs > ferry.jsonl",
    ),
    "schema": ("pipeline schema enriched-article", "pipeline schema --write schemas/"),
    "doctor": ("pipeline doctor", "pipeline doctor --json"),
    "settings": ("pipeline settings", "PIPELINE_PARTITIONS=16 pipeline settings"),
    "exporter": ("pipeline exporter", "PIPELINE_METRICS_PORT=9465 pipeline exporter"),
    "console": ("pipeline console", "PIPELINE_CONSOLE_TOKEN=… pipeline console --host 0.0.0.0"),
    "broker": ("pipeline broker", "pipeline broker --port 0 --data var/broker"),
    "topics": ("pipeline topics ensure", "pipeline topics list"),
    "dead-letters": (
        "pipeline dead-letters list --since 1d",
        "pipeline dead-letters redrive --reason not-json --yes",
    ),
    "store": ("pipeline store upgrade", "pipeline store check"),
    "forget": ("pipeline forget ID --execute", "pipeline forget --source 'Harbour Post' --with-copies"),
    "retain": ("pipeline retain --older-than 400d", "pipeline retain --older-than 2025-01 --execute"),
}


def shown(command: str) -> str | None:
    """The examples as the end of a help text; None where there are none."""
    found = EXAMPLES.get(command)
    return None if found is None else "Examples:\n\n" + "\n\n".join(f"  {line}" for line in found)
