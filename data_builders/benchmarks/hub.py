"""What benchmarks ask of the Hub: a commit, the names of its languages, rows; or one line.

A name of the Hub's is a language wherever `languages.codes` knows it; nobody keeps a list of them
here, so that a language that a benchmark gains is there at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..errors import DataError
from .files import by_code

__all__ = ["config_languages", "from_hub", "hub_commit", "hub_rows"]


def from_hub(name: str, repository: str, what: str, load: Callable[[], Any]) -> Any:
    """Run something that needs the Hub, and turn whatever the network raises into one line.

    Args:
        name: The benchmark.
        repository: `org/name`, for the message.
        what: The local files that would do instead.
        load: What to run.

    Returns:
        What `load` returned.

    Raises:
        DataError: It failed; of a gated repository it says where its terms are accepted.
    """
    try:
        return load()
    except DataError:
        raise
    except Exception as problem:
        instead = f"or give a local folder, {name}:DIR, with {what}"
        if _gated(problem):
            raise DataError(
                f"{name}: {repository} is gated: accept its terms at "
                f"https://huggingface.co/datasets/{repository} and give the token of that account "
                f"(hf auth login, or HF_TOKEN), {instead}"
            ) from problem
        reason = (str(problem).strip() or type(problem).__name__).splitlines()[0]
        raise DataError(
            f"{name}: cannot load {repository} from the Hub ({reason}); "
            f"check the network, {instead}"
        ) from problem


def _gated(problem: BaseException | None) -> bool:
    """Tell whether terms are to be accepted; `datasets` says it in words, and as a cause or not."""
    while problem is not None:
        if "gated" in f"{type(problem).__name__} {problem}".casefold():
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def hub_commit(name: str, repository: str, what: str) -> str:
    """Return the commit that `main` of a Hub dataset stands for now.

    Raises:
        DataError: The Hub cannot be reached.
    """

    def ask() -> str:
        from huggingface_hub import HfApi

        return str(HfApi().dataset_info(repository, revision="main").sha)

    return str(from_hub(name, repository, what, ask))


def config_languages(
    name: str,
    repository: str,
    what: str,
    revision: str,
    others: Iterable[str] = (),
    own: dict[str, str] | None = None,
) -> dict[str, str]:
    """List the configs of a Hub dataset by the languages they are for.

    Args:
        name: The benchmark.
        repository: `org/name`.
        what: The local files that would do instead.
        revision: A commit.
        others: Configs that are known to be of no language.
        own: What the dataset calls some languages in a way of its own: code by config.

    Returns:
        Config by code, sorted; what names no language is left out, and told.

    Raises:
        DataError: The Hub cannot be reached.
    """

    def ask() -> list[str]:
        from datasets import get_dataset_config_names

        return get_dataset_config_names(repository, revision=revision)

    own = own or {}
    known = sorted(set(from_hub(name, repository, what, ask)).difference(others))
    spelling = by_code((own.get(config, config) for config in known), repository)
    back = {code: config for config, code in own.items()}
    return {code: back.get(stem, stem) for code, stem in spelling.items()}


def hub_rows(
    name: str,
    repository: str,
    what: str,
    config: str,
    split: str,
    columns: Sequence[str],
    revision: str,
) -> list[tuple[str, ...]]:
    """Load some columns of a Hub dataset.

    Args:
        name: The benchmark.
        repository: `org/name`.
        what: The local files that would do instead.
        config: As the Hub calls it.
        split: As the Hub calls it.
        columns: Which.
        revision: A commit, so that the texts are those that a record names.

    Returns:
        The cells of each row as strings, empty for a null.

    Raises:
        DataError: The Hub cannot be reached, or the dataset has not these columns.
    """

    def ask() -> Any:
        from datasets import load_dataset

        return load_dataset(repository, config, split=split, revision=revision)

    rows = from_hub(name, repository, what, ask)
    missing = [column for column in columns if column not in rows.column_names]
    if missing:
        raise DataError(
            f"{name}: {config} of {repository} has no column {', '.join(missing)}; it has "
            f"{', '.join(rows.column_names)}. It was changed since this version: give a local "
            f"folder, {name}:DIR, with {what}"
        )
    cells = ([_cell(value) for value in rows[column]] for column in columns)
    return list(zip(*cells, strict=True))


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
