"""Addresses in what other programs read: those of the web alone, and names where there is none."""

from __future__ import annotations

import re
from urllib.parse import quote

from pipeline.record import Article, Entity

_WEB = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+", re.ASCII | re.IGNORECASE)  # the characters of RFC 3986


def web_address(url: str | None) -> str | None:
    """The address if it is one of the web, written as a URI has to be; nothing else may be followed."""
    return url if url and _WEB.fullmatch(url) else None


def article_uri(article: Article) -> str:
    """What names the article for others: its address, or a name made of its id."""
    return web_address(article.url) or f"urn:news-pipeline:article:{quote(article.article_id, safe='')}"


def place_uri(place: Entity) -> str | None:
    """The place in GeoNames, where it is settled which one is meant."""
    return f"https://sws.geonames.org/{place.geonames_id}/" if place.geonames_id else None
