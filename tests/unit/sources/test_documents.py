"""Pages, feeds, news in XML, tables and mail: what becomes an article of them, and what is said of broken ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.record import Article
from pipeline.sources import read_articles
from pipeline.sources.formats import Intake, installed
from pipeline.sources.limits import Limits
from pipeline.sources.problems import UnfitError

_MAYOR = "The mayor of Fenmouth said on Tuesday that the pier will close for the winter because its piles have rotted."
_UNION = (
    "“Nobody asked the ferrymen,” said Ada Quill of the harbour union, which has called a meeting for Friday."
)

_ADDRESS = "https://courier.example/pier"

_PAGE = f"""<!DOCTYPE html>
<html lang="en"><head><title>Pier closes - The Fen Courier</title>
<meta property="og:site_name" content="The Fen Courier"><meta property="og:title" content="Pier closes">
<meta name="author" content="Ada Quill"><meta property="article:section" content="Harbour">
<meta property="article:published_time" content="2025-05-04T09:30:00+00:00">
<link rel="canonical" href="https://courier.example/pier"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>Pier closes</h1><p>{_MAYOR}</p><p>{_UNION}</p><p>{_MAYOR.replace("pier", "ferry")}</p></article>
<footer>Follow us. <a href="/terms">Terms</a></footer></body></html>"""

_RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Fen Courier</title>
<language>en-gb</language><item><title>Pier &amp; ferry close</title><link>https://courier.example/pier?utm_source=rss</link>
<guid>pier-1</guid>
<author>desk@courier.example (Ada Quill)</author><category>Harbour</category>
<pubDate>Sun, 04 May 2025 09:30:00 GMT</pubDate><description>The pier closes.</description>
<content:encoded><![CDATA[<p>{_MAYOR}</p><p>{_UNION}</p>]]></content:encoded></item>
<item><title>Nothing said</title><link>https://courier.example/none</link></item></channel></rss>"""

_ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>The Fen Courier</title>
<entry><title>Pier closes</title>
<author><name>Ada Quill</name></author><category term="Harbour"/><id>tag:pier</id>
<link href="https://courier.example/pier"/>
<updated>2025-05-04T09:30:00Z</updated><summary>{_MAYOR}</summary></entry></feed>"""

_JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Fen Courier",
        "items": [
            {
                "id": "1",
                "url": "https://courier.example/pier",
                "title": "Pier closes",
                "content_html": f"<p>{_MAYOR}</p><p>{_UNION}</p>",
                "date_published": "2025-05-04T09:30:00Z",
                "authors": [{"name": "Ada Quill"}],
                "tags": ["Harbour", "Winter"],
            }
        ],
    }
)

_NITF = f"""<?xml version="1.0"?><nitf><head><title>Pier</title><docdata><doc-id id-string="pier-1"/>
<date.issue norm="20250504T093000Z"/></docdata><pubdata position.section="Harbour"/></head>
<body><body.head><hedline><hl1>Pier closes</hl1></hedline>
<byline>By <person>Ada Quill</person>
<byttl>Harbour correspondent</byttl></byline><distributor>Fen Wire</distributor></body.head>
<body.content><p>{_MAYOR}</p><p>{_UNION}</p>
</body.content></body></nitf>"""

_NEWSML = f"""<?xml version="1.0"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="urn:pier:1"><itemMeta><provider literal="Fen Wire"/>
<versionCreated>2025-05-04T09:30:00Z</versionCreated></itemMeta>
<contentMeta><headline>Pier closes</headline><language tag="en"/><by>By Ada Quill</by>
<subject qcode="x:1"><name>Harbour</name></subject></contentMeta><contentSet><inlineXML>
<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{_MAYOR}</p><p>{_UNION}</p></body></html></inlineXML>
</contentSet>
</newsItem></itemSet></newsMessage>"""

_CSV = f"""headline,content,link,date,author,category
Pier closes,"{_MAYOR}

{_UNION}",https://courier.example/pier,2025-05-04T09:30:00Z,By Ada Quill,Harbour
"""

_MAIL = f"""From: The Fen Courier <desk@courier.example>
Subject: Pier closes
Message-ID: <pier-1@courier.example>
Date: Sun, 04 May 2025 09:30:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{_MAYOR}

{_UNION}
"""

_DOCUMENTS = {
    "page.html": _PAGE,
    "feed.rss": _RSS,
    "feed.atom": _ATOM,
    "feed.json": _JSON_FEED,
    "story.nitf": _NITF,
    "story.xml": _NEWSML,
    "rows.csv": _CSV,
    "rows.tsv": f'headline\tcontent\tlink\tdate\nPier closes\t"{_MAYOR}\n\n{_UNION}"\t{_ADDRESS}\t2025-05-04\n',
    "release.eml": _MAIL,
}

Read = Callable[[str, str | bytes], list[Article | SourceError]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """What is read of a file of this name with this in it."""

    def reading(name: str, content: str | bytes) -> list[Article | SourceError]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_articles([path]))

    return reading


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_a_document_becomes_an_article(read: Read, name: str) -> None:
    article = read(name, _DOCUMENTS[name])[0]
    assert isinstance(article, Article), article
    assert article.title in {"Pier closes", "Pier & ferry close"}
    assert article.text.startswith(f"{article.title}\n\n{_MAYOR}")
    assert article.published_at is not None
    midnight = datetime(2025, 5, 4, tzinfo=UTC)
    assert article.published_at in {midnight, midnight.replace(hour=9, minute=30)}
    if name != "feed.atom":
        assert _UNION in article.text.split("\n\n")
    if not name.startswith(("story", "release")):
        assert article.url == "https://courier.example/pier"


@pytest.mark.parametrize("name", [name for name in _DOCUMENTS if not name.startswith("rows")])
def test_what_a_file_holds_goes_before_what_its_name_says(read: Read, name: str) -> None:
    known, misnamed = read(name, _DOCUMENTS[name])[0], read("story.txt", _DOCUMENTS[name])[0]
    assert isinstance(known, Article)
    assert isinstance(misnamed, Article)
    assert misnamed.text == known.text


@pytest.mark.parametrize("name", [name for name in _DOCUMENTS if name not in {"rows.tsv", "release.eml"}])
def test_who_wrote_it_and_its_section_are_kept(read: Read, name: str) -> None:
    article = read(name, _DOCUMENTS[name])[0]
    assert isinstance(article, Article)
    assert (article.authors, article.section) == (("Ada Quill",), "Harbour")


def test_an_item_without_a_text_is_named_by_its_number(read: Read) -> None:
    _, problem = read("feed.rss", _RSS)
    assert isinstance(problem, SourceError)
    assert "feed.rss:2: is an item of a feed without a text" in str(problem)


def test_a_page_in_another_encoding_is_read(read: Read) -> None:
    (article,) = read(
        "page.html", _PAGE.replace("Quill", "Quíll").encode("cp1252", errors="xmlcharrefreplace")
    )
    assert isinstance(article, Article)
    assert "Ada Quíll" in article.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("report.txt", b"%PDF-1.7 and so on", "is a PDF document, which is not read"),
        ("photo", b"\x89PNG\r\n\x1a\n", "is a PNG image"),
        ("sheet.csv", b"PK\x03\x04....", "is a broken zip archive, or one that is cut off"),
        ("old.json", b"\xd0\xcf\x11\xe0\xa1", "is an office document"),
        ("page.html", "<html><body><a href='/'>Home</a></body></html>", "without an article in it"),
        (
            "story.xml",
            "<?xml version='1.0'?><catalogue><book/></catalogue>",
            "<catalogue>, which is not known",
        ),
        ("story.nitf", "<nitf><body>", "is news in XML that is broken"),
        ("story.nitf", "<nitf><body/></nitf>", "without a text in it"),
        ("feed.rss", "<rss><channel></channel></rss>", "is empty"),
        ("rows.csv", "", "is empty"),
        (
            "bomb.rss",
            '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss><channel/></rss>',
            "declares entities of its own",
        ),
        ("deep.nitf", "<nitf>" + "<p>" * 5000, "is news in XML that is broken"),
    ],
)
def test_what_can_not_be_read_is_said_in_a_line(
    read: Read, name: str, content: str | bytes, said: str
) -> None:
    (problem,) = read(name, content)
    assert isinstance(problem, SourceError)
    assert said in str(problem)
    assert "\n" not in str(problem)


def test_a_row_that_is_broken_costs_itself(read: Read) -> None:
    first, second, third = read("rows.csv", "title,text\nA,One and two\nB,\nC,Three\n")
    assert isinstance(first, Article)
    assert isinstance(second, SourceError)
    assert "rows.csv:3:" in str(second)
    assert isinstance(third, Article)


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (
            {
                "source": {"id": "x", "name": "Courier"},
                "title": "T",
                "content": "C",
                "publishedAt": "2025-05-04",
            },
            ("Courier", "T\n\nC", 2025),
        ),
        (
            {"headline": "T", "body_text": "C", "versioncreated": "2025-05-04", "uri": "u"},
            ("local", "T\n\nC", 2025),
        ),
        (
            {"headlines": [{"value": "T"}], "bodies": [{"contentType": "text/plain", "value": "C"}]},
            ("local", "T\n\nC", None),
        ),
        (
            {"title": "T", "maintext": "C", "source_domain": "courier.example"},
            ("courier.example", "T\n\nC", None),
        ),
        ({"text": "Whole", "content": "not this", "outlet": "nor this"}, ("local", "Whole", None)),
    ],
)
def test_records_of_other_programs_are_understood(
    read: Read, record: object, fields: tuple[object, ...]
) -> None:
    (article,) = read("record.json", json.dumps(record))
    assert isinstance(article, Article)
    year = article.published_at.year if article.published_at else None
    assert (article.source, article.text, year) == fields


_ANSWERED = [
    {"title": "T", "description": "D", "content": "C… [+2314 chars]"},
    {"title": "U", "description": "E", "content": None},
    {"name": "a desk", "description": "What it does."},
]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "answer",
    [
        {"status": "ok", "facets": [[1, {"x": 2}]], "articles": _ANSWERED},
        {"response": {"meta": {"hits": 3}, "docs": _ANSWERED}},
        {"items": 3, "results": _ANSWERED, "data": [{"text": "not this"}]},
    ],
)
def test_the_articles_in_what_a_service_answers_are_read_one_by_one(
    read: Read, answer: object, indent: int | None
) -> None:
    first, second, third = read("saved.json", json.dumps(answer, indent=indent, ensure_ascii=False))
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.text, second.text) == ("T\n\nC", "U\n\nE")
    assert isinstance(third, SourceError)
    assert third.reason == "no-text"


def test_an_answer_that_is_cut_off_gives_what_came_before(read: Read) -> None:
    first, cut_off = read("saved.json", json.dumps({"articles": [*_ANSWERED[:1], {}]})[:-4])
    assert isinstance(first, Article)
    assert "cut off" in str(cut_off)


def test_a_list_in_a_record_with_a_text_is_no_answer(read: Read) -> None:
    (article,) = read("record.json", json.dumps({"text": "Whole", "items": [{"text": "part"}]}))
    assert isinstance(article, Article)
    assert article.text == "Whole"


_PLAIN = "   The pier closes for\nthe winter.\n   Nobody asked the ferrymen,\nthey say.\n"
_MARKED = "<p>The pier closes for\nthe winter.</p><p>Nobody asked the ferrymen,\nthey say.</p>"


@pytest.mark.parametrize("data", [_PLAIN, _PLAIN.replace("\n   N", "\n\nN"), f"<![CDATA[{_MARKED}]]>"])
def test_a_text_within_news_in_xml_keeps_its_paragraphs(read: Read, data: str) -> None:
    (article,) = read(
        "item.xml",
        f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x:1"><contentMeta>
<headline>Pier closes</headline></contentMeta><contentSet>
<inlineData contenttype="text/plain">{data}</inlineData></contentSet></newsItem>""",
    )
    assert isinstance(article, Article)
    paragraphs = article.text.split("\n\n")
    assert paragraphs == [
        "Pier closes",
        "The pier closes for the winter.",
        "Nobody asked the ferrymen, they say.",
    ]


def test_nitf_without_a_distributor_is_of_whom_it_belongs_to(read: Read) -> None:
    head = '<head><docdata><doc.copyright holder="Fen Wire" year="2031"/></docdata></head>'
    body = f"<body><body.head><hl1>Pier closes</hl1></body.head><body.content><p>{_MAYOR}</p></body.content></body>"
    (article,) = read("story.nitf", f"<nitf>{head}{body}</nitf>")
    assert isinstance(article, Article)
    assert article.source == "Fen Wire"


@settings(max_examples=60)
@given(st.sampled_from(sorted(_DOCUMENTS)), st.integers(0, 2000), st.binary(max_size=12), st.booleans())
def test_no_document_breaks_a_reader_wherever_it_is_damaged(
    name: str, at: int, junk: bytes, cut: bool
) -> None:
    data = _DOCUMENTS[name].encode()
    damaged = data[:at] + junk + (b"" if cut else data[at + len(junk) :])
    intake = Intake(Limits(), None, lambda: datetime(2031, 5, 5, tzinfo=UTC))
    chosen = installed().of(damaged, installed().by_suffix[Path(name).suffix])
    try:
        found = [one for _, one in chosen.read([damaged], intake)]
    except UnfitError:
        return
    assert all(isinstance(one, Article | UnfitError) for one in found)


def test_fields_are_taken_for_ours_where_somebody_says_so(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("Kopf,Inhalt\nPier closes,It is shut.\n")
    (article,) = read_articles([tmp_path / "rows.csv"], names={"Kopf": "title", "Inhalt": "body"})
    assert isinstance(article, Article)
    assert article.text == "Pier closes\n\nIt is shut."
