"""Taxi1500: topics of Bible verses, from ready files or from labels joined with a Bible you hold.

In, the first that a folder has: `CODE/{train,dev,test}.tsv` (`verse<TAB>label<TAB>text`); the
authors' `860_ISO_train.tsv`, `ISO_dev.tsv`, `ISO_test.tsv`; or `labels/{split}.tsv`
(`verse<TAB>label`) beside `bible/CODE.tsv[.gz]` (`BBCCCVVV<TAB>verse`). Out: up to
860/106/111 texts a language. The texts are not on the Hub with labels; a folder is needed.

Source: arXiv 2406.19759, section 4.1; the data are arXiv 2305.08487.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from ...errors import DataError
from ...reading.lines import read_lines
from ..files import by_code, digest, files_passed_over, language_files, need_folder, read_rows
from .base import SPLITS, ClassificationBenchmark, LabelledTexts, check_labels

_WHAT = (
    "folders such as ell_Grek with train.tsv, dev.tsv, test.tsv (verse, label, text), "
    "or labels/train.tsv ... (verse, label) beside bible/ell_Grek.tsv (verse, text)"
)


class Taxi1500(ClassificationBenchmark):
    """Six topics; Violence has seven test verses, so macro-F1 jumps by points.

    Args:
        directory: The folder.

    Raises:
        DataError: The folder is missing or holds none of the layouts.
    """

    name = "taxi1500"
    licence = "labels Apache 2.0; verses as the Bibles that they are from"
    hub = "none with labels: cis-lmu/Taxi1500-RawData has texts without verse ids or labels"
    citation = "Ma et al. (2023), Taxi1500, arXiv 2305.08487"
    labels = ("Recommendation", "Faith", "Violence", "Grace", "Sin", "Description")

    def __init__(self, directory: str | Path | None) -> None:
        folder = need_folder(directory, self.name, _WHAT)
        self.folder = folder
        self._label_folder = folder / "labels"
        self._files = _ready(folder) or _authors(folder)
        self._bibles: dict[str, Path] = {}
        if not self._files and self._label_folder.is_dir():
            bible = folder / "bible"
            self._bibles = language_files(bible) if bible.is_dir() else {}
            self.passed_over = files_passed_over(bible) if bible.is_dir() else {}
        if not self._files and not self._bibles:
            raise DataError(f"taxi1500: nothing usable in {folder}; place {_WHAT} there")

    @cached_property
    def revision(self) -> str:
        """Digest of all files that texts or labels come from."""
        files = [path for splits in self._files.values() for path in splits.values()]
        labels = [self._labels(split) for split in SPLITS] if self._bibles else []
        found = [*files, *self._bibles.values(), *(p for p in labels if p.is_file())]
        return digest(found, self._label_folder.parent)

    def languages(self) -> tuple[str, ...]:
        """Return the languages found."""
        return tuple(self._files or self._bibles)

    def has(self, language: str, split: str) -> bool:
        """Tell whether a language has a split."""
        if self._bibles:
            return self._labels(split).is_file()
        return split in self._files[language]

    def load(self, language: str, split: str) -> LabelledTexts:
        """Load one split; verses that a Bible lacks are left out. See the form."""
        code = self.require_split(language, split)
        if self._bibles:
            verses = read_rows(self._bibles[code]).texts
            path = self._labels(split)
            pairs = _cells(path, 2)
            rows = [[verse, label, verses[verse]] for verse, label in pairs if verse in verses]
        else:
            path = self._files[code][split]
            rows = _cells(path, 3)
        if not rows:
            raise DataError(f"taxi1500: {code} has none of the verses of {path}; check the ids")
        ids, labels, texts = (list(column) for column in zip(*rows, strict=True))
        check_labels(self.name, path.name, labels, self.labels)
        return LabelledTexts(ids, texts, labels)

    def _labels(self, split: str) -> Path:
        return self._label_folder / f"{split}.tsv"


def _ready(folder: Path) -> dict[str, dict[str, Path]]:
    """The layout with one folder per language."""
    stems = by_code((path.name for path in folder.iterdir() if path.is_dir()), str(folder))
    found = {
        code: {
            s: folder / stem / f"{s}.tsv" for s in SPLITS if (folder / stem / f"{s}.tsv").is_file()
        }
        for code, stem in stems.items()
    }
    return {code: splits for code, splits in found.items() if splits}


def _authors(folder: Path) -> dict[str, dict[str, Path]]:
    """The authors' layout, whose codes have no script."""
    found: dict[str, dict[str, Path]] = {}
    for split in SPLITS:
        start = "860_" if split == "train" else ""
        paths = {
            p.name[len(start) : -len(f"_{split}.tsv")]: p
            for p in folder.glob(f"{start}*_{split}.tsv")
        }
        for code, stem in by_code(paths, str(folder)).items():
            found.setdefault(code, {})[split] = paths[stem]
    return dict(sorted(found.items()))


def _cells(path: Path, width: int) -> list[list[str]]:
    rows = [line.split("\t") for line in read_lines(path) if line]
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            raise DataError(f"taxi1500: {path}, line {number}: {len(row)} cells, legal: {width}")
    return rows
