"""Learn where reported speech ends and which clauses are statements: writes the weights of the quotes stage.

    python benchmarks/learn_statements.py POLNEAR [--records FILE] [--write]

POLNEAR holds `train/text` and `train/attributions` of the PolNeAR corpus, which is no part of this repository. The
entities come from the entities stage, or from FILE, what `pipeline enrich --json - --stage entities` printed for these
texts. Both models are logistic regressions over the signs that `pipeline.stages.quotes.ends` and `.gate` name. Prints
what five-fold cross-validation by article says of them; with --write the weights go into the English language package.
"""

from __future__ import annotations

import argparse
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.enricher import Enricher
from pipeline.interface import as_article
from pipeline.languages import ENGLISH
from pipeline.languages.speech import Speech
from pipeline.record import EnrichedArticle
from pipeline.stages.quotes.clauses import Scanner
from pipeline.stages.quotes.content import Content
from pipeline.stages.quotes.ends import form_of, marks_in
from pipeline.stages.quotes.ends import signs as end_signs
from pipeline.stages.quotes.fragments import fragments
from pipeline.stages.quotes.indirect import contents
from pipeline.stages.quotes.mentions import Mentions
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.prose import Paragraph, read
from pipeline.stages.quotes.statements import candidates
from pipeline.text.paragraphs import paragraphs

TABLE = Path(__file__).parents[1] / "pipeline/languages/en/speech/statements.toml"
LEAST = 0.8  # of the letters of both that a content shares with a labelled one to be right
FOLDS = 5
FEWEST = 10  # examples of a sign that is learned
SMALLEST = 0.08  # weight that is written

Chars = set[int]


@dataclass(frozen=True)
class Label:
    """A labelled attribution: the letters of its content, where that begins and ends, the characters of its source."""

    content: Chars
    start: int
    end: int
    source: Chars


@dataclass(frozen=True)
class Example:
    """One case for a model: its signs, whether it holds, and the fold of its article."""

    signs: list[str]
    holds: bool
    fold: int


def labels(path: Path, text: str) -> list[Label]:
    """The attributions of a brat standoff file."""
    spans: dict[str, list[tuple[int, int]]] = {}
    events: list[dict[str, list[str]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, rest = line.partition("\t")
        if key.startswith("T") and rest:
            pieces = rest.partition("\t")[0].split(" ", 1)[1].split(";")
            spans[key] = [(int(a), int(b)) for a, b in map(str.split, pieces)]
        elif key.startswith("E"):
            roles: dict[str, list[str]] = defaultdict(list)
            for role in rest.split():
                name, value = role.split(":")
                roles[re.sub(r"\d+$", "", name)].append(value)
            events.append(roles)
    found = []
    for event in events:
        content = [span for key in event.get("Content", []) for span in spans[key]]
        source = [span for key in event.get("Source", []) for span in spans[key]]
        if letters := _letters(text, content):
            found.append(Label(letters, content[0][0], content[-1][1], _characters(source)))
    return found


def _characters(spans: Sequence[tuple[int, int]]) -> Chars:
    return {k for start, end in spans for k in range(start, end)}


def _letters(text: str, spans: Sequence[tuple[int, int]]) -> Chars:
    return {k for k in _characters(spans) if text[k].isalnum()}


def read_corpus(folder: Path, given: Path | None) -> Iterator[tuple[EnrichedArticle, list[Label]]]:
    """The articles with their entities, and their labels."""
    annotated: dict[str, Path] = {}
    for path in sorted((folder / "train/attributions").glob("*_????.ann")):
        annotated.setdefault(path.name[:-9], path)
    for record in _records(folder, given):
        path = annotated[record.article.article_id]
        yield record, labels(path, record.article.text)


def _records(folder: Path, given: Path | None) -> Iterator[EnrichedArticle]:
    if given is not None:
        with given.open(encoding="utf-8") as lines:
            yield from map(EnrichedArticle.model_validate_json, lines)
        return
    articles = []
    for path in sorted((folder / "train/text").glob("*.txt")):
        with path.open(encoding="utf-8", newline="") as file:
            articles.append(as_article({"id": path.stem, "text": file.read(), "language": "en"}))
    for _, record in Enricher.load(stages=["entities"]).enrich(articles):
        if isinstance(record, EnrichedArticle):
            yield record


def found_in(record: EnrichedArticle, speech: Speech) -> Iterator[tuple[Paragraph, list[Content], bool]]:
    """The contents of each paragraph, and whether it is the headline."""
    text = record.article.text
    mentions = Mentions(record.entities, text)
    for start, end in paragraphs(text):
        in_title = end <= record.article.body_start
        prose = read(text, start, end, fragments(text, start, end, speech), speech, whole=in_title)
        if prose.low:
            clauses = Scanner(prose, Nouns(prose, mentions), headline=in_title).clauses()
            yield prose, contents(prose, clauses), in_title


def ends(corpus: Sequence[tuple[EnrichedArticle, list[Label]]], speech: Speech) -> list[Example]:
    """At the marks of each content that begins where a labelled one does: whether the label ends there."""
    examples: list[Example] = []
    for record, wanted in corpus:
        text, fold = record.article.text, fold_of(record)
        for prose, found, _ in found_in(record, speech):
            for content in found:
                lo, hi = content.rest or (content.lo, content.hi)
                if content.rule.value == "indirect-before" and content.rest is None:
                    continue
                start, _ = prose.span(lo, hi)
                label = next((one for one in wanted if _begins(text, one, start)), None)
                if label is not None:
                    told = _marks(prose, content, (lo, hi), label.end)
                    examples += (Example(found_signs, stops, fold) for found_signs, stops in told)
    return examples


def _begins(text: str, label: Label, start: int) -> bool:
    first = min(label.content)
    return (
        start <= first + 1 and first <= start + 8 and not any(c.isalnum() for c in text[start:first])
    ) or any(k in label.content and k - 1 not in label.content for k in (start, start + 1))


def _marks(
    prose: Paragraph, content: Content, span: tuple[int, int], label_end: int
) -> Iterator[tuple[list[str], bool]]:
    """The signs at each mark up to the label's end, and whether it ends there."""
    marks = marks_in(prose, *span)
    for at, mark in enumerate(marks):
        following = marks[at + 1] if at + 1 < len(marks) else span[1]
        place = prose.starts[mark]
        if label_end < place - 1:
            return
        stops = label_end <= place + 1
        yield list(end_signs(prose, span, mark, following, form_of(content.clause, content.rule))), stops
        if stops:
            return


def statements(corpus: Sequence[tuple[EnrichedArticle, list[Label]]], speech: Speech) -> list[Example]:
    """For each content: whether a labelled one has its words and its holder."""
    examples: list[Example] = []
    for record, wanted in corpus:
        text, fold = record.article.text, fold_of(record)
        for prose, found, in_title in found_in(record, speech):
            for content, told in candidates(prose, found, headline=in_title):
                spans = [prose.span(content.lo, content.hi)]
                if content.rest:
                    spans.append(prose.span(*content.rest))
                subject = content.clause.subject
                holder = set(range(subject.start, subject.end))
                if subject.head is not None:
                    holder |= set(range(subject.head.start, subject.head.end))
                ours = _letters(text, spans)
                holds = any(
                    len(ours & one.content) >= LEAST * len(ours | one.content)
                    and (not one.source or not holder.isdisjoint(one.source))
                    for one in wanted
                    if not ours.isdisjoint(one.content)
                )
                examples.append(Example(list(told), holds, fold))
    return examples


def judged_apart(
    corpus: Sequence[tuple[EnrichedArticle, list[Label]]],
    speech: Speech,
    marks: Sequence[Example],
    strength: float,
) -> list[Example]:
    """The statements of each fold, ended by a model that did not see its articles: how sure it is, is a sign."""
    examples: list[Example] = []
    for fold in range(FOLDS):
        model = Model(strength).fit([one for one in marks if one.fold != fold])
        inside = [(record, wanted) for record, wanted in corpus if fold_of(record) == fold]
        examples += statements(inside, replace(speech, ends=model.weights))
    return examples


def fold_of(record: EnrichedArticle) -> int:
    return zlib.crc32(record.article.article_id.encode()) % FOLDS


class Model:
    """A logistic regression over signs, ridge-regularised, fitted by gradient descent with Adam."""

    def __init__(self, strength: float, rounds: int = 400) -> None:
        self.strength, self.rounds = strength, rounds
        self.weights: dict[str, float] = {}

    def fit(self, examples: Sequence[Example]) -> Model:
        """Learn the weights; gives the model itself."""
        seen = Counter(sign for example in examples for sign in set(example.signs))
        names = sorted(sign for sign, count in seen.items() if count >= FEWEST)
        index = {name: n for n, name in enumerate(names)}
        rows, columns = [], []
        for n, example in enumerate(examples):
            for sign in set(example.signs):
                if sign in index:
                    rows.append(n)
                    columns.append(index[sign])
        row, column = np.array(rows), np.array(columns)
        truth = np.array([example.holds for example in examples], dtype=float)
        weight = np.zeros(len(names))
        first, second = np.zeros_like(weight), np.zeros_like(weight)
        for step in range(1, self.rounds + 1):
            odds = np.bincount(row, weight[column], minlength=len(truth))
            error = 1 / (1 + np.exp(-odds)) - truth
            slope = np.bincount(column, error[row], minlength=len(names)) + self.strength * weight
            slope /= len(truth)
            first = 0.9 * first + 0.1 * slope
            second = 0.999 * second + 0.001 * slope**2
            pace = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
            weight -= 0.03 * pace
        self.weights = {name: float(weight[n]) for name, n in index.items() if abs(weight[n]) >= SMALLEST}
        return self

    def likelihood(self, example: Example) -> float:
        """How likely it holds, in 0..1."""
        odds = sum(self.weights.get(sign, 0.0) for sign in set(example.signs))
        return float(1 / (1 + np.exp(-odds)))


def crossed(examples: Sequence[Example], strength: float) -> list[tuple[float, bool]]:
    """What each example is given by the model that did not see its article."""
    out: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        model = Model(strength).fit([one for one in examples if one.fold != fold])
        out += [(model.likelihood(one), one.holds) for one in examples if one.fold == fold]
    return out


def show(title: str, told: Sequence[tuple[float, bool]]) -> None:
    print(f"{title}: {len(told)} examples, {sum(holds for _, holds in told)} hold")
    loss = -np.mean([np.log(max(p if holds else 1 - p, 1e-9)) for p, holds in told])
    print(f"  log loss {loss:.4f}")
    for floor in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        taken = [float(holds) for p, holds in told if p >= floor]
        print(f"  from {floor:.1f}: {len(taken):6} taken, {np.mean(taken or [0.0]):.3f} of them hold")
    for low in np.arange(0.0, 1.0, 0.1):
        inside = [(p, holds) for p, holds in told if low <= p < low + 0.1]
        if inside:
            said, right = np.mean([p for p, _ in inside]), np.mean([holds for _, holds in inside])
            print(f"  {low:.1f} to {low + 0.1:.1f}: {len(inside):6}, said {said:.3f}, right {right:.3f}")


def write(least: float, gate: dict[str, float], stops: dict[str, float]) -> None:
    head = (
        "# Weights (log odds) of the signs by which reported speech is told from narration (gate) and its end found\n"
        "# (ends), learned from PolNeAR's train split by benchmarks/learn_statements.py; docs/quotes.md says how.\n"
        "# Below `least_likely` nothing is recorded.\n"
    )
    parts = [head, f"least_likely = {least}\n"]
    for name, weights in (("gate", gate), ("ends", stops)):
        parts.append(f"\n[{name}]\n")
        parts += [f"{json.dumps(sign)} = {weight:.2f}\n" for sign, weight in sorted(weights.items())]
    TABLE.write_text("".join(parts), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--records", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument(
        "--least", type=float, default=0.43, help="the likelihood from which a statement is recorded"
    )
    parser.add_argument("--strength", type=float, default=4.0, help="of the regularisation")
    given = parser.parse_args()
    speech = replace(ENGLISH.speech, gate={}, ends={}, least_likely=0.0)
    corpus = list(read_corpus(given.corpus, given.records))
    marks = ends(corpus, speech)
    show("ends", crossed(marks, given.strength))
    stops = Model(given.strength).fit(marks).weights
    judged = judged_apart(corpus, speech, marks, given.strength)
    show("statements", crossed(judged, given.strength))
    gate = Model(given.strength).fit(judged).weights
    print(f"{len(stops)} and {len(gate)} weights")
    if given.write:
        write(given.least, gate, stops)


if __name__ == "__main__":
    main()
