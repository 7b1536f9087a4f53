"""The source `hub`: any text dataset of the Hugging Face Hub, streamed at a resolved commit.

The default is `cis-lmu/Glot500`, the public part of what the paper was trained on: one config
per language, not deduplicated, Bible text removed. Its licence is mixed: the sampled text is for
training here, not for publishing again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from ...errors import DataError
from ...languages.groups import Language
from ..base import Sentence
from .cells import cells_of
from .configs import DATE, by_language, newest, require_pattern, spelled
from .files import Files, open_config, open_files
from .known import ANY, KNOWN, KnownSource

__all__ = ["DEFAULT_REPO", "HubSource"]

DEFAULT_REPO = "cis-lmu/Glot500"


@dataclass(frozen=True)
class HubSource:
    """Text of a Hub dataset.

    Attributes:
        repo: `org/name`.
        revision: Branch, tag or commit.
        config: Config of a language, or its files, see `configs`.
        text_column: The column with the text.
        split: Name of the split.
        origin_column: The column that says where a text comes from, such as a corpus within
            the dataset; None for none. Files that lack it are read all the same.
    """

    repo: str = DEFAULT_REPO
    revision: str = "main"
    config: str = ANY.config
    text_column: str = ANY.column
    split: str = "train"
    origin_column: str | None = None
    _opened: dict[str, Files | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _configs: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _choices: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_pattern(self.config)

    @property
    def name(self) -> str:
        """What the source is called in messages."""
        return self.repo

    @property
    def known(self) -> KnownSource:
        """What is known of the dataset."""
        return KNOWN.get(self.repo, ANY)

    @property
    def documents(self) -> bool | None:
        """Whether rows are documents; None where only a look at them can tell."""
        return self.known.documents if self.text_column == self.known.column else None

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
    def _names(self) -> list[str]:
        """All configs. To list them takes minutes where there are thousands."""
        from datasets import get_dataset_config_names

        try:
            return list(get_dataset_config_names(self.repo, revision=self.commit))
        except Exception as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> DataError:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        if "gated" in reason.lower() or "GatedRepo" in repr(error.__cause__):
            return DataError(
                f"{self.repo} is gated: accept its terms at https://huggingface.co/datasets/"
                f"{self.repo}, then give the token of that account (hf auth login, or HF_TOKEN)"
            )
        return DataError(
            f"cannot read {self.repo} (revision {self.revision}) on the Hub: {reason}. Check the "
            "name, the network and your token, or use --source files:DIR or --source cldr"
        )

    def _files(self, language: Language) -> Files | None:
        """Find what there is of a language, under another spelling of its code if need be.

        A config is asked for by its name, and only what has no other way is listed.
        """
        return self._open(self.config_of(language))

    def config_of(self, language: Language) -> str:
        """Name the config, or the files, that a language is read from."""
        if language.code not in self._configs:
            self._configs[language.code] = self._found(language)
        return self._configs[language.code]

    def _found(self, language: Language) -> str:
        names = list(spelled(self.config, language, self.known.codes))
        if DATE in self.config:
            names = [newest(name, self._names) for name in names]
        for number, name in enumerate(names):
            if self._open(name):
                # Of simplified and traditional Chinese, say, the first was only the first.
                others = names[number + 1 :] if name != names[0] else []
                self._choose(language, name, [one for one in others if self._open(one)])
                return name
        if self.config == ANY.config and self.known is ANY:
            found = by_language(self._names).get(language.code)
            if found:
                self._choose(language, found[0], found[1:])
                return found[0]
        return names[0]

    def _choose(self, language: Language, name: str, others: Sequence[str]) -> None:
        if others:
            self._choices[language.code] = (
                f"{language.code} is read from {name}; {self.repo} also has {', '.join(others)}: "
                f"--hub-config {others[0]} --languages {language.code}"
            )

    def _open(self, name: str) -> Files | None:
        if name not in self._opened:
            place = self.repo, self.commit, name
            try:
                found = open_files(*place, self.split) if "/" in name else open_config(*place)
            except Exception as error:
                raise self._unreachable(error) from error
            self._opened[name] = found
        return self._opened[name]

    def told(self, languages: Sequence[Language]) -> Iterator[str]:
        """Say what is known of the dataset, and what was chosen for a language.

        Args:
            languages: Those that it has.

        Yields:
            Lines.
        """
        if self.known is not ANY:
            configs = ", ".join(self.config_of(language) for language in languages)
            yield (
                f"{self.repo}: column {self.text_column} of {configs}; licence of the collection: "
                f"{self.known.licence}"
            )
        yield from (self._choices[x.code] for x in languages if x.code in self._choices)

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
        return f"{self.signature()}|{self.config_of(language)}|{self.split}|{columns}"

    def covers(self, language: Language) -> bool:
        """Tell whether the dataset has a config for a language.

        Args:
            language: The language.

        Returns:
            True when it has.

        Raises:
            DataError: The Hub cannot be reached.
        """
        return self._files(language) is not None

    def why_missing(self, language: Language) -> str:
        """Say why a language is missing.

        Args:
            language: The language.

        Returns:
            A sentence.
        """
        tried = ", ".join(spelled(self.config, language, self.known.codes))
        what = "files" if "/" in self.config else "config"
        missing = f"{self.repo} has no {what} {tried}"
        if self.config == self.known.config and self.known is not ANY:
            return missing
        if self.config != ANY.config:
            return f"{missing}, as --hub-config {self.config} has it"
        names = sorted(self._names)
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
        files = self._files(language)
        return files.rows(self.split) if files else None

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
        for part in self.parts(language):
            yield from part()

    def parts(self, language: Language) -> Sequence[Callable[[], Iterator[Sentence]]]:
        """Give the files of a language, each to be read by itself.

        Args:
            language: The language.

        Returns:
            What yields the rows of each.

        Raises:
            DataError: There is no such split.
        """
        files = self._files(language)
        if files is None:
            raise DataError(self.why_missing(language))
        if self.split not in files.splits:
            raise DataError(
                f"{self.repo}: {self.config_of(language)} has no split {self.split!r}; it has "
                f"{', '.join(files.splits)}: --split NAME"
            )
        return [partial(self._of_file, files, address) for address in files.splits[self.split]]

    def _of_file(self, files: Files, address: str) -> Iterator[Sentence]:
        signature = self.signature()
        try:
            for text, origin in cells_of(
                files, address, self.text_column, self.origin_column, self.repo
            ):
                if text and self.known.escaped:
                    # As long as what stood there, so that characters keep their numbers.
                    text = text.replace("\\n", " \n")
                part = "".join(filter(str.isprintable, origin or ""))[:200]
                place = f"{signature}#{part}" if part else signature
                yield Sentence(text, place, drop="null" if text is None else None)
        except DataError:
            raise
        except Exception as error:
            raise self._unreachable(error) from error
