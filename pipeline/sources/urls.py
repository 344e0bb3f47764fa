"""The canonical form of a web address, so that one article has one address."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

_DEFAULT_PORTS = {"http": 80, "https": 443}
_WEB = tuple(f"{scheme}://" for scheme in _DEFAULT_PORTS)
# Added by newsletters, social networks and advertising; they never choose the article.
_TRACKING = re.compile(
    r"utm_\w+|mc_[ce]id|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|_ga|_gl|"
    r"ns_(?:mchannel|source|campaign|linkname)|at_(?:medium|campaign|custom\d|link_\w+|format|bbc_team)|cmpid|ocid|"
    r"smid|smtyp|s_cid|mkt_tok|vero_id|oly_(?:anon|enc)_id|ref_src|ref_url|__twitter_impression",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")


def canonical_url(url: str) -> str:
    """The address with what doesn't choose the article taken away or written in one way.

    Scheme and host in small letters, the host in Punycode, no default port, no fragment, no dot segments, escapes only
    where they are needed and in capitals, no tracking parameters, the others in sorted order, no trailing slash. Scheme
    and `www.` are kept: that they don't matter is a habit of sites, not a rule. What is no http(s) address is only
    stripped. Idempotent.
    """
    plain = address_in_id(url)
    if not plain.startswith(_WEB):
        return plain
    try:
        parts = urlsplit(plain)
        cleaned = urlsplit(canonicalize_url(urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))))
        # The values of a query are not parsed: `?12345` is no parameter with an empty value.
        query = urlsplit(safe_url_string(urlunsplit((parts.scheme, "query", "/", parts.query, "")))).query
    except ValueError:
        return plain
    query = "&".join(sorted(query.split("&")))
    return urlunsplit((parts.scheme, cleaned.netloc, cleaned.path.rstrip("/"), query, ""))


def address_in_id(url: str) -> str:
    """The form that ids are made of: that of version 0.2, without what `canonical_url` has learned since.

    So an article that is read again has the id that it always had. Idempotent.
    """
    url = url.strip()
    try:
        # White space inside can't stand in an address; escaped, no later step can bring it to an end.
        parts = urlsplit(_SPACE.sub(lambda space: quote(space.group()), url))
        scheme, host = parts.scheme.lower(), _host(parts)
    except ValueError:
        return url
    if scheme not in _DEFAULT_PORTS or not host:
        return url
    parameters = [pair for pair in parts.query.split("&") if pair and not _is_tracking(pair)]
    path = _upper_escapes(parts.path).rstrip("/")
    return urlunsplit((scheme, host, path, _upper_escapes("&".join(sorted(parameters))), ""))


def host_of(url: str) -> str | None:
    """The host of an http(s) address without `www.`, None when it has none."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        return None
    return host.rstrip(".").removeprefix("www.") or None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    if host and port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    return host


def _is_tracking(pair: str) -> bool:
    return _TRACKING.fullmatch(pair.partition("=")[0]) is not None


def _upper_escapes(text: str) -> str:
    return _ESCAPE.sub(lambda escape: escape.group().upper(), text)
