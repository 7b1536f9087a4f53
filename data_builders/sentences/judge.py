"""What a sentence is hashed and dropped by, in a build of one process and of many tasks alike."""

from __future__ import annotations

from typing import NamedTuple

from ..languages.groups import Language
from .filters import FilterOptions, SentenceFilter, normalise
from .forms import fold_forms
from .sampling import TextHash

__all__ = ["Form", "Judge"]


class Form(NamedTuple):
    """A sentence in the one form that is hashed, compared and written.

    Attributes:
        key: Hash that decides whether it is drawn, 16 bytes.
        text: Normalised, other forms of its letters folded.
        steps: Names of the steps that folded them.
    """

    key: bytes
    text: str
    steps: tuple[str, ...]


class Judge:
    """Decides over the sentences of one language.

    Args:
        language: The language; `mul_Zyyy` for a file that mixes languages.
        filters: Limits.
        excluded: Folded sentences of benchmarks.
        seed: Of the sample.
    """

    def __init__(
        self, language: Language, filters: FilterOptions, excluded: frozenset[str], seed: int
    ) -> None:
        self._language = language.iso639_3
        self._folds = filters.fold_forms
        self._key_of = TextHash(seed, "sample").key
        self._filter = SentenceFilter(language, filters, excluded, self._language != "mul")

    def form(self, text: str, variant: str = "") -> Form:
        """Bring a sentence into its form.

        Args:
            text: As it comes.
            variant: What tells it from others of the same text that are to stay as well.

        Returns:
            The form, and its hash.
        """
        text = normalise(text)
        steps: tuple[str, ...] = ()
        if self._folds:
            text, steps = fold_forms(text, self._language)
        # Several romanisations of one text may be wanted, each as a pair of its own.
        return Form(self._key_of(f"{text}\0{variant}" if variant else text), text, steps)

    def reason(self, text: str) -> str | None:
        """Name why a sentence is dropped.

        Args:
            text: Its form.

        Returns:
            The reason, or None for a sentence that stays.
        """
        return self._filter.reason_to_drop(text)
