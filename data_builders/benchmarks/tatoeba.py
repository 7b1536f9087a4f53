"""Tatoeba: sentences paired with English, from LASER's files or from the Hub.

In: a folder with `tatoeba.ell-eng.ell` and `tatoeba.ell-eng.eng` (LASER), or
`tatoeba.ell_Grek-eng_Latn.ell_Grek` (renamed by Glot500); without a folder, the Hub's
`mteb/tatoeba-bitext-mining`. Out: pairs with English on one side, both ways, and pairs of two other
languages where enough English lines are in both sets. The English lines differ from set to set: in
LASER's files no two languages of the groups share enough, so that English is in every pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from ..errors import DataError
from ..notices import tell_strange_names
from ..reading.lines import read_lines
from ..sources.cldr.names import clean
from .base import Benchmark, ParallelPair
from .files import by_code, code_of, digest, need_folder
from .hub import from_hub, hub_commit, hub_rows

ENGLISH = "eng_Latn"
HUB_REPOSITORY = "mteb/tatoeba-bitext-mining"
LEAST_SHARED = 100
"""English sentences that two languages must share: among fewer candidates, top-10 is no score."""

_WHAT = "files such as tatoeba.ell-eng.ell and tatoeba.ell-eng.eng"


class Tatoeba(Benchmark):
    """Up to 1,000 sentences a language, each with its English translation.

    Args:
        directory: Folder with the files; None loads from the Hub.

    Raises:
        DataError: The folder is missing, or holds no complete pair.
    """

    name = "tatoeba"
    licence = "CC BY 2.0 FR"
    hub = (
        "mteb/tatoeba-bitext-mining, configs such as ell-eng, columns sentence1 (foreign) and "
        "sentence2: as public programs read it; not verified against the Hub"
    )
    citation = "Artetxe and Schwenk (2019), Massively multilingual sentence embeddings"

    def __init__(self, directory: str | Path | None = None) -> None:
        self._sides: dict[str, dict[str, list[str]]] = {}
        self._files: dict[str, tuple[Path, Path]] = {}
        self.folder: Path | None = None
        if directory is None:
            return
        self.folder = need_folder(directory, self.name, _WHAT)
        strange = []
        for path in sorted(self.folder.glob("tatoeba.*-eng*.*")):
            pair, _, side = path.name.removeprefix("tatoeba.").partition(".")
            foreign, _, english = pair.partition("-")
            partner = path.with_name(f"tatoeba.{pair}.{english}")
            code = code_of(foreign)
            if side == foreign and partner.is_file():
                if code is None:
                    strange.append(path.name)
                else:
                    self._files.setdefault(code, (path, partner))
        tell_strange_names(str(self.folder), strange)
        if not self._files:
            raise DataError(f"tatoeba: no complete pair in {self.folder}; place {_WHAT} there")

    @cached_property
    def revision(self) -> str:
        """Digest of the files, or the commit that the Hub's `main` stands for."""
        if self.folder is not None:
            return digest([path for pair in self._files.values() for path in pair], self.folder)
        return hub_commit(self.name, HUB_REPOSITORY, _WHAT)

    @cached_property
    def _hub(self) -> dict[str, str]:
        """Configs of the Hub's copy, such as `ell-eng`, by language."""

        def ask() -> list[str]:
            from datasets import get_dataset_config_names

            return get_dataset_config_names(HUB_REPOSITORY, revision=self.revision)

        names = from_hub(self.name, HUB_REPOSITORY, _WHAT, ask)
        pairs = (name.removesuffix("-eng") for name in names if name.endswith("-eng"))
        return {code: f"{stem}-eng" for code, stem in by_code(pairs, HUB_REPOSITORY).items()}

    def languages(self) -> tuple[str, ...]:
        """Return English and every language that is paired with it."""
        return tuple(sorted({ENGLISH, *(self._files if self.folder is not None else self._hub)}))

    def how_to_add(self, code: str) -> str:
        """Name the files to place."""
        pair = f"tatoeba.{code}-{ENGLISH}"
        return f"Place {pair}.{code} and {pair}.{ENGLISH} in {self.folder or 'a folder'}."

    def directions(self, codes: Sequence[str]) -> list[tuple[str, str]]:
        """Return English with each language, both ways, and two others that share enough of it.

        Raises:
            DataError: A file cannot be read, or the Hub cannot be reached.
        """
        return [pair for pair in super().directions(codes) if ENGLISH in pair or self._meet(*pair)]

    def load_pair(self, source: str, target: str, split: str = "test") -> ParallelPair:
        """Load the rows of two languages.

        Args:
            source: Language of the queries.
            target: Language that is searched; of another language than English, the source too.
            split: `test`.

        Returns:
            With English, or of one language: all lines of the pair with English, ids `1`, `2` ...
            Of two other languages: the lines whose English is the same sentence, which is their id.

        Raises:
            DataError: Two languages share fewer than `LEAST_SHARED` English sentences, a language
                is missing, the two files differ in length, or the Hub cannot be reached.
        """
        self.check_split(split)
        source, target = self.require(source), self.require(target)
        if source == target == ENGLISH:
            raise DataError(f"tatoeba pairs {ENGLISH} with another language, not with itself")
        if source == target or ENGLISH in (source, target):
            sides = self._load(target if source == ENGLISH else source)
            ids = [str(number) for number in range(1, len(sides[source]) + 1)]
            return ParallelPair(ids, list(sides[source]), list(sides[target]))
        shared = self._shared(source, target)
        if len(shared) < LEAST_SHARED:
            raise DataError(
                f"tatoeba: {source} and {target} share {len(shared)} English sentences; legal: at "
                f"least {LEAST_SHARED}, or {ENGLISH} on one side"
            )
        texts = (self._by_english(code) for code in (source, target))
        queries, answers = ([by[english] for english in shared] for by in texts)
        return ParallelPair(shared, queries, answers)

    def _meet(self, one: str, other: str) -> bool:
        return len(self._shared(one, other)) >= LEAST_SHARED

    def _shared(self, one: str, other: str) -> list[str]:
        """List the English sentences that both have, in the order of the first in the alphabet."""
        first, second = (self._by_english(code) for code in sorted((one, other)))
        return [english for english in first if english in second]

    def _by_english(self, code: str) -> dict[str, str]:
        """Return the translation of each English sentence; of several, the first."""
        sides = self._load(code)
        found: dict[str, str] = {}
        for english, foreign in zip(sides[ENGLISH], sides[code], strict=True):
            found.setdefault(english, foreign)
        return found

    def texts(self, language: str, split: str = "test") -> Iterable[str]:
        """Return the sentences of one language; for English, of all its pairs."""
        self.check_split(split)
        code = self.own_code(language)
        if code not in self.languages():
            return []
        others = [c for c in self.languages() if c != ENGLISH] if code == ENGLISH else [code]
        return list(dict.fromkeys(text for other in others for text in self._load(other)[code]))

    def _load(self, code: str) -> dict[str, list[str]]:
        if code not in self._sides:
            foreign, english = (
                self._from_hub(code) if self.folder is None else map(read_lines, self._files[code])
            )
            if len(foreign) != len(english):
                raise DataError(
                    f"tatoeba: {code} has {len(foreign)} lines and its English side "
                    f"{len(english)}; get both files again"
                )
            self._sides[code] = {
                code: [clean(line) for line in foreign],
                ENGLISH: [clean(line) for line in english],
            }
        return self._sides[code]

    def _from_hub(self, code: str) -> tuple[list[str], list[str]]:
        rows = hub_rows(
            *(self.name, HUB_REPOSITORY, _WHAT, self._hub[code]),
            *("test", ("sentence1", "sentence2"), self.revision),
        )
        return [foreign for foreign, _ in rows], [english for _, english in rows]
