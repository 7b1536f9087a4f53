"""Names of CLDR keys as a retrieval benchmark: it comes with Babel, so it needs no download.

In: `cldr_names.key_splits()`. Out: for two languages the names of the validation or test keys
that both have, ids such as `territory:GR`. Validation is for the choice of a checkpoint, test for
tables; the forms of both are held out of the `cldr` training phrases.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..sources.cldr.names import LOCALES, fold, key_splits, names
from ..sources.cldr.phrases import signature as cldr_version
from .base import Benchmark, ParallelPair


class CldrNames(Benchmark):
    """Territories, languages, scripts and currencies that were held out of training."""

    name = "cldr"
    licence = "Unicode-3.0"
    citation = "Unicode Common Locale Data Repository, https://cldr.unicode.org"
    splits = ("validation", "test")

    @property
    def revision(self) -> str:
        """Version of the CLDR."""
        return cldr_version().removeprefix("cldr-")

    def languages(self) -> tuple[str, ...]:
        """Return the codes of the covered languages."""
        return tuple(sorted(LOCALES))

    def load_pair(self, source: str, target: str, split: str = "test") -> ParallelPair:
        """Load the names of the keys that both languages have.

        Each form occurs once on each side: of keys whose names agree in one of the languages, the
        first is kept. Rows with equal strings stay; `ParallelPair.identical` marks them.

        Args:
            source: Language of the queries.
            target: Language that is searched.
            split: `validation` or `test`.

        Returns:
            Rows sorted by key.

        Raises:
            DataError: A language or the split is missing.
        """
        self.check_split(split)
        source, target = self.require(source), self.require(target)
        left, right = names(source), names(target)
        keys = []
        seen_left: set[str] = set()
        seen_right: set[str] = set()
        for key in sorted(key_splits()[split]):
            if key not in left or key not in right:
                continue
            form_left, form_right = fold(left[key]), fold(right[key])
            if form_left in seen_left or form_right in seen_right:
                continue
            seen_left.add(form_left)
            seen_right.add(form_right)
            keys.append(key)
        return ParallelPair(keys, [left[key] for key in keys], [right[key] for key in keys])

    def texts(self, language: str, split: str = "test") -> Iterable[str]:
        """Return the held-out names of one language; none if it is not covered."""
        self.check_split(split)
        code = self.own_code(language)
        keys = key_splits()[split]
        return [name for key, name in names(code).items() if key in keys] if code in LOCALES else []
