"""The source `hub`: any text dataset of the Hugging Face Hub, streamed at a resolved commit.

The default is `cis-lmu/Glot500`, the public part of what the paper was trained on: one config
per language, not deduplicated, Bible text removed. Its licence is mixed: the sampled text is for
training here, not for publishing again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..errors import DataError
from ..languages.groups import Language, resolve_code
from ..schema import TEXT
from .base import Sentence
from .hub_files import cells_of

__all__ = ["DEFAULT_REPO", "HubSource"]

DEFAULT_REPO = "cis-lmu/Glot500"
_PATTERN = re.compile(r"(?:[^{}/\\\x00-\x1f]|\{(?:code|language|script)\}){1,200}")
_CODE = "{code}"


@dataclass(frozen=True)
class HubSource:
    """Text of a Hub dataset.

    Attributes:
        repo: `org/name`.
        revision: Branch, tag or commit.
        config: Config of a language; `{code}`, `{language}` and `{script}` are filled in.
        text_column: The column with the sentence.
        split: Name of the split.
        origin_column: The column that says where a sentence comes from, such as a corpus within
            the dataset; None for none. Files that lack it are read all the same.
    """

    repo: str = DEFAULT_REPO
    revision: str = "main"
    config: str = _CODE
    text_column: str = TEXT
    split: str = "train"
    origin_column: str | None = None
    _opened: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _PATTERN.fullmatch(self.config):
            raise DataError(
                f"config {self.config[:60]!r}; legal are a config name or a pattern with "
                "{code}, {language}, {script}"
            )

    @property
    def name(self) -> str:
        """What the source is called in messages."""
        return self.repo

    @property
    def documents(self) -> bool | None:
        """Whether rows are documents: a look at them tells."""
        return None

    def _config_name(self, language: Language) -> str:
        # Not `format`: a pattern may come with a recipe, and `{code:>9999999999}` fills the memory.
        config = self.config.replace("{code}", language.code)
        config = config.replace("{language}", language.iso639_3)
        return config.replace("{script}", language.iso15924)

    @cached_property
    def commit(self) -> str:
        """The commit that `revision` stands for now."""
        from huggingface_hub import HfApi

        try:
            commit = HfApi().dataset_info(self.repo, revision=self.revision).sha
        except Exception as error:
            raise self._unreachable(error) from error
        if not commit:
            raise DataError(f"the Hub names no commit for {self.repo} at {self.revision}")
        return commit

    @cached_property
    def _configs(self) -> dict[str, str]:
        """Config names by the language they are for."""
        from datasets import get_dataset_config_names

        try:
            names = get_dataset_config_names(self.repo, revision=self.commit)
        except Exception as error:
            raise self._unreachable(error) from error
        found: dict[str, str] = {}
        for name in names:
            try:
                found.setdefault(resolve_code(name), name)
            except DataError:
                continue
        return found

    def _unreachable(self, error: Exception) -> DataError:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        return DataError(
            f"cannot read {self.repo} (revision {self.revision}) on the Hub: {reason}. Check the "
            "name, the network and your token, or use --source files:DIR or --source cldr"
        )

    def _builder(self, language: Language) -> Any:
        """Open the config of a language, under another spelling of its code if need be.

        A config is asked for by its name: a repository may have thousands, and to list them takes
        minutes.

        Returns:
            A builder of `datasets`, or None where there is no such config.
        """
        name = self._config_name(language)
        if name not in self._opened:
            builder = self._open(name)
            if builder is None and self.config == _CODE and language.code in self._configs:
                builder = self._open(self._configs[language.code])
            self._opened[name] = builder
        return self._opened[name]

    def _open(self, name: str) -> Any:
        from datasets import load_dataset_builder

        commit = self.commit
        try:
            return load_dataset_builder(self.repo, name, revision=commit)
        except Exception as error:
            if isinstance(error, ValueError) and f"'{name}' not found" in str(error):
                return None
            raise self._unreachable(error) from error

    def signature(self) -> str:
        """Name the dataset and its commit.

        Returns:
            Such as `cis-lmu/Glot500@<commit>`.
        """
        return f"{self.repo}@{self.commit}"

    def options(self) -> dict[str, str | int | None]:
        """Give the options of `parse_source` that make this source again.

        Returns:
            Value by option.
        """
        return {"hub_config": self.config, "text_column": self.text_column, "split": self.split}

    def digest(self, language: Language) -> str:
        """Digest everything that decides the rows of one language.

        Args:
            language: The language.

        Returns:
            A string that changes with the commit, the config, the split and the columns.
        """
        columns = (self.text_column, self.origin_column)
        return f"{self.signature()}|{self._builder(language).config.name}|{self.split}|{columns}"

    def covers(self, language: Language) -> bool:
        """Tell whether the dataset has a config for a language.

        Args:
            language: The language.

        Returns:
            True when it has.

        Raises:
            DataError: The Hub cannot be reached.
        """
        return self._builder(language) is not None

    def why_missing(self, language: Language) -> str:
        """Say why a language is missing.

        Args:
            language: The language.

        Returns:
            A sentence.
        """
        missing = f"{self.repo} has no config {self._config_name(language)!r}"
        if self.config != _CODE:
            return f"{missing}, as --hub-config {self.config} has it"
        names = sorted(self._configs.values())
        return f"{missing}; it has {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}"

    def skipped(self, codes: Sequence[str]) -> list[str]:
        """List nothing: a dataset has no files that could be skipped.

        Args:
            codes: Ignored.

        Returns:
            An empty list.
        """
        return []

    def available(self, language: Language) -> int | None:
        """Read the number of rows from the split metadata.

        Args:
            language: The language.

        Returns:
            Rows before any filter, or None where the dataset does not say.
        """
        split = (self._builder(language).info.splits or {}).get(self.split)
        return split.num_examples or None if split is not None else None

    def sentences(self, language: Language) -> Iterator[Sentence]:
        """Stream the rows of a language; of its columns none but those named is looked at.

        Args:
            language: The language.

        Yields:
            Every row, in the order of the dataset.

        Raises:
            DataError: The Hub cannot be reached, there is no such split or column, or a file is
                broken.
        """
        builder, signature = self._builder(language), self.signature()
        splits = list(builder.config.data_files or {})
        if self.split not in splits:
            raise DataError(
                f"{self.repo}: {builder.config.name} has no split {self.split!r}; it has "
                f"{', '.join(splits)}: --split NAME"
            )
        try:
            for text, origin in cells_of(
                builder, self.split, self.text_column, self.origin_column, self.repo
            ):
                part = "".join(filter(str.isprintable, origin or ""))[:200]
                place = f"{signature}#{part}" if part else signature
                yield Sentence(text, place, drop="null" if text is None else None)
        except DataError:
            raise
        except Exception as error:
            raise self._unreachable(error) from error
