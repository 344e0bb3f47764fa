from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.duplicates.normalise import normalise
from pipeline.stages.duplicates.sketch import sketch
from pipeline.stages.duplicates.tokens import tokenise


def same_content(left: str, right: str) -> bool:
    _, (one, other) = sketch([left, right])
    return one == other


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("The Mayor Of Fennmark", "the mayor of FENNMARK"),
        ("“We won’t pay,” she said", '"We won\'t pay," she said'),
        ("the deal — at last — is done", "the deal - at last - is done"),
        ("one line\nand  another\ttoo", "one line and another too"),
        ("co\u00adop\u00ader\u00ada\u00adtion", "cooperation"),
        ("zero\u200bwidth", "zerowidth"),
        ("ﬁrst oﬃce", "first office"),
        ("１２３ ｗｏｒｄｓ", "123 words"),
        ("cafe\u0301 society", "café society"),
        ("Straße", "STRASSE"),
        ("İstanbul", "i̇stanbul"),
        ("Fish &amp; chips &quot;today&quot;", 'Fish & chips "today"'),
        ("It &amp;rsquo;s late&nbsp;now", "It ’s late now"),
        ("ไทย เขียน", "ไทยเขียน"),
    ],
)
def test_differences_in_setting_are_none(left: str, right: str) -> None:
    assert same_content(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("up 1.5 points", "up 15 points"),
        ("7,500 jobs", "75,00 jobs"),
        ("re sign", "resign"),
        ("the first word", "the word first"),
        ("a" * 64 + "b", "a" * 64 + "c"),
        ("a" * 200, "a" * 201),
        ("中文", "文中"),
        ("é", "e"),
        ("\u0141", "A"),
    ],
)
def test_differences_in_words_are_differences(left: str, right: str) -> None:
    assert not same_content(left, right)


@given(st.text(alphabet=st.characters(max_codepoint=0xFF)))
def test_latin_1_folds_as_it_does_beside_a_letter_of_another_block(text: str) -> None:
    assert normalise(text + "\né") == normalise(text + "\néł").removesuffix("ł")


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_a_text_has_the_same_sketch_alone_and_among_others(texts: list[str]) -> None:
    together, contents = sketch(texts)
    for row, text in enumerate(texts):
        alone, (content,) = sketch([text])
        assert content == contents[row]
        assert (alone.hashes[0] == together.hashes[row]).all()
        assert (alone.numbers[0] == together.numbers[row]).all()
        assert alone.sizes[0] == together.sizes[row]


def test_an_ideograph_of_a_higher_plane_hashes_as_it_does_beside_others() -> None:
    _, (alone,) = sketch(["\U00020001"])
    _, (beside, _) = sketch(["\U00020001", "一"])
    assert alone == beside


@given(
    st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True)),
    st.sampled_from([" ", ", ", " — ", ".\n\n", "…“"]),
)
def test_punctuation_and_case_never_count(words: list[str], separator: str) -> None:
    assert same_content(" ".join(words) + " end", separator.join(words).upper() + separator + "End")


@given(st.lists(st.from_regex(r"[a-z]{1,70}", fullmatch=True), min_size=1, max_size=8, unique=True))
def test_different_words_have_different_hashes(words: list[str]) -> None:
    hashes = [tuple(tokenise([word]).hashes.tolist()) for word in words]
    assert len(set(hashes)) == len(words)


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    tokens = tokenise(["Rat 二零三一年 ขอขอบคุณ"])
    assert len(tokens.hashes) == 1 + 5 + 8
    sketches, _ = sketch(["二零三一年五月四日在首都举行"])
    assert sketches.sizes[0] == 14 - 5 + 1
