"""WARC: the pages of a crawl are articles, and what is beside them is passed over."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.record import Article
from pipeline.sources import read_articles

_SENTENCE = "The mayor of Fenmouth said on day %d that the pier café will close for the winter, all of it."
_BODY = "".join(f"<p>{_SENTENCE % day}</p>" for day in range(5))
_PAGE = f"<html><head><title>Pier</title></head><body><article><h1>Pier closes</h1>{_BODY}</article></body></html>"


def _record(kind: str, content_type: str, block: bytes, uri: str = "https://courier.example/pier") -> bytes:
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2025-05-04T09:30:00Z\r\n"
        f"WARC-Target-URI: {uri}\r\nContent-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def _answer(
    body: bytes, headers: str = "Content-Type: text/html; charset=utf-8", status: str = "200 OK"
) -> bytes:
    block = f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body
    return _record("response", "application/http; msgtype=response", block)


_CRAWL = b"".join(
    [
        _record("warcinfo", "application/warc-fields", b"software: x\r\n"),
        _record("request", "application/http; msgtype=request", b"GET /pier HTTP/1.1\r\n\r\n"),
        _answer(_PAGE.encode()),
        _answer(_PAGE.encode("cp1252"), "Content-Type: text/html; charset=windows-1252"),
        _answer(gzip.compress(_PAGE.encode()), "Content-Type: text/html\r\nContent-Encoding: gzip"),
        _answer(b"\x89PNG", "Content-Type: image/png"),
        _answer(b"", "Location: /pier", "301 Moved"),
        _answer(b"<html><body>gone</body></html>", status="404 Not Found"),
        _answer(b"<html><body><a href='/'>Home</a></body></html>"),
        _record("conversion", "text/plain", _SENTENCE.encode()),
    ]
)


def _read(path: Path, data: bytes) -> tuple[list[Article], list[str]]:
    path.write_bytes(data)
    found = list(read_articles([path]))
    return (
        [one for one in found if isinstance(one, Article)],
        [str(one).removeprefix(f"{path.parent}/") for one in found if isinstance(one, SourceError)],
    )


@pytest.mark.parametrize("packed", [False, True])
def test_the_pages_of_a_crawl_are_articles(tmp_path: Path, packed: bool) -> None:
    members = b"".join(gzip.compress(b"WARC/1.1" + part) for part in _CRAWL.split(b"WARC/1.1")[1:])
    name = "crawl.warc.gz" if packed else "crawl.warc"
    articles, problems = _read(tmp_path / name, members if packed else _CRAWL)
    assert len(articles) == 4
    for article in articles[:3]:
        assert article.title == "Pier closes"
        assert "the pier café will close" in article.text
        assert (article.url, article.source) == ("https://courier.example/pier", "courier.example")
        assert article.published_at is None, "the day of the crawl is not that of the article"
    assert articles[3].text == _SENTENCE
    assert problems == [
        f"{name}:9: is an HTML page without an article in it: a list of links, or a page of scripts"
    ]


def test_a_crawl_is_told_by_its_first_bytes_and_one_without_pages_is_named(tmp_path: Path) -> None:
    articles, _ = _read(tmp_path / "crawl.txt", _CRAWL)
    assert len(articles) == 4
    _, problems = _read(tmp_path / "crawl.warc", _record("warcinfo", "application/warc-fields", b"x: y\r\n"))
    assert problems == ["crawl.warc: is a WARC archive without a page in it"]
    _, problems = _read(tmp_path / "crawl.warc", b"Ferry late.\n")
    assert problems == ["crawl.warc: is named like a file of a crawl (WARC), and begins like none"]


@settings(max_examples=60)
@given(st.integers(0, len(_CRAWL)), st.binary(max_size=20), st.booleans())
def test_no_crawl_breaks_the_reader_wherever_it_is_damaged(
    tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes, cut: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.warc"
    path.write_bytes(_CRAWL[:at] + junk + (b"" if cut else _CRAWL[at + len(junk) :]))
    assert all(isinstance(one, Article | SourceError) for one in read_articles([path]))
