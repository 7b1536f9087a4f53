"""The source `hub`: any text dataset of the Hugging Face Hub, streamed at a resolved commit.

The default is `cis-lmu/Glot500`, the public part of what the paper was trained on: one config
per language, not deduplicated, Bible text removed. Its licence is mixed: the sampled text is for
training here, not for publishing again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..errors import DataError
from ..languages.groups import Language, resolve_code
from ..schema import TEXT
from .files import Sentence

__all__ = ["DEFAULT_REPO", "HubSource"]

DEFAULT_REPO = "cis-lmu/Glot500"
_SPLIT = "train"
_PATTERN = re.compile(r"(?:[^{}/\\\x00-\x1f]|\{(?:code|language|script)\}){1,200}")


@dataclass(frozen=True)
class HubSource:
    """Text of a Hub dataset, its split `train`.

    Attributes:
        repo: `org/name`.
        revision: Branch, tag or commit.
        config: Config of a language; `{code}`, `{language}` and `{script}` are filled in.
        text_column: The column with the sentence.
    """

    repo: str = DEFAULT_REPO
    revision: str = "main"
    config: str = "{code}"
    text_column: str = TEXT

    def __post_init__(self) -> None:
        if not _PATTERN.fullmatch(self.config):
            raise DataError(
                f"config {self.config[:60]!r}; legal are a config name or a pattern with "
                "{code}, {language}, {script}"
            )

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

        commit = self.commit
        try:
            names = get_dataset_config_names(self.repo, revision=commit)
        except Exception as error:
            raise self._unreachable(error) from error
        found = {name: name for name in names}
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

    def _config(self, language: Language) -> str | None:
        return self._configs.get(self._config_name(language))

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
        return {"hub_config": self.config, "text_column": self.text_column}

    def digest(self, language: Language) -> str:
        """Digest everything that decides the rows of one language.

        Args:
            language: The language.

        Returns:
            A string that changes with the commit, the config and the column.
        """
        return f"{self.signature()}|{self._config(language)}|{self.text_column}"

    def covers(self, language: Language) -> bool:
        """Tell whether the dataset has a config for a language.

        Args:
            language: The language.

        Returns:
            True when it has.

        Raises:
            DataError: The Hub cannot be reached.
        """
        return self._config(language) is not None

    def why_missing(self, language: Language) -> str:
        """Say why a language is missing.

        Args:
            language: The language.

        Returns:
            A sentence.
        """
        names = sorted(set(self._configs.values()))
        shown = ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
        return f"{self.repo} has no config {self._config_name(language)!r}; it has {shown}"

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
        from datasets import load_dataset_builder

        try:
            builder = load_dataset_builder(self.repo, self._config(language), revision=self.commit)
        except Exception as error:
            raise self._unreachable(error) from error
        split = (builder.info.splits or {}).get(_SPLIT)
        return split.num_examples or None if split is not None else None

    def sentences(self, language: Language) -> Iterator[Sentence]:
        """Stream the rows of a language.

        Args:
            language: The language.

        Yields:
            Every row, in the order of the dataset.

        Raises:
            DataError: The Hub cannot be reached, or there is no such column.
        """
        origin = self.signature()
        try:
            # Only the text: shards of Glot500 differ in their other columns.
            rows = self._stream(language).select_columns([self.text_column])
            for row in rows:
                text = row[self.text_column]
                if text is not None and not isinstance(text, str):
                    raise DataError(
                        f"{self.repo}: column {self.text_column!r} holds "
                        f"{type(text).__name__}; legal is text: --text-column NAME"
                    )
                yield Sentence(text, origin, drop="null" if text is None else None)
        except DataError:
            raise
        except Exception as error:
            raise self._unreachable(error) from error

    def _stream(self, language: Language) -> Any:
        from datasets import load_dataset

        stream = load_dataset(
            self.repo,
            self._config(language),
            split=_SPLIT,
            streaming=True,
            revision=self.commit,
        )
        names = stream.column_names
        if names is not None and self.text_column not in names:
            raise DataError(
                f"{self.repo} has no column {self.text_column!r}; it has {', '.join(names)}: "
                "--text-column NAME"
            )
        return stream
