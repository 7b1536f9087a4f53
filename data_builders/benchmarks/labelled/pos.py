"""POS: universal part-of-speech tags of Universal Dependencies, from the Hub or a local folder.

In: CoNLL-U as `CODE/{split}*.conllu[.gz]` or a UD release (`UD_*/xx_tb-ud-{split}.conllu`),
or the converted `{split}-CODE.tsv` of Glot500. Out: words and tags; all treebanks of a language
are one. A fused token (`dámelo`) is one word with one tag, as in the paper; see `fuse`.

Source: arXiv 2406.19759, section 4.1; UD 2.11.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import DataError
from ...notices import tell_strange_names
from ...packed import unpacked_name
from ...reading.tagged import read_tagged
from ..files import by_code, code_of, digest, need_folder
from ..hub import from_hub, hub_commit
from .base import (
    SPLITS,
    TaggedSentences,
    TaggingBenchmark,
    check_labels,
    one_arabic,
)
from .conllu import NUMBER, UPOS, Token, fuse, read_conllu, withheld
from .tagged_files import find_splits

HUB_REPOSITORY = "commul/universal_dependencies"

_WHAT = "folders such as ell_Grek with train.conllu, dev.conllu, test.conllu (.gz is read)"
_RELEASE = re.compile(r"([a-z]{2,3})_\w+-ud-(train|dev|test)\.conllu(\.gz)?")
_LOCAL = re.compile(r"(train|dev|test)([_-].*)?\.conllu(\.gz)?")


class POS(TaggingBenchmark):
    """Seventeen tags; the paper's score treats them as entities, see the metrics.

    Args:
        directory: The folder; None loads from the Hub.

    Raises:
        DataError: The folder is missing or holds no treebank.
    """

    name = "pos"
    main_score = "paper_f1"
    licence = "each treebank's own, mostly CC BY-SA 4.0 or CC BY-NC-SA 3.0"
    hub = (
        "commul/universal_dependencies, a config per treebank (en_ewt), tags of UD versions as "
        "revisions: as public programs read it; the column 'mwt' of fused tokens is not confirmed "
        "anywhere, and without it loading ends with an error. Not verified against the Hub; UD "
        "2.11 itself, the paper's, is only known as LINDAT 11234/1-4923"
    )
    citation = "Nivre et al. (2020), Universal Dependencies v2"
    labels = UPOS

    def __init__(self, directory: str | Path | None = None) -> None:
        self.folder = None
        self._files: dict[str, dict[str, list[Path]]] = {}
        if directory is None:
            return
        self.folder = need_folder(directory, self.name, _WHAT)
        self._files = _treebanks(self.folder)
        if not self._files:
            raise DataError(f"pos: no treebank in {self.folder}; place {_WHAT} there")

    @cached_property
    def revision(self) -> str:
        """Digest of the files, or the commit that the Hub's `main` stands for."""
        if self.folder is None:
            return hub_commit(self.name, HUB_REPOSITORY, _WHAT)
        splits = [files for found in self._files.values() for files in found.values()]
        return digest([path for files in splits for path in files], self.folder)

    @cached_property
    def _configs(self) -> dict[str, list[str]]:
        """Treebanks on the Hub by language."""

        def get() -> Any:
            from datasets import get_dataset_config_names

            return get_dataset_config_names(HUB_REPOSITORY, revision=self.revision)

        found: dict[str, list[str]] = {}
        strange = []
        for config in sorted(from_hub(self.name, HUB_REPOSITORY, _WHAT, get)):
            code = code_of(config.partition("_")[0])
            if code is None:
                strange.append(config)
            else:
                found.setdefault(code, []).append(config)
        tell_strange_names(HUB_REPOSITORY, strange)
        return found

    def languages(self) -> tuple[str, ...]:
        """Return the languages found."""
        return tuple(sorted(self._configs if self.folder is None else self._files))

    def has(self, language: str, split: str) -> bool:
        """Tell whether any treebank of a language has a split."""
        if self.folder is not None:
            return split in self._files[language]
        return any(split in self._splits(config) for config in self._configs[language])

    def load(self, language: str, split: str) -> TaggedSentences:
        """Load one split of all treebanks of a language; see the form."""
        code = self.require_split(language, split)
        words: list[list[str]] = []
        tags: list[list[str]] = []
        for found in self._parts(code, split):
            words += found.words
            tags += found.tags
        if code.startswith("fas"):
            # As the paper's preparation does; a word that is nothing else stays as it is.
            words = [[word.replace("\u200c", "") or word for word in w] for w in words]
        if not words:
            raise DataError(f"pos: {code} {split} has no sentence with words")
        check_labels(self.name, f"{code} {split}", [tag for t in tags for tag in t], self.labels)
        return TaggedSentences(words, tags)

    def _parts(self, code: str, split: str) -> list[TaggedSentences]:
        if self.folder is None:
            configs = [c for c in self._configs[code] if split in self._splits(c)]
            return [_tagged(self._hub_sentences(config, split)) for config in configs]
        return [
            _from_columns(path, self.name)
            if unpacked_name(path).endswith(".tsv")
            else _tagged(read_conllu(path))
            for path in self._files[code][split]
        ]

    def _splits(self, config: str) -> list[str]:
        def get() -> Any:
            from datasets import get_dataset_split_names

            return get_dataset_split_names(HUB_REPOSITORY, config, revision=self.revision)

        names: Any = from_hub(self.name, HUB_REPOSITORY, _WHAT, get)
        return ["dev" if name == "validation" else name for name in names]

    def _hub_sentences(self, config: str, split: str) -> list[list[Token]]:
        def get() -> Any:
            from datasets import load_dataset

            name = "validation" if split == "dev" else split
            return load_dataset(HUB_REPOSITORY, config, split=name, revision=self.revision)

        rows: Any = from_hub(self.name, HUB_REPOSITORY, _WHAT, get)
        if "mwt" not in rows.column_names:
            raise DataError(
                f"pos: {HUB_REPOSITORY} has no column 'mwt' with the fused tokens; "
                f"give a local folder with {_WHAT}"
            )
        upos = getattr(getattr(rows.features["upos"], "feature", None), "names", None)
        sentences = []
        for row in rows:
            tags = [upos[tag] if upos else tag for tag in row["upos"]]
            words = zip(row["tokens"], tags, row["head"], strict=True)
            tokens = [
                Token(str(number), form, tag, int(head) if NUMBER.fullmatch(str(head)) else 0)
                for number, (form, tag, head) in enumerate(words, 1)
            ]
            sentences.append(
                [*(Token(str(m["id"]), m["form"], "_", 0) for m in row["mwt"]), *tokens]
            )
        return sentences


def _tagged(sentences: list[list[Token]]) -> TaggedSentences:
    pairs = [fuse(sentence) for sentence in sentences if not withheld(sentence)]
    pairs = [pair for pair in pairs if pair]
    return TaggedSentences(
        [[form for form, _ in pair] for pair in pairs], [[tag for _, tag in pair] for pair in pairs]
    )


def _from_columns(path: Path, name: str) -> TaggedSentences:
    found = read_tagged(path, name)
    return TaggedSentences(found.words, found.tags)


def _treebanks(folder: Path) -> dict[str, dict[str, list[Path]]]:
    """Files by split by code, in any of the three layouts."""
    paths: dict[str, dict[str, list[Path]]] = {}
    for file in sorted(folder.glob("*/*")):
        released, local = _RELEASE.fullmatch(file.name), _LOCAL.fullmatch(file.name)
        if released:
            paths.setdefault(released[1], {}).setdefault(released[2], []).append(file)
        elif local:
            paths.setdefault(file.parent.name, {}).setdefault(local[1], []).append(file)
    if not paths:
        return find_splits(folder, (".tsv",))[0]
    order = {split: number for number, split in enumerate(SPLITS)}
    return {
        code: dict(sorted(paths[stem].items(), key=lambda item: order[item[0]]))
        for code, stem in sorted(one_arabic(by_code(paths, str(folder))).items())
    }
