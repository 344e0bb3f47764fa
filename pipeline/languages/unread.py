"""How many articles passed a stage unread, since their language has no pack or is not known."""

from __future__ import annotations


class Unread:
    """Counts such articles. There are two events however many languages come, so that series stay few."""

    NO_PACK = "no_language_pack"
    NO_LANGUAGE = "no_language"

    def __init__(self) -> None:
        self._counts = dict.fromkeys((self.NO_PACK, self.NO_LANGUAGE), 0)

    def count(self, tag: str | None) -> None:
        """Count an article with this language tag, None when it has none."""
        self._counts[self.NO_PACK if tag else self.NO_LANGUAGE] += 1

    def take(self) -> dict[str, int]:
        """The counts since the last call, by event; those that did not happen are left out."""
        taken = {event: count for event, count in self._counts.items() if count}
        self._counts = dict.fromkeys(self._counts, 0)
        return taken
