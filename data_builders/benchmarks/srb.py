"""SR-B: retrieval among 500 Bible verses, from a local folder of Bibles.

In: one file per language with `BBCCCVVV<TAB>verse` rows (the Parallel Bible Corpus's numbers), or
the files of the paper's authors, `bible.{lang}-eng_Latn.{lang}` with 500 plain lines. Out: the
verses that both languages have. Only the ids of the 500 verses come with this package.

Source: the paper, section on sentence retrieval; verses of the New Testament, evenly spaced.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from ..errors import DataError
from ..notices import tell_strange_names
from .files import Rows, code_of, language_files, read_rows
from .parallel import ParallelFolder


@cache
def verse_ids() -> tuple[str, ...]:
    """Return the 500 verse ids, `BBCCCVVV`: book, chapter, verse, English versification."""
    table = resources.files(__package__).joinpath("srb_verse_ids.txt")
    return tuple(table.read_text(encoding="ascii").split())


class SRB(ParallelFolder):
    """Bible retrieval over fixed verses; a language without some of them has a smaller pool.

    Args:
        directory: Folder with the Bibles. Verse files are used where there are any; otherwise the
            authors' layout, whose lines are taken to be the same verses in the same order.

    Raises:
        DataError: No such folder or nothing usable in it.
    """

    name = "srb"
    licence = "the Bibles' own; only verse numbers are distributed here"
    citation = "Mayer and Cysouw (2014), Creating a massively parallel Bible corpus; Glot500 (2023)"
    _released = "bible."
    _what = (
        "one Bible per language such as amh_Ethi.tsv.gz (BBCCCVVV<TAB>verse) "
        "or bible.amh_Ethi-eng_Latn.amh_Ethi (500 lines)"
    )

    def _find(self) -> dict[str, Path]:
        return language_files(self.folder) or _authors_files(self.folder)

    def signature(self) -> str:
        """Return `srb@sha256:...`."""
        return f"{self.name}@{self.revision}"

    def how_to_add(self, code: str) -> str:
        """Name the file to place."""
        return f"Place it as {self.folder / (code + '.tsv')}, BBCCCVVV<TAB>verse."

    def _read(self, code: str) -> Rows:
        """Keep those of the 500 verses that the language has."""
        found = read_rows(self._files[code])
        if self._files[code].name.startswith("bible."):
            return found
        texts = {i: found.texts[i] for i in verse_ids() if i in found.texts}
        if not texts:
            raise DataError(
                f"srb: {self._files[code]} has none of the {len(verse_ids())} verses; "
                "its ids must look like 40001001 (Matthew 1:1)"
            )
        return Rows(texts)


def _authors_files(folder: Path) -> dict[str, Path]:
    """The layout `bible.{lang}-eng_Latn.{lang}`; English from the first pair that has it."""
    found: dict[str, Path] = {}
    strange = []
    for path in sorted(folder.glob("bible.*-eng_Latn.*")):
        pair, _, side = path.name.removeprefix("bible.").partition(".")
        code = code_of(side)
        if side in pair.split("-"):
            if code is None:
                strange.append(path.name)
            else:
                found.setdefault(code, path)
    tell_strange_names(str(folder), strange)
    return dict(sorted(found.items()))
