"""The usual script, without a broker: `python -m benchmarks.peers.script ARTICLES.jsonl PROCESSES`.

spaCy's `nlp.pipe` with all that the model has (textacy needs tagger, parser and lemmatizer), textacy's direct
quotations, near copies by datasketch's MinHash over words in threes. Results stay in memory. Prints the seconds
of the processor and those from the first article to the last, with everything loaded before.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

import orjson
import spacy
import textacy.extract
from datasketch import MinHash, MinHashLSH
from spacy.tokens import Doc

from benchmarks.processes import processor_seconds
from pipeline.settings import Settings

_PERMUTATIONS, _THRESHOLD, _WORDS = 128, 0.5, 3


def copy_of(index: MinHashLSH, article_id: str, text: str) -> list[str]:
    """The ids of earlier articles that are much like this one, which is put beside them."""
    words = text.lower().split()
    sketch = MinHash(num_perm=_PERMUTATIONS)
    sketch.update_batch([" ".join(words[at : at + _WORDS]).encode() for at in range(len(words))])
    found: list[str] = index.query(sketch)
    index.insert(article_id, sketch)
    return found


def quotations(doc: Doc) -> list[tuple[str, str]]:
    """Who said what; none where textacy takes the marks for unbalanced, and raises."""
    try:
        return [
            (" ".join(word.text for word in found.speaker), found.content.text)
            for found in textacy.extract.direct_quotations(doc)
        ]
    except ValueError:
        return []


def main() -> None:
    articles = [orjson.loads(line) for line in Path(sys.argv[1]).read_bytes().splitlines()]
    processes = int(sys.argv[2])
    warnings.filterwarnings("ignore", r"\[W095\]", UserWarning)
    nlp = spacy.load(Settings().spacy_model)
    list(nlp.pipe([article["text"] for article in articles[:5]]))
    index = MinHashLSH(threshold=_THRESHOLD, num_perm=_PERMUTATIONS)
    start, spent = time.perf_counter(), processor_seconds()
    results = []
    pairs = ((article["text"], article["article_id"]) for article in articles)
    for doc, article_id in nlp.pipe(pairs, as_tuples=True, n_process=processes):
        names = [(entity.text, entity.label_) for entity in doc.ents]
        results.append((article_id, copy_of(index, article_id, doc.text), names, quotations(doc)))
    seconds = time.perf_counter() - start
    print(processor_seconds() - spent, seconds)


if __name__ == "__main__":
    main()
