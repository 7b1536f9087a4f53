"""NER: persons, organisations and places (WikiANN / PAN-X), from the Hub or a local folder.

In: one word a line with its tag, a blank line between sentences, in the layouts that
`reading.tagged` knows, under the names that `tagged_files` knows. Out: words and tags in IOB2; the
Hub's tag numbers have another order and are mapped by name.

Source: arXiv 2406.19759, section 4.1; the data: Pan et al. (2017), split by Rahimi et al. (2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import DataError
from ...languages.aliases import WIKIPEDIA_LANGUAGES
from ...reading.tagged import read_tagged, to_iob2
from ..files import digest, need_folder
from ..hub import config_languages, from_hub, hub_commit
from .base import TaggedSentences, TaggingBenchmark, check_labels, one_arabic
from .tagged_files import find_splits

HUB_REPOSITORY = "unimelb-nlp/wikiann"
_NO_LANGUAGES = ("default", "map-bms", "simple")

_KINDS = ("PER", "ORG", "LOC", "O")
_WHAT = "folders such as ell_Grek with train.iob2, dev.iob2, test.iob2 (token, tag; .gz is read)"


class NER(TaggingBenchmark):
    """Entities in IOB2; scored by the micro F1 of whole entities.

    Args:
        directory: The folder; None loads WikiANN from the Hub.
        label_map: What becomes of entities that are none of the three: a kind such as `DATE` to
            `PER`, `ORG`, `LOC`, or `O` for no entity.

    Raises:
        DataError: The folder is missing or holds no language, or a kind is mapped to none of these.
    """

    name = "ner"
    main_score = "entity_f1"
    licence = "not stated by WikiANN (text of Wikipedia, CC BY-SA); a local folder: its own"
    hub = (
        "unimelb-nlp/wikiann, a config per Wikipedia, ner_tags by name: as public programs read "
        "it; not verified against the Hub"
    )
    citation = "Pan et al. (2017), WikiANN; splits: Rahimi et al. (2019), arXiv 1902.00193"
    labels = ("B-LOC", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER", "O")

    def __init__(
        self,
        directory: str | Path | None = None,
        label_map: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = None
        self.label_map = dict(sorted((label_map or {}).items()))
        self._files: dict[str, dict[str, list[Path]]] = {}
        wrong = [f"{kind}={to}" for kind, to in self.label_map.items() if to not in _KINDS]
        if wrong:
            raise DataError(f"ner: labels {', '.join(wrong)}; legal is KIND={'|'.join(_KINDS)}")
        if directory is None:
            return
        self.folder = need_folder(directory, self.name, _WHAT)
        self._files, self.passed_over = find_splits(
            self.folder, ("", ".iob2", ".tsv", ".txt", ".conll", ".conllu", ".bio")
        )
        if not self._files:
            raise DataError(f"ner: no language in {self.folder}; place {_WHAT} there")

    @cached_property
    def revision(self) -> str:
        """Digest of the files, or the commit of the Hub's `main`; and the label map."""
        mapped = "".join(f"+{kind}={to}" for kind, to in self.label_map.items())
        if self.folder is None:
            return self._commit + mapped
        files = [
            path for splits in self._files.values() for paths in splits.values() for path in paths
        ]
        return digest(files, self.folder) + mapped

    def languages(self) -> tuple[str, ...]:
        """Return the languages found."""
        return tuple(self._configs if self.folder is None else self._files)

    @cached_property
    def _configs(self) -> dict[str, str]:
        """What WikiANN calls its languages, by code."""
        found = config_languages(
            self.name, HUB_REPOSITORY, _WHAT, self._commit, _NO_LANGUAGES, own=WIKIPEDIA_LANGUAGES
        )
        return one_arabic(found)

    @cached_property
    def _commit(self) -> str:
        return hub_commit(self.name, HUB_REPOSITORY, _WHAT)

    def has(self, language: str, split: str) -> bool:
        """Tell whether a language has a split; on the Hub all have all."""
        return self.folder is None or split in self._files[language]

    def files(self, code: str, split: str) -> list[Path]:
        """Return the files of one split of a language."""
        return self._files.get(code, {}).get(split, [])

    def load(self, language: str, split: str) -> TaggedSentences:
        """Load one split; see the form."""
        code = self.require_split(language, split)
        found = self._read(code, split)
        tags = [[self._mapped(tag) for tag in sentence] for sentence in found.tags]
        where = f"{code} {split}" + (f" of {self.folder}" if self.folder else "")
        try:
            check_labels(self.name, where, [tag for one in tags for tag in one], self.labels)
        except DataError as error:
            kinds = dict.fromkeys(tag.partition("-")[2] for one in tags for tag in one)
            strange = [f"{kind}=O" for kind in kinds if kind and kind not in _KINDS]
            places = {place for one in tags for place, _, _ in (t.partition("-") for t in one)}
            if places - {"B", "I", "O"}:
                raise DataError(
                    f"{error}; these are no tags of IOB, such as B-PER, I-PER and O: write them so"
                ) from error
            asked = " ".join(strange[:8])
            raise DataError(f"{error}; map or drop a kind: --label-map {asked}") from error
        return TaggedSentences(found.words, tags)

    def why_unscored(self, language: str, split: str) -> str | None:
        """Say why a test set scores nothing: the F1 of entities needs one."""
        found = self.load(language, split)
        if any(tag != "O" for tags in found.tags for tag in tags):
            return None
        return f"its {split} data hold no entity, and F1 needs one"

    def _strings(self, code: str, split: str) -> list[str]:
        # Whatever the labels are: who keeps sentences out of a training set needs none.
        return [" ".join(words) for words in self._read(code, split).words]

    def _read(self, code: str, split: str) -> TaggedSentences:
        if self.folder is None:
            return self._from_hub(code, split)
        words: list[list[str]] = []
        tags: list[list[str]] = []
        for path in self._files[code][split]:
            found = read_tagged(path, self.name)
            words += found.words
            tags += map(to_iob2, found.tags)
        return TaggedSentences(words, tags)

    def _mapped(self, tag: str) -> str:
        place, _, kind = tag.partition("-")
        to = self.label_map.get(kind, kind)
        return f"{place}-{to}" if kind and to != "O" else "O" if kind else tag

    def _from_hub(self, code: str, split: str) -> TaggedSentences:
        def get() -> Any:
            from datasets import load_dataset

            return load_dataset(
                HUB_REPOSITORY,
                self._configs[code],
                split="validation" if split == "dev" else split,
                revision=self._commit,
            )

        rows: Any = from_hub(self.name, HUB_REPOSITORY, _WHAT, get)
        names = rows.features["ner_tags"].feature.names
        tags = [[names[number] for number in row] for row in rows["ner_tags"]]
        return TaggedSentences([list(words) for words in rows["tokens"]], tags)
