"""Texts that nobody writes as an article, of many kinds and of any length: what a feed may send to stop a worker."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count, cycle, islice
from string import ascii_letters, ascii_lowercase, ascii_uppercase

Kind = Callable[[int], str]
"""Makes a text of about so many characters, the same each time."""

_SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "po", "ri", "su", "ta", "vo")


def _over(unit: str) -> Kind:
    return lambda length: (unit * (length // len(unit) + 1))[:length]


def _between_words(space: str) -> Kind:
    fill = _over(space)
    return lambda length: f"Word.{fill(length - 9)}end."


def _word(number: int) -> str:
    """A different word for each number."""
    syllables = []
    while True:
        number, at = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[at])
        if not number:
            return "".join(syllables)


def _numbered(sentence: str, *, separator: str = " ") -> Kind:
    """A sentence again and again, each time with a new word for `{}` (`{0}`, capitalised)."""

    def make(length: int) -> str:
        pieces: list[str] = []
        size = 0
        for number in count(7 * length):  # no two lengths share words: an attack's are new
            piece = sentence.format(_word(number).capitalize(), _word(number), number)
            pieces.append(piece)
            size += len(piece) + len(separator)
            if size >= length:
                return separator.join(pieces)[:length]
        raise AssertionError

    return make


def _drawn(alphabet: str) -> Kind:
    """Characters of an alphabet at random."""

    def make(length: int) -> str:
        rng = random.Random(length)  # noqa: S311 - the same texts every time, nothing secret
        return "".join(rng.choices(alphabet, k=length))

    return make


def _mixture(seed: int) -> Kind:
    """Runs of every kind of sign and word, in lengths from one to thousands."""
    words = (
        "Ann Li",
        "said",
        "the",
        "Mr.",
        "told",
        "Acme Corp.",
        "who",
        "U.S.",
        "don't",
        "and",
        "'s",
        "\n\n",
        "\n",
    )

    def make(length: int) -> str:
        rng = random.Random(seed)  # noqa: S311 - the same texts every time, nothing secret
        pieces: list[str] = []
        size = 0
        while size < length:
            unit = rng.choice(
                (rng.choice(SIGNS), rng.choice(SPACES), rng.choice(words), rng.choice(ascii_letters))
            )
            if rng.random() < 0.5:
                unit += rng.choice((rng.choice(SIGNS), rng.choice(words), " "))
            pieces.append(unit * int(rng.choice((1, 1, 2, 8, 60, 900, 7000)) ** rng.random()))
            size += len(pieces[-1])
        return "".join(pieces)[:length]

    return make


def _nested(length: int) -> str:
    half = length // 4
    return "“‘" * half + "words" + "’”" * half


def _alternating(*units: str) -> Kind:
    def make(length: int) -> str:
        size = len("".join(units)) or 1
        return "".join(islice(cycle(units), len(units) * (length // size + 1)))[:length]

    return make


SIGNS = (
    *"\"'`“”„‟«»‹›‘’‚‛＂´",
    *"()[]{}<>⟨⟩（）【】",
    *"-–—―_/\\|~=+*#@$%^&",
    *".,:;!?…·•。、？！",
    *"0٣９aZéßПа漢あ한عאกक",
    *"🙂👍\u0301\u200b\u200d\u00ad\ufeff\u2060\u202e",
)
SPACES = (
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u00a0",
    "\u2003",
    "\u3000",
    "\u2028",
    "\x0b",
    "\x0c",
    "\x85",
    "\n \n",
)

_PAIRS = (
    '".', '" ', "'s", "a'", "(a", 'a"', "“ ", "“a", "”,", "a-", "a.", ".a", "A.", "A. ", "a,", ", ", ". ",
    "- ", "' ", "'a ", "‘a ", "a’ ", "’s ", "s' ", '="', "= ", "a=", "1.", "1,", "1 ", "1-", "A ", "a ",
    "I ", "\n.", ".\n", '\n"', '"\n', "a\n", "A\n", "A:\n", ":\n", "\n\na", "\n\nA", '\n\n"', "\t\n", " \n",
    "\n ", "\n  a", "\xa0 ", "\r\n\r\n", "a\t", "<a", "<p>", "a>", "&amp;", "&", "& ", "&#x", "\\u",
    "http://", "a@", "@a ", "#a ", "$1", "%1", "é ", "е", "漢字。", "A-", "Aa-", "Aa'", "Aa’", "A&", "Aa.",
    "Aa, ", "Aa (", "Aa) ", "aA", "AA ", "AA-", "Mr", "Mr ", "Mr. ", "''", "'' ", "``",
)  # fmt: skip

KINDS: dict[str, Kind] = {
    **{f"sign {sign!a}": _over(sign) for sign in dict.fromkeys(SIGNS)},
    **{f"space {space!a}": _between_words(space) for space in SPACES},
    **{f"pair {pair!a}": _over(pair) for pair in _PAIRS},
    "word, enormous": _over("pneumonoultramicroscopic"),
    "word, enormous, capital": lambda length: "P" + "neumono" * (length // 7),
    "words of one letter": _drawn("abcdefgh    "),
    "capitals of one letter": _drawn("ABCDEFGH    "),
    "capitals": _numbered("{0} WENT TO {0} WITH {0}."),
    "base64": _drawn(ascii_letters + "0123456789+/"),
    "hexadecimal": _drawn("0123456789abcdef "),
    "numbers": _drawn("0123456789    .,"),
    "ASCII at random": _drawn("".join(map(chr, range(32, 127)))),
    "letters and spaces at random": _drawn(ascii_letters + " " * 10),
    "Latin-1 at random": _drawn("".join(map(chr, range(160, 256))) + "   "),
    "plane at random": _drawn(
        "".join(map(chr, (*range(0x20, 0xD800, 7), *range(0xE000, 0xFFFD, 7)))) + " " * 900
    ),
    "names, distinct": _numbered("{0} {0}son,"),
    "names, distinct, a paragraph each": _numbered("{0} {0}son spoke in {0}ville.", separator="\n\n"),
    "names, one surname": _numbered("{0} Hale,"),
    "names, one surname, said": _numbered("{0} Hale said no."),
    "names, one given name": _numbered("Ann {0},"),
    "names, one surname, then it alone": _numbered("{0} Hale met Hale, and Mr Hale wept."),
    "names, one surname, honorifics": _numbered("Mr {0} Hale met Mrs Hale."),
    "name, one": _over("Ann Hale, "),
    "names, spellings": _numbered("Ann Hale{1}, Ann Hale{1}s,"),
    "names, three parts": _numbered("{0} Maria {0} Hale spoke."),
    "names, initials": _numbered("A. B. C. {0} spoke."),
    "names, titles": _numbered("Prime Minister Sir {0} spoke."),
    "names, nicknames": _numbered("Karl “{0}” Hale spoke."),
    "organisations, distinct": _numbered("{0} Corp. sued the {0} Group."),
    "organisations, one head": _numbered("Hale {0} Group Inc. sued Hale Group."),
    "organisations, abbreviations": _numbered("The {0} Union Of Wales (TUOW) met. NATO, UN{2}."),
    "places, one country": _numbered("{0}, France, and {0}, Lima, Peru."),
    "headings": _numbered("THE {0} OF THE {0}", separator="\n\n"),
    "headline, title case": _numbered("{0} Says {0} Will Win"),
    "datelines": _numbered("{0}TOWN, March 3 (Reuters) - It rained.", separator="\n\n"),
    "capitals alone": _drawn(ascii_uppercase),
    "small letters alone": _drawn(ascii_lowercase),
    "said": _over("said "),
    "Said": _over("Said "),
    "said, commas": _over("said, "),
    "he said": _over("he said that "),
    "who said": _over(", who said the man"),
    "X and Y and Z": _numbered("{0} and"),
    "of the of the": _over("of the "),
    "a spokesman for": _over("a spokesman for "),
    "according to": _over("according to "),
    "declined to": _over("declined to "),
    "possessives": _numbered("{0}'s"),
    "possessives, claims": _numbered("{0}'s claim that"),
    "the minister": _over("The minister said no. "),
    "the minister, names": _numbered("The minister said no to {0} Hale."),
    "he, names": _numbered('"No," he said to {0} Hale. '),
    "quotes, unclosed": _numbered('"We go to {0}, said {0} Hale.', separator="\n\n"),
    "quotes, short": _numbered('"No" {0} "no"'),
    "quotes, one sentence": _over('he called "it" and '),
    "quotes, said": _numbered('"We go," said {0} Hale.'),
    "quotes, said, one paragraph of one person": _over('"We go," said Hale. '),
    "quotes, said, a paragraph each": _numbered('"We go to {0} now," said {0} Hale.', separator="\n\n"),
    "quotes, nobody": _numbered('"We go to the {1} now and then or not."', separator="\n\n"),
    "quotes, single": _over("'we' go 's "),
    "quotes, singles opened": _over(" 'a"),
    "quotes, nested": _nested,
    "quotes, curly, never closed": _over("“We go, "),
    "quotes, inches": _over("5'10\" "),
    "transcript": _numbered("ANN: We go to {0}.", separator="\n\n"),
    "transcript, distinct": _numbered("{0}: We go.", separator="\n\n"),
    "transcript, capitals": _over("ANN LI "),
    "label, long": lambda length: "A" + ".’-" * (length // 3),
    "lines": _numbered("{1}", separator="\n"),
    "lines of one letter": _over("a\n"),
    "paragraphs of one letter": _over("A\n\n"),
    "paragraphs, blank lines of blanks": _over("A\n   \n \n"),
    "lines, indented": _over("\n   Words go on and"),
    "lists": _numbered("- {0}\n- {1}", separator="\n"),
    "table": _numbered("{0}\t{2}\t{2}\t|", separator="\n"),
    "URLs": _numbered("https://www.{1}.example/{1}/{1}?a={2}&b={2}#c"),
    "URL, enormous": _over("https://a.example/"),
    "domains": _over("a.b.c."),
    "addresses": _numbered("{1}.{1}@{1}.example"),
    "handles": _numbered("@{1} said #{1}"),
    "markup": _numbered('<p class="{1}">{0}</p>'),
    "markup, opened": _over("<a"),
    "markup, quotes": _over('"<a "'),
    "entities of HTML": _over("&quot;&amp;quot;&#39;"),
    "JSON": _numbered('{{"{1}": "{0}", "n": [{2}, {2}]}},'),
    "code": _numbered("if (x[{2}] == y_{1}) {{ z = '{0}'; }}"),
    "emoji, joined": _over("👩‍👩‍👧‍👦"),
    "accents heaped, to be sorted": lambda length: "e" + "\u0301\u0316" * (length // 2),
    "ligatures": _over("\ufdfa"),
    "codes of HTML": lambda length: "Ann Li &#" + "1" * length + "; said",
    "accents heaped": lambda length: "e" + "\u0301" * length,
    "apostrophes in a name": lambda length: "The band Rock'n" + "'" * length + "Roll Heroes played.",
    "apostrophes, many names": _numbered("The band Rock'n" + "'" * 26 + "{0} Heroes played."),
    "dashes in a name": lambda length: "Hale" + "-" * length + "Motors of Ann Li",
    "bylines": _over("By Ann Li\n\n"),
    "teasers": _over("Read more: this\n\n"),
    "photo": lambda length: "Photo:" + " " * length + "\n\nImage",
    "prose": _numbered(
        "The {1} of Port {0} was shut when Ann {0}son, who runs the ferry there, came home in May."
    ),
    **{f"mixture {seed}": _mixture(seed) for seed in range(24)},
}
"""Every kind by name."""
