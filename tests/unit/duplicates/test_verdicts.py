from __future__ import annotations

import pytest

from pipeline.record import Article, Duplicate, Relation, Verdict
from pipeline.stages.duplicates import Deduplicator, MemoryStateStore
from tests.unit.duplicates.newsroom import article, edited, prose, words


def judge(*articles: Article) -> list[Duplicate]:
    """The verdicts of a fresh stage, one article a batch."""
    stage = Deduplicator(MemoryStateStore())
    verdicts = [verdict for one in articles for verdict in stage.decide([one])]
    return [verdict for verdict in verdicts if isinstance(verdict, Duplicate)]


def test_a_story_nobody_told_before_is_an_original_that_founds_its_own_cluster() -> None:
    verdicts = judge(article("a", prose(words(1))), article("b", prose(words(2))))
    assert [verdict.verdict for verdict in verdicts] == [Verdict.ORIGINAL, Verdict.ORIGINAL]
    assert [verdict.cluster_id for verdict in verdicts] == ["a", "b"]
    assert verdicts[1].duplicate_of is None
    assert verdicts[1].jaccard is None


def test_the_same_words_set_otherwise_are_an_exact_copy() -> None:
    text = prose(words(1))
    _, copy = judge(article("a", text), article("b", text.upper().replace(". ", " —\u00a0“") + "\n"))
    assert copy == Duplicate(
        verdict=Verdict.EXACT,
        cluster_id="a",
        duplicate_of="a",
        relation=Relation.COPY,
        jaccard=1.0,
        containment=1.0,
    )


@pytest.mark.parametrize(
    ("change", "tokens"),
    [
        ("another headline", words(9, 12) + words(1)[8:]),
        ("cut to a third", words(1)[:70]),
        ("wrapped in boilerplate", words(7, 15) + words(1) + words(8, 30)),
        ("one word in twenty replaced", edited(words(1), 0.05)),
        ("the lede rewritten", words(6, 40) + words(1)[40:]),
    ],
)
def test_a_changed_copy_is_near_and_joins_the_cluster(change: str, tokens: list[str]) -> None:
    _, copy = judge(article("a", prose(words(1))), article("b", prose(tokens)))
    assert (copy.verdict, copy.cluster_id, copy.duplicate_of) == (Verdict.NEAR, "a", "a"), change


def test_a_story_told_on_with_more_new_text_than_old_is_an_update() -> None:
    _, update = judge(article("a", prose(words(1))), article("b", prose(words(1) + words(2, 300))))
    assert (update.verdict, update.cluster_id, update.duplicate_of) == (Verdict.UPDATE, "a", "a")


def test_two_stories_that_quote_the_same_statement_are_two_stories() -> None:
    statement = words(3, 50)
    _, other = judge(
        article("a", prose(words(1) + statement)), article("b", prose(words(2, 150) + statement + words(4)))
    )
    assert other.verdict is Verdict.ORIGINAL


def test_a_form_filled_in_with_other_figures_is_another_story() -> None:
    def report(figures: list[int]) -> str:
        slots = iter(figures)
        return prose([str(next(slots)) if at % 6 == 5 else word for at, word in enumerate(words(5, 120))])

    _, other = judge(article("a", report(list(range(100, 120)))), article("b", report(list(range(300, 320)))))
    assert other.verdict is Verdict.ORIGINAL


def _with_figures(tokens: list[str], figures: list[int]) -> list[str]:
    """A text with a number after every so many words."""
    every = len(tokens) // len(figures)
    mixed = list(tokens)
    for number, figure in reversed(list(enumerate(figures, start=1))):
        mixed.insert(number * every, str(figure))
    return mixed


def test_a_toll_that_rises_in_the_same_words_is_an_update() -> None:
    before = prose(_with_figures(words(1), [2, 340, 15, 7]))
    after = prose(_with_figures(words(1), [4, 412, 15, 7]))
    _, update = judge(article("a", before), article("b", after))
    assert (update.verdict, update.relation, update.cluster_id) == (Verdict.UPDATE, Relation.UPDATE, "a")


@pytest.mark.parametrize(
    ("mark", "relation"),
    [
        ("CORRECTED-Ferry lost", Relation.CORRECTS),
        ("Correction: Ferry lost", Relation.CORRECTS),
        ("Ferry lost (Corrects toll in lead)", Relation.CORRECTS),
        ("REFILE-Ferry lost", Relation.CORRECTS),
        ("UPDATE 2-Ferry lost", Relation.UPDATE),
        ("Ferry lost (Adds details, quotes)", Relation.UPDATE),
    ],
)
def test_what_says_that_it_corrects_or_updates_is_tied_whatever_its_numbers(
    mark: str, relation: Relation
) -> None:
    figures = list(range(100, 120))
    text, other = (_with_figures(words(1), numbers) for numbers in (figures, [one + 300 for one in figures]))
    _, take = judge(article("a", f"Ferry lost\n\n{prose(text)}"), article("b", f"{mark}\n\n{prose(other)}"))
    assert (take.verdict, take.relation, take.cluster_id, take.duplicate_of) == (
        Verdict.UPDATE,
        relation,
        "a",
        "a",
    )


@pytest.mark.parametrize(
    "headline", ["Update on the ferry", "Corrected vision helps sailors", "Lead: the metal"]
)
def test_words_that_only_look_like_such_marks_are_none(headline: str) -> None:
    figures = list(range(100, 120))
    text, other = (_with_figures(words(1), numbers) for numbers in (figures, [one + 300 for one in figures]))
    verdicts = judge(article("a", prose(text)), article("b", f"{headline}\n\n{prose(other)}"))
    assert verdicts[1].relation is not Relation.CORRECTS


def test_notices_of_one_form_about_others_are_other_stories() -> None:
    form = words(5, 60)
    _, other = judge(
        article("a", prose(["Fenbank", "Funding", *words(6, 25), *form])),
        article("b", prose(["Marshland", "Water", *words(7, 25), *form])),
    )
    assert other.verdict is Verdict.ORIGINAL


def test_a_brief_under_another_headline_is_a_copy() -> None:
    form = words(5, 80)
    _, copy = judge(article("a", prose(["Fenbank", *form])), article("b", prose(["Marshland", *form])))
    assert (copy.verdict, copy.relation) == (Verdict.NEAR, Relation.COPY)


def test_a_piece_of_a_longer_text_is_an_excerpt_of_it() -> None:
    _, excerpt = judge(article("a", prose(words(1, 400))), article("b", prose(words(1, 400)[:90])))
    assert (excerpt.verdict, excerpt.relation, excerpt.cluster_id) == (Verdict.NEAR, Relation.EXCERPT, "a")


def test_the_end_of_a_chain_of_updates_is_another_story() -> None:
    first, second, third = words(1), words(2), words(3)
    story, told_on, far = judge(
        article("a", prose(first)),
        article("b", prose(first[:115] + second)),
        article("c", prose(second[:110] + third[:80])),
    )
    assert story.cluster_id == "a"
    assert (told_on.relation, told_on.cluster_id) == (Relation.UPDATE, "a")
    assert (far.verdict, far.relation, far.duplicate_of, far.cluster_id) == (
        Verdict.UPDATE,
        Relation.UPDATE,
        "b",
        "c",
    )


def test_the_same_words_outside_the_window_are_another_story_in_both_directions() -> None:
    text = prose(words(1))
    _, later, earlier = judge(
        article("a", text, hours=200, published=100),
        article("b", text, hours=201, published=173),
        article("c", text, hours=202, published=27),
    )
    assert later.verdict is Verdict.ORIGINAL
    assert earlier.verdict is Verdict.ORIGINAL


def test_a_publisher_clock_in_the_future_is_clamped_to_the_time_of_ingest() -> None:
    text = prose(words(1))
    _, copy = judge(article("a", text, hours=0), article("b", text, hours=1, published=1000))
    assert copy.verdict is Verdict.EXACT


def test_two_copies_of_a_story_in_one_batch_are_found() -> None:
    stage = Deduplicator(MemoryStateStore())
    text = prose(words(1))
    verdicts = stage.decide(
        [
            article("a", text),
            article("b", text),
            article("c", prose(words(1)[:100])),
            article("d", prose(words(2))),
        ]
    )
    assert [verdict.verdict.value for verdict in verdicts if isinstance(verdict, Duplicate)] == [
        "original",
        "exact",
        "near",
        "original",
    ]


def test_a_changed_text_under_the_same_id_is_a_revision_in_the_same_cluster() -> None:
    first, copy, revision = judge(
        article("a", prose(words(1))), article("b", prose(words(1)[:100])), article("b", prose(words(2)))
    )
    assert copy.verdict is Verdict.NEAR
    assert revision == Duplicate(verdict=Verdict.REVISION, cluster_id=first.cluster_id)


def test_a_revision_is_found_in_place_of_the_text_it_replaces() -> None:
    _, _, like_the_old, like_the_new = judge(
        article("a", prose(words(1))),
        article("a", prose(words(2))),
        article("b", prose(words(1))),
        article("c", prose(words(2))),
    )
    assert like_the_old.verdict is Verdict.ORIGINAL
    assert (like_the_new.verdict, like_the_new.duplicate_of) == (Verdict.EXACT, "a")


def test_a_late_article_that_holds_two_stories_makes_their_clusters_one() -> None:
    store = MemoryStateStore()
    stage = Deduplicator(store)
    stage.decide([article("z", prose(words(1))), article("a", prose(words(2)))])
    (tie,) = stage.decide([article("m", prose(words(1) + words(2)))])
    assert isinstance(tie, Duplicate)
    assert tie.cluster_id == "z"
    assert list(store.merges()) == [("a", "z")]
    (later,) = stage.decide([article("n", prose(words(2)))])
    assert isinstance(later, Duplicate)
    assert (later.cluster_id, later.duplicate_of) == ("z", "a")
