"""NTREX-128: news sentences translated from English, from the Hub or a local folder.

In: a folder as for `parallel` (`amh_Ethi.tsv`), or the files of the data set's own repository
(`newstest2019-src.eng.txt`, `newstest2019-ref.amh.txt`); without a folder, the Hub. Out: rows
that are translations of one another in all languages, 1,997 where the set is whole.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from ..notices import tell_once
from ..sources.cldr.names import clean
from .base import Form
from .files import Rows, by_code, language_files, read_rows
from .hub import config_languages, hub_commit, hub_rows
from .parallel import ParallelFolder

HUB_REPOSITORY = "davidstap/NTREX"
_CHINESE = {"zho-CN": "zho_Hans", "zho-TW": "zho_Hant"}


class NTREX(ParallelFolder):
    """Retrieval with an open licence, in more languages than the Bible has open texts.

    Args:
        directory: The folder; None loads from the Hub.

    Raises:
        DataError: The folder is missing, or holds no language.
    """

    name = "ntrex"
    licence = "CC BY-SA 4.0"
    hub = (
        "davidstap/NTREX, a config per language (amh_Ethi), split test, column text: as public "
        "programs read it; not verified against the Hub"
    )
    citation = "Federmann, Kocmi and Xin (2022), NTREX-128, SUMEval"
    _released = "newstest2019-"
    _what = "one file per language such as amh_Ethi.tsv (id<TAB>text) or newstest2019-ref.amh.txt"

    def __init__(self, directory: str | Path | None) -> None:
        self._from_hub = directory is None
        if directory is not None:
            super().__init__(directory)
            return
        self._rows = {}
        self._files = {}

    def _find(self) -> dict[str, Path]:
        released: dict[str, Path] = {}
        for path in sorted(self.folder.glob("newstest2019-*.txt"), reverse=True):
            stem = path.name.removesuffix(".txt").partition(".")[2]
            kept = released.setdefault(_CHINESE.get(stem, stem), path)
            if kept != path:  # `ref.spa` comes before `ref-2.spa`, the second translation
                tell_once(f"ntrex: {path.name} is left out, as {kept.name} has that language")
        spelling = by_code(released, str(self.folder))
        named = {code: released[stem] for code, stem in spelling.items()}
        return language_files(self.folder) or named

    @cached_property
    def revision(self) -> str:
        """Digest of the files, or the commit that the Hub's `main` stands for."""
        if self._from_hub:
            return hub_commit(self.name, HUB_REPOSITORY, self._what)
        return super().revision

    def signature(self) -> str:
        """Return `ntrex@...`, wherever the folder lies."""
        return Form.signature(self)

    def languages(self) -> tuple[str, ...]:
        """Return the languages found."""
        return tuple(self._configs if self._from_hub else self._files)

    @cached_property
    def _configs(self) -> dict[str, str]:
        """Configs of the Hub's copy by language."""
        return config_languages(self.name, HUB_REPOSITORY, self._what, self.revision, ("default",))

    def how_to_add(self, code: str) -> str:
        """Name the file to place."""
        return Form.how_to_add(self, code) if self._from_hub else super().how_to_add(code)

    def _read(self, code: str) -> Rows:
        if not self._from_hub:
            return read_rows(self._files[code])

        lines = hub_rows(
            *(self.name, HUB_REPOSITORY, self._what, self._configs[code]),
            *("test", ("text",), self.revision),
        )
        texts = {str(n): clean(text) for n, (text,) in enumerate(lines, 1) if clean(text)}
        return Rows(texts, len(lines))
