"""The form of a benchmark with labels: examples per language and split, one label set for all.

Out: `LabelledTexts` (one label per text) or `TaggedSentences` (one tag per word). A model learns on
`train` of a source language, is chosen on its `dev` and scored on `test` of the targets.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ...errors import DataError
from ..base import Form

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class LabelledTexts:
    """Texts with one label each.

    Attributes:
        ids: One id a text; the same id is the same text in every language.
        texts: The texts.
        labels: Names of labels.
    """

    ids: list[str]
    texts: list[str]
    labels: list[str]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class TaggedSentences:
    """Sentences with one tag per word.

    Attributes:
        words: Words of each sentence, at least one.
        tags: Names of tags, as many as words.
    """

    words: list[list[str]]
    tags: list[list[str]]

    def __len__(self) -> int:
        return len(self.words)


class LabelledBenchmark(Form):
    """A benchmark that a model is fine-tuned for.

    Attributes:
        labels: All labels, in the order of their ids; data are mapped to them by name.
        folder: The local folder, None for the Hub.
    """

    labels: ClassVar[tuple[str, ...]]
    splits: ClassVar[tuple[str, ...]] = SPLITS
    folder: Path | None

    @abstractmethod
    def has(self, language: str, split: str) -> bool:
        """Tell whether a language has a split."""

    def why_unscored(self, language: str, split: str) -> str | None:
        """Say why a test set that is there scores nothing, or None where it can be scored."""
        return None

    def languages_with(self, *splits: str) -> tuple[str, ...]:
        """Return the languages that have all these splits, sorted."""
        return tuple(
            code for code in self.languages() if all(self.has(code, split) for split in splits)
        )

    def require_split(self, language: str, split: str) -> str:
        """Return the code of a language that must have a split.

        Raises:
            DataError: The split does not exist, or this language lacks it; says who has it.
        """
        self.check_split(split)
        code = self.require(language)
        if not self.has(code, split):
            have = ", ".join(self.languages_with(split)) or "none"
            raise DataError(f"{self.name}: {code} has no {split} split; these have: {have}")
        return code

    def require_rows(self, languages: Iterable[str], split: str, count: int) -> None:
        """Refuse to promise more rows than a language has; those without the split pass.

        Raises:
            DataError: Names the language and how many it has.
        """
        for code in sorted(set(languages) & set(self.languages_with(split))) if count else ():
            have = sum(1 for _ in self.texts(code, split))
            if have < count:
                raise DataError(
                    f"{self.name}: {code} has {have} rows of {split}, and {count} are asked for; "
                    "ask for fewer, or leave the language out with --languages"
                )

    def texts(self, language: str, split: str = "test") -> Iterable[str]:
        """Return every text of one split; none where it is missing.

        Tagged sentences are their words joined by blanks.
        """
        self.check_split(split)
        code = self.own_code(language)
        if code not in self.languages() or not self.has(code, split):
            return []
        return self._strings(code, split)

    @abstractmethod
    def _strings(self, code: str, split: str) -> Iterable[str]:
        """Return the texts of a split that is there."""

    def signature(self) -> str:
        """Return `name@revision`."""
        return f"{self.name}@{self.revision}"


class ClassificationBenchmark(LabelledBenchmark):
    """Texts with one label each."""

    protocol: ClassVar[str] = "sequence_classification"
    main_score: ClassVar[str] = "macro_f1"

    @abstractmethod
    def load(self, language: str, split: str) -> LabelledTexts:
        """Load one split of one language.

        Args:
            language: A code or an alias.
            split: `train`, `dev` or `test`.

        Returns:
            At least one text.

        Raises:
            DataError: The language or the split is missing, or a row is wrong.
        """

    def _strings(self, code: str, split: str) -> Iterable[str]:
        return self.load(code, split).texts


class TaggingBenchmark(LabelledBenchmark):
    """Sentences with one tag per word."""

    protocol: ClassVar[str] = "token_classification"

    @abstractmethod
    def load(self, language: str, split: str) -> TaggedSentences:
        """Load one split of one language.

        Args:
            language: A code or an alias.
            split: `train`, `dev` or `test`.

        Returns:
            At least one sentence.

        Raises:
            DataError: The language or the split is missing, or a row is wrong.
        """

    def _strings(self, code: str, split: str) -> Iterable[str]:
        return [" ".join(words) for words in self.load(code, split).words]


def one_arabic(found: dict[str, str]) -> dict[str, str]:
    """Let `arb_Arab` stand for the `ara_Arab` of the paper where only the former is there.

    UD and WikiANN have one Arabic, which the paper's tables call `ara_Arab`.

    Args:
        found: Own spelling by code.

    Returns:
        The same with the key renamed.
    """
    if "ara_Arab" in found or "arb_Arab" not in found:
        return found
    return {"ara_Arab" if code == "arb_Arab" else code: stem for code, stem in found.items()}


def check_labels(name: str, where: str, labels: Sequence[str], legal: Sequence[str]) -> None:
    """Refuse labels that the benchmark does not know.

    Raises:
        DataError: Names the strangers, how often they come, and what is legal.
    """
    strange = Counter(label for label in labels if label not in legal)
    if strange:
        told = ", ".join(f"{label!r} ({count})" for label, count in strange.most_common(3))
        raise DataError(f"{name}: {where} has labels {told}; legal: {', '.join(legal)}")
