"""NER: persons, organisations and places (WikiANN / PAN-X), from the Hub or a local folder.

In: `token<TAB>tag` lines, IOB2, a blank line between sentences, as `CODE/{split}.iob2[.gz]`, as
`CODE/{split}` (PAN-X, tokens with `en:` before them) or as `{split}-CODE.tsv` (Glot500).
Out: words and tags; the Hub's tag numbers have another order and are mapped by name.

Source: arXiv 2406.19759, section 4.1; the data: Pan et al. (2017), split by Rahimi et al. (2019).
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import DataError
from ..files import digest, need_folder, read_lines
from .base import (
    SPLITS,
    TaggedSentences,
    TaggingBenchmark,
    by_code,
    check_labels,
    from_hub,
    hub_commit,
    one_arabic,
)

HUB_REPOSITORY = "unimelb-nlp/wikiann"
HUB_CONFIGS = dict(
    pair.split(":")
    for pair in (
        "eng_Latn:en tur_Latn:tr mlt_Latn:mt ell_Grek:el heb_Hebr:he amh_Ethi:am ara_Arab:ar "
        "arz_Arab:arz fas_Arab:fa tha_Thai:th kor_Hang:ko zho_Hani:zh yue_Hani:zh-yue "
        "wuu_Hani:wuu lzh_Hani:zh-classical mya_Mymr:my bod_Tibt:bo"
    ).split()
)
"""Languages of the two groups that WikiANN has, and what it calls them."""

_WHAT = "folders such as ell_Grek with train.iob2, dev.iob2, test.iob2 (token, tag; .gz is read)"


class NER(TaggingBenchmark):
    """Entities in IOB2; scored by the micro F1 of whole entities.

    Args:
        directory: The folder; None loads WikiANN from the Hub.

    Raises:
        DataError: The folder is missing or holds no language.
    """

    name = "ner"
    main_score = "entity_f1"
    licence = "not stated by WikiANN (text of Wikipedia, CC BY-SA); a local folder: its own"
    hub = (
        "unimelb-nlp/wikiann, configs as its card lists them, ner_tags by name: as public programs "
        "read it; not verified against the Hub"
    )
    citation = "Pan et al. (2017), WikiANN; splits: Rahimi et al. (2019), arXiv 1902.00193"
    labels = ("B-LOC", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER", "O")

    def __init__(self, directory: str | Path | None = None) -> None:
        self.folder = None
        self._files: dict[str, dict[str, Path]] = {}
        if directory is None:
            return
        self.folder = need_folder(directory, self.name, _WHAT)
        self._files = find_splits(self.folder, ("", ".iob2", ".tsv", ".txt"))
        if not self._files:
            raise DataError(f"ner: no language in {self.folder}; place {_WHAT} there")

    @cached_property
    def revision(self) -> str:
        """Digest of the files, or the commit that the Hub's `main` stands for."""
        if self.folder is None:
            return hub_commit(self.name, HUB_REPOSITORY, _WHAT)
        files = [path for splits in self._files.values() for path in splits.values()]
        return digest(files, self.folder)

    def languages(self) -> tuple[str, ...]:
        """Return the languages found."""
        return tuple(sorted(HUB_CONFIGS)) if self.folder is None else tuple(self._files)

    def has(self, language: str, split: str) -> bool:
        """Tell whether a language has a split; on the Hub all have all."""
        return self.folder is None or split in self._files[language]

    def load(self, language: str, split: str) -> TaggedSentences:
        """Load one split; see the form."""
        code = self.require_split(language, split)
        if self.folder is None:
            return self._from_hub(code, split)
        path = self._files[code][split]
        found = read_columns(path, self.name)
        check_labels(
            self.name, str(path), [tag for tags in found.tags for tag in tags], self.labels
        )
        return found

    def _from_hub(self, code: str, split: str) -> TaggedSentences:
        def get() -> Any:
            from datasets import load_dataset

            return load_dataset(
                HUB_REPOSITORY,
                HUB_CONFIGS[code],
                split="validation" if split == "dev" else split,
                revision=self.revision,
            )

        rows: Any = from_hub(self.name, HUB_REPOSITORY, _WHAT, get)
        names = rows.features["ner_tags"].feature.names
        check_labels(self.name, HUB_REPOSITORY, names, self.labels)
        tags = [[names[number] for number in row] for row in rows["ner_tags"]]
        return TaggedSentences([list(words) for words in rows["tokens"]], tags)


def find_splits(folder: Path, endings: tuple[str, ...]) -> dict[str, dict[str, Path]]:
    """Find `CODE/SPLIT<ending>[.gz]` and `SPLIT-CODE<ending>[.gz]`.

    Args:
        folder: Where to look.
        endings: Legal ends of file names before `.gz`.

    Returns:
        Path by split by code, sorted.
    """
    paths: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.glob("*")):
        inner = sorted(path.iterdir()) if path.is_dir() else [path]
        for file in inner:
            name = file.name.removesuffix(".gz")
            for split in SPLITS:
                for ending in endings:
                    if path.is_dir() and name == split + ending:
                        paths.setdefault(path.name, {}).setdefault(split, file)
                    elif file is path and ending and name.endswith(ending):
                        first, _, stem = name.removesuffix(ending).partition("-")
                        if first == split:
                            paths.setdefault(stem, {}).setdefault(split, file)
    spelling = one_arabic(by_code(paths, str(folder)))
    return {code: paths[stem] for code, stem in sorted(spelling.items())}


def read_columns(path: Path, name: str) -> TaggedSentences:
    """Read `token<TAB>tag` lines with blank lines between sentences.

    Args:
        path: Plain or `.gz`; the language that PAN-X writes before each token is taken off.
        name: The benchmark, for messages.

    Returns:
        At least one sentence.

    Raises:
        DataError: A line has no tag, or there is no sentence.
    """
    words: list[list[str]] = [[]]
    tags: list[list[str]] = [[]]
    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            words.append([])
            tags.append([])
            continue
        token, tab, tag = line.rpartition("\t")
        if not tab or not token:
            raise DataError(f"{name}: {path}, line {number}: legal is token, a tab, and its tag")
        words[-1].append(token)
        tags[-1].append(tag.strip())
    words, tags = [w for w in words if w], [t for t in tags if t]
    if not words:
        raise DataError(f"{name}: {path} has no sentence; legal: token<TAB>tag lines")
    starts = {token.partition(":")[0] if ":" in token else "" for w in words for token in w}
    if len(starts) == 1 and (start := starts.pop()):
        words = [[token.removeprefix(f"{start}:") or ":" for token in w] for w in words]
    return TaggedSentences(words, tags)
