"""SIB-200: topics of FLORES sentences, parallel across languages, from the Hub or a local folder.

In: `CODE/{train,dev,test}.tsv` with the header `index_id category text` (the layout of the
data set's own repository). Out: 701/99/204 texts a language.

Source: arXiv 2406.19759, section 4.1; the data are arXiv 2309.07445.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from ...errors import DataError
from ...reading.lines import read_lines
from ..files import by_code, digest, need_folder
from ..hub import from_hub, hub_commit
from .base import SPLITS, ClassificationBenchmark, LabelledTexts, check_labels

HUB_REPOSITORY = "Davlan/sib200"
_HEADER = ["index_id", "category", "text"]
_WHAT = "folders such as ell_Grek with train.tsv, dev.tsv, test.tsv (index_id, category, text)"


class SIB200(ClassificationBenchmark):
    """Seven topics; the same `index_id` is the same sentence in every language.

    Args:
        directory: Folder with one folder per language; None loads from the Hub.

    Raises:
        DataError: The folder is missing or holds no language.
    """

    name = "sib200"
    licence = "CC BY-SA 4.0"
    hub = (
        "Davlan/sib200, data/LANGUAGE/SPLIT.tsv: as public programs download it; not verified "
        "against the Hub"
    )
    citation = "Adelani et al. (2024), SIB-200, arXiv 2309.07445"
    labels = (
        *("science/technology", "travel", "politics", "sports", "health"),
        *("entertainment", "geography"),
    )

    def __init__(self, directory: str | Path | None = None) -> None:
        self.folder = None
        if directory is None:
            return
        self.folder = need_folder(directory, self.name, _WHAT)
        if not self._spelling:
            raise DataError(f"sib200: no language in {self.folder}; place {_WHAT} there")

    @cached_property
    def _spelling(self) -> dict[str, str]:
        """Names of the folders of languages, by code."""
        if self.folder is None:
            return by_code(self._hub_folders(), HUB_REPOSITORY)
        names = (
            path.name
            for path in self.folder.iterdir()
            if any((path / f"{split}.tsv").is_file() for split in SPLITS)
        )
        return by_code(names, str(self.folder))

    def _hub_folders(self) -> list[str]:
        def ask() -> list[str]:
            from huggingface_hub import HfApi
            from huggingface_hub.hf_api import RepoFolder

            inside = HfApi().list_repo_tree(
                HUB_REPOSITORY, "data", repo_type="dataset", revision=self.revision
            )
            return [one.path.rpartition("/")[2] for one in inside if isinstance(one, RepoFolder)]

        return list(from_hub(self.name, HUB_REPOSITORY, _WHAT, ask))

    @cached_property
    def revision(self) -> str:
        """Digest of the files, or the commit that the Hub's `main` stands for."""
        if self.folder is None:
            return hub_commit(self.name, HUB_REPOSITORY, _WHAT)
        paths = [self._path(code, split) for code in self._spelling for split in SPLITS]
        return digest([path for path in paths if path.is_file()], self.folder)

    def languages(self) -> tuple[str, ...]:
        """Return the languages found."""
        return tuple(self._spelling)

    def has(self, language: str, split: str) -> bool:
        """Tell whether a language has a split; on the Hub all have all."""
        return self.folder is None or self._path(language, split).is_file()

    def load(self, language: str, split: str) -> LabelledTexts:
        """Load one split; see the form."""
        code = self.require_split(language, split)
        path = self._path(code, split) if self.folder is not None else self._download(code, split)
        # No CSV reader: quotation marks are text in these files.
        rows = [line.split("\t") for line in read_lines(path) if line]
        if not rows or rows[0] != _HEADER:
            raise DataError(f"sib200: {path} must begin with the header {' '.join(_HEADER)}")
        wrong = next((n for n, row in enumerate(rows, 1) if len(row) != len(_HEADER)), None)
        if wrong or len(rows) == 1:
            raise DataError(f"sib200: {path}, line {wrong or 2}: a row has 3 cells, split by tabs")
        ids, labels, texts = (list(column) for column in zip(*rows[1:], strict=True))
        check_labels(self.name, path.name, labels, self.labels)
        return LabelledTexts(ids, texts, labels)

    def _path(self, code: str, split: str) -> Path:
        return Path(self.folder or "", self._spelling[code], f"{split}.tsv")

    def _download(self, code: str, split: str) -> Path:
        def get() -> str:
            from huggingface_hub import hf_hub_download

            # The plain files: the loading script beside them no longer runs with `datasets`.
            return hf_hub_download(
                HUB_REPOSITORY,
                f"data/{self._spelling[code]}/{split}.tsv",
                repo_type="dataset",
                revision=self.revision,
            )

        return Path(str(from_hub(self.name, HUB_REPOSITORY, _WHAT, get)))
