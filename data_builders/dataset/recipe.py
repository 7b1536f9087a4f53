"""Recipes: which rows of a corpus a dataset was made of, without a word of its text.

A recipe names source, revision, row and characters of every sentence, and the SHA-256 of its
normalised text.
It may be published where the text may not; `rebuild` makes the same pairs of it for whoever has
the corpus.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import DataError
from ..json_file import require_regular
from ..languages.groups import Language
from ..names import ConfigName
from ..schema import LANG, SCRIPT, SOURCE, TEXT, TRAIN, VALIDATION, WHERE
from .recipe_record import read_record
from .row_index import read_rows_of

__all__ = ["Recipe", "WantedRow", "open_recipe", "write_recipe"]

_RECORD = "build_record.json"
_REVISION, _SHA256 = "revision", "sha256"
_MOST_ROUNDS = 100
"""Each costs a pass over the corpus, and a recipe may come from anywhere; builds have a few."""
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (LANG, SCRIPT, SOURCE, _REVISION)),
        *((name, pa.int64()) for name in WHERE),
        (_SHA256, pa.string()),
    ]
)
_CARD = """# Recipe of romanised pairs

One row per sentence: language, script, corpus, its revision, row, characters and the SHA-256 of the
text.
`translit-ppa rebuild` makes the pairs of it.
"""


def write_recipe(folder: Path, group: str, out: Path) -> None:
    """Write the recipe of a group of pairs as a dataset folder that `load_dataset` opens.

    Args:
        folder: Dataset folder, as `build_pairs` writes it.
        group: Name of the config.
        out: Folder for the recipe; other configs in it stay.

    Raises:
        DataError: The folder lacks the group, or the side files do not fit its pairs.
    """
    from datasets import DatasetInfo, Features, SplitDict, SplitInfo

    from .card import entered, save_card

    record = read_record(folder, ConfigName(group, folder))
    require_regular(folder / group)
    (out / group).mkdir(parents=True, exist_ok=True)
    (out / group / _RECORD).write_bytes((folder / group / _RECORD).read_bytes())
    splits = {}
    for split in (TRAIN, VALIDATION):
        if not record["splits"].get(split):
            continue
        rows, start, size = read_rows_of(folder / group, split), 0, 0
        for path in sorted((folder / group).glob(f"translit-{split}-*.parquet")):
            try:
                pairs = pq.read_table(path, columns=[TEXT, LANG, SCRIPT, SOURCE])
            except (OSError, pa.ArrowException) as error:
                raise DataError(f"{path} cannot be read ({error}); build it again") from error
            numbers = rows.slice(start, pairs.num_rows)
            if numbers.num_rows < pairs.num_rows:
                break
            recipe = _recipe_of(pairs, numbers, record["source"])
            goal = out / group / path.name.replace("translit-", "recipe-", 1)
            pq.write_table(recipe, goal, compression="zstd")
            start, size = start + pairs.num_rows, size + recipe.nbytes
        if not start == rows.num_rows == record["splits"][split]:
            raise DataError(
                f"{folder / group}: {split} has {record['splits'][split]} pairs by its record, "
                f"and {rows.num_rows} row numbers; build it again"
            )
        splits[split] = SplitInfo(split, size, start)
    info = DatasetInfo(
        features=Features.from_arrow_schema(_SCHEMA),
        splits=SplitDict(splits),
        dataset_size=sum(split.num_bytes for split in splits.values()),
        download_size=sum(path.stat().st_size for path in (out / group).glob("*.parquet")),
    )
    save_card(entered(out, group, info, tuple(splits), stem="recipe", text=_CARD), out)


def _recipe_of(pairs: pa.Table, numbers: pa.Table, signature: str) -> pa.Table:
    origins = [_split(cell, signature) for cell in pairs[SOURCE].to_pylist()]
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in pairs[TEXT].to_pylist()]
    columns = [
        pairs[LANG],
        pairs[SCRIPT],
        pa.array([source for source, _ in origins], pa.string()),
        pa.array([revision for _, revision in origins], pa.string()),
        *numbers.columns,
        pa.array(digests, pa.string()),
    ]
    return pa.table(columns, schema=_SCHEMA)


def _split(cell: str, signature: str) -> tuple[str, str]:
    """Split what the column `source` of a pair says into corpus and revision."""
    if cell.startswith("files:"):
        return cell, signature.rpartition("@")[2]
    # `org/name@<commit>#<corpus within it>`: the last part belongs to the name.
    cell, mark, part = cell.partition("#")
    corpus, _, revision = cell.rpartition("@" if "@" in cell else "-")
    return corpus + mark + part, revision


def _join(corpus: str, revision: str | None) -> str:
    """Undo `_split`."""
    if corpus.startswith("files:"):
        return corpus
    corpus, mark, part = corpus.partition("#")
    return f"{corpus}{'@' if '/' in corpus else '-'}{revision}{mark}{part}"


class WantedRow(NamedTuple):
    """A sentence of the corpus: row, characters, SHA-256 of its text, what `source` will say.

    Rows are in the order of the corpus, round by round: what made up the number came after the
    sample.
    """

    round: int
    row: int
    start: int | None
    end: int | None
    sha256: str
    origin: str


@dataclass(frozen=True)
class Recipe:
    """A recipe that lies in a folder.

    Attributes:
        name: Repository or folder, for messages.
        folder: Folder of the config.
        record: Record of the build it was made from.
    """

    name: str
    folder: Path
    record: dict[str, Any]

    @property
    def languages(self) -> tuple[Language, ...]:
        """Languages that have rows, in the order of the pairs."""
        codes = (entry["code"].split("_") for entry in self.record["languages"] if entry["kept"])
        return tuple(Language(*code) for code in codes)

    def wanted(self, language: Language) -> list[WantedRow]:
        """Read the rows of a language, of all splits.

        Args:
            language: The language; `mul_Zyyy` stands for all scripts of a mixed file.

        Returns:
            The rows, in an order that gives back the order of the pairs in each split.

        Raises:
            DataError: The recipe cannot be read.
        """
        rows = [row for split in (TRAIN, VALIDATION) for row in self._of(split, language)]
        return sorted(rows, key=lambda row: (row.round, row.row, row.start or 0))

    def _of(self, split: str, language: Language) -> Iterator[WantedRow]:
        paths = sorted(str(path) for path in self.folder.glob(f"recipe-{split}-*.parquet"))
        if not paths:
            return
        own = [(LANG, "=", language.iso639_3), (SCRIPT, "=", language.iso15924)]
        try:
            # Recipes of before took whole rows.
            whole = not {*WHERE} <= {*pq.read_schema(paths[0]).names}
            names = [*(WHERE[:1] if whole else WHERE), _SHA256, SOURCE, _REVISION]
            table = pq.read_table(
                paths, columns=names, filters=own[:1] if language.iso639_3 == "mul" else own
            )
        except (OSError, pa.ArrowException, KeyError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise DataError(f"{self.folder}: no recipe that can be read ({reason})") from error
        for name in names:
            kind, wanted = table.schema.field(name).type, _SCHEMA.field(name).type
            if kind != wanted or (table[name].null_count and name not in (*WHERE[1:], _REVISION)):
                raise DataError(
                    f"{self.folder}: column {name} is {kind} with {table[name].null_count} nulls; "
                    f"legal is {wanted} without any"
                )
        number, before = 0, (-1, 0)
        rows = zip(*(table[name].to_pylist() for name in names), strict=True)
        for row, *characters, digest, corpus, revision in rows:
            start, end = characters or (None, None)  # the whole row
            number += (row, start or 0) <= before
            before = row, start or 0
            if number >= _MOST_ROUNDS:
                raise DataError(
                    f"{self.folder}: the rows of {language.code} are in no order of a build of "
                    "ours; publish the recipe again"
                )
            yield WantedRow(number, row, start, end, digest, _join(corpus, revision))


def open_recipe(repo_or_folder: str, config: str, revision: str | None = None) -> Recipe:
    """Open a recipe in a folder or on the Hub.

    Args:
        repo_or_folder: `org/name`, or a folder.
        config: Name of the config.
        revision: Hub: branch, tag or commit; None is `main`.

    Returns:
        The recipe.

    Raises:
        DataError: It is not there, cannot be reached, or holds text instead of a recipe.
    """
    ConfigName(config)
    folder = Path(repo_or_folder)
    if not folder.is_dir():
        folder = _download(repo_or_folder, config, revision)
    known = sorted(path.parent.name for path in folder.glob(f"*/{_RECORD}"))
    if config not in known:
        raise DataError(
            f"{repo_or_folder} has no config {config!r}; it has {', '.join(known) or 'none'}"
        )
    require_regular(folder / config)
    if not any((folder / config).glob("recipe-*.parquet")):
        raise DataError(
            f"{config} of {repo_or_folder} is no recipe: it holds the pairs themselves. Open it "
            f"with load_dataset({repo_or_folder!r}, {config!r})"
        )
    return Recipe(repo_or_folder, folder / config, read_record(folder, config))


def _download(repo: str, config: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError

    wanted = [f"{config}/recipe-*.parquet", f"*/{_RECORD}"]
    try:
        found = snapshot_download(
            repo, repo_type="dataset", revision=revision, allow_patterns=wanted
        )
    except RepositoryNotFoundError as error:
        raise DataError(
            f"{repo} is no folder here and no dataset on the Hub, or your token may not see it"
        ) from error
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError(
            f"{repo} is no folder, and cannot be read on the Hub: {reason}. Check the name, the "
            "network and your token"
        ) from error
    return Path(found)
