import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.urls import address_in_id, canonical_url, host_of

_PIECE = st.text(st.sampled_from("abZ09-._~%/?#&=:@[]+ ü"), max_size=12)
_ADDRESSES = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://", "https://", "//", "mailto:", ""]),
    st.sampled_from(
        ["Gazette.Example", "gazette.example:443", "user@gazette.example", "[::1]:80", "xn--a.example."]
    ),
    st.sampled_from(["", "/", "//"]) | _PIECE,
    st.sampled_from(["", "/", "?", "#top"]),
    _PIECE,
    st.sampled_from(["", "?utm_source=rss&id=7", "&fbclid=1", "#x"]),
)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("HTTPS://Gazette.Example/Story", "https://gazette.example/Story"),
        ("https://gazette.example:443/story", "https://gazette.example/story"),
        ("http://gazette.example:8080/story", "http://gazette.example:8080/story"),
        ("https://gazette.example/story/", "https://gazette.example/story"),
        ("https://gazette.example/", "https://gazette.example"),
        ("https://gazette.example/story#comments", "https://gazette.example/story"),
        ("https://gazette.example/story?utm_source=rss&UTM_Medium=x", "https://gazette.example/story"),
        ("https://gazette.example/story?fbclid=a&page=2", "https://gazette.example/story?page=2"),
        ("https://gazette.example/story?b=2&a=1", "https://gazette.example/story?a=1&b=2"),
        ("https://gazette.example/caf%c3%a9", "https://gazette.example/caf%C3%A9"),
        ("  https://gazette.example/story\n", "https://gazette.example/story"),
        ("https://[2001:db8::1]/story", "https://[2001:db8::1]/story"),
        ("https://gazette.example./story", "https://gazette.example/story"),
        ("https://gazette.example/café", "https://gazette.example/caf%C3%A9"),
        ("https://gazette.example/%63af%C3%A9", "https://gazette.example/caf%C3%A9"),
        ("https://gazette.example/mayor%27s%2c_2", "https://gazette.example/mayor's,_2"),
        ("https://gazette.example/a/./b/../c", "https://gazette.example/a/c"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://gazette.example/a?q=é&7", "https://gazette.example/a?7&q=%C3%A9"),
        ("https://gazette.example/a%2Fb", "https://gazette.example/a%2Fb"),
        ("https://gazette.example/%zz", "https://gazette.example/%zz"),
    ],
)
def test_addresses_of_one_article_become_one(written: str, canonical: str) -> None:
    assert canonical_url(written) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://gazette.example/story?id=1", "https://gazette.example/story?id=2"),
        ("https://gazette.example/a", "https://gazette.example/A"),
        ("http://gazette.example/a", "https://gazette.example/a"),
    ],
)
def test_addresses_that_may_be_two_articles_stay_two(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("odd", ["urn:uuid:7", "story 12", "http://[::1", "https://a:port/x", "https://"])
def test_what_is_no_web_address_is_left_alone(odd: str) -> None:
    assert canonical_url(odd) == odd


@given(_ADDRESSES | st.text())
def test_the_canonical_form_is_its_own_canonical_form(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("written", "in_id"),
    [
        (
            "https://Gazette.example/Story/?b=2&utm_source=rss&a=1#top",
            "https://gazette.example/Story?a=1&b=2",
        ),
        ("https://gazette.example/mayor%27s", "https://gazette.example/mayor%27s"),
        ("https://gazette.example/café", "https://gazette.example/café"),
        ("https://gazette.example/a/../b", "https://gazette.example/a/../b"),
    ],
)
def test_ids_are_made_of_the_form_that_they_always_had(written: str, in_id: str) -> None:
    assert address_in_id(written) == in_id
    assert canonical_url(in_id) == canonical_url(written)


@given(_ADDRESSES | st.text())
def test_the_form_in_ids_changes_nothing_more_of_itself(url: str) -> None:
    once = address_in_id(url)
    assert address_in_id(once) == once


@given(_ADDRESSES | st.text())
def test_no_address_raises(url: str) -> None:
    host_of(url)


def test_the_host_is_the_outlet() -> None:
    assert host_of("https://www.Gazette.example/story") == "gazette.example"
    assert host_of("urn:uuid:7") is None
    assert host_of("http://[::1") is None
