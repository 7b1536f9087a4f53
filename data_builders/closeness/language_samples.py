"""Some text of many languages, with its romanisation: what languages are compared by.

In: where text comes from (the CLDR, folders, pairs), asked in that order. Out: up to so many
sentences of a language, or the reason why there are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..benchmarks.files import digest, files_passed_over, language_files, read_rows
from ..errors import DataError
from ..languages.groups import resolve_code
from ..notices import tell_passed_over
from ..sentences.forms import fold_forms
from ..sentences.sampling import evenly
from ..sources.cldr import phrases as cldr
from ..transliterators import Transliterator
from ..transliterators.base import romanise_each

STANDS_FOR = {"ara_Arab": "arb_Arab", "arb_Arab": "ara_Arab"}
"""Text called Arabic without more is Modern Standard Arabic, and the other way round."""


@dataclass(frozen=True)
class Sample:
    """Sentences of one language: originals, and their romanisation in the same order.

    `failed` sentences could not be romanised and are left out of both.
    """

    texts: tuple[str, ...]
    latin: tuple[str, ...]
    failed: int = 0


class TextReader(Protocol):
    """Text by language."""

    def signature(self) -> str:
        """Name the text and its version."""
        ...

    def read(self, code: str) -> tuple[Sequence[str], Sequence[str] | None] | None:
        """Give all sentences, with a romanisation where there is one; None without any."""
        ...


class CldrReader:
    """Phrases of the CLDR.

    Args:
        count: Phrases per language, about.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def signature(self) -> str:
        """Name the release of the CLDR."""
        return cldr.signature()

    def read(self, code: str) -> tuple[Sequence[str], None] | None:
        """Give the phrases, which a fixed seed composes."""
        if not cldr.covers(code):
            return None
        return list(cldr.iter_phrases(code, seed=42, count=self.count)), None


class FolderReader:
    """A folder with one file per language (`amh_Ethi.tsv.gz`), in any format that is read.

    Args:
        folder: The folder.

    Raises:
        DataError: There is no such folder, or no file in it is named by a language.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise DataError(f"--text {folder} is no folder; legal are cldr and folders of text")
        self.files = language_files(self.folder)
        tell_passed_over("--text", files_passed_over(self.folder))
        if not self.files:
            raise DataError(
                f"--text {folder}: no file named by a language, such as amh_Ethi.txt or "
                "amh_Ethi.tsv.gz"
            )

    def signature(self) -> str:
        """Name the folder, and its files by a digest."""
        return f"{self.folder.resolve().name}@{digest(self.files.values(), self.folder)}"

    def read(self, code: str) -> tuple[Sequence[str], None] | None:
        """Read the file of a language."""
        if code not in self.files:
            return None
        return list(read_rows(self.files[code], code).texts.values()), None


class PairsReader:
    """Pairs that are there already.

    Args:
        name: For the signature.
        pairs: Originals and Latin texts, by language code.
    """

    def __init__(self, name: str, pairs: Mapping[str, tuple[Sequence[str], Sequence[str]]]) -> None:
        self.name = name
        self.pairs = pairs

    def signature(self) -> str:
        """Name the pairs."""
        return self.name

    def read(self, code: str) -> tuple[Sequence[str], Sequence[str]] | None:
        """Give the pairs of a language."""
        return self.pairs.get(code)


class LanguageSamples:
    """Samples by language, each read once, from the first reader that has the language.

    Args:
        readers: In the order in which they are asked.
        transliterator: For text that has no romanisation.
        sentences: Most sentences per language, spread evenly over its text.
        fold_forms: Whether text is brought into its own letters before it is romanised.

    Raises:
        DataError: `sentences` is less than 1.
    """

    def __init__(
        self,
        readers: Sequence[TextReader],
        transliterator: Transliterator,
        sentences: int,
        fold_forms: bool = True,
    ) -> None:
        if sentences < 1:
            raise DataError(f"{sentences} sentences a language; legal is 1 or more")
        self.readers = tuple(readers)
        self.transliterator = transliterator
        self.sentences = sentences
        self.fold_forms = fold_forms
        self._folded: set[str] = set()
        self._samples: dict[str, Sample | None] = {}

    def signature(self) -> str:
        """Name the romaniser, and the steps that changed a text before it, of the samples read."""
        folded = f"|folded:{' '.join(sorted(self._folded))}" if self._folded else ""
        return self.transliterator.signature() + folded

    def __getitem__(self, code: str) -> Sample | None:
        """Give the sample of a language, or None where no reader has it."""
        code = resolve_code(code)
        if code not in self._samples:
            self._samples[code] = self._read(code)
        return self._samples[code]

    def why_missing(self, code: str) -> str:
        """Say why a language has no sample, and what to do."""
        names = ", ".join(reader.signature() for reader in self.readers)
        return (
            f"no text in {names or 'anything given'}; give what has it: --pairs DIR or --text DIR"
        )

    def _read(self, code: str) -> Sample | None:
        for reader in self.readers:
            for name in (code, STANDS_FOR.get(code, code)):
                found = reader.read(name)
                if found is not None and len(found[0]):
                    texts, ready = found
                    texts = evenly(texts, self.sentences)
                    if ready is None:
                        return self._romanised(texts, code)
                    return Sample(tuple(texts), tuple(evenly(ready, self.sentences)))
        return None

    def _romanised(self, texts: Sequence[str], code: str) -> Sample:
        """Romanise; a few sentences that the romaniser cannot do are no reason to have none."""
        given = texts
        if self.fold_forms:
            done = [fold_forms(text, code.partition("_")[0]) for text in texts]
            given = [text for text, _ in done]
            self._folded.update(step for _, steps in done for step in steps)
        made = romanise_each(self.transliterator, given, code)
        rows = [(text, new) for text, new in zip(texts, made, strict=True) if new is not None]
        if not rows:
            raise DataError(f"{self.transliterator.signature()} can do no sentence of {code}")
        kept, latin = zip(*rows, strict=True)
        return Sample(kept, latin, len(texts) - len(kept))
