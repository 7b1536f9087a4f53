"""The fourth stage: chosen sentences of each part, romanised, become shards of pairs."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq
from datatrove.data import Document

from ...sentences.sampling import SelectedRow
from ...transliterators.rows import Romanised
from ..shards import Chunk, keep_shard, shard_path
from .choosing import chosen
from .duplicates import below, range_files, ranges_of
from .plan import Part, Plan, PlannedStep, by_part, keep_marker, known_marker

__all__ = ["Chosen", "ReadChosen", "WritePairs", "chosen_rows", "shards_of"]


class Chosen(NamedTuple):
    """What was chosen of one language; read once, for all of its parts.

    Attributes:
        code: The language.
        parts: Its parts, in the order of the rows.
        ends: Ends of the draws, as numbers.
        ranges: How many ranges of hashes were looked through for duplicates.
    """

    code: str
    parts: Sequence[Part]
    ends: Sequence[int]
    ranges: int

    @classmethod
    def of(cls, plan: Plan, code: str) -> Chosen:
        """Read it.

        Raises:
            DataError: Nothing was chosen yet.
        """
        return cls(code, plan.parts(code), chosen(plan, code).ends, ranges_of(plan, code))


def chosen_rows(
    plan: Plan, language: Chosen, number: int, low: int = 0
) -> Iterator[tuple[int, SelectedRow]]:
    """Read the chosen sentences of one part.

    Args:
        plan: The build.
        language: What was chosen of its language.
        number: Which of its parts.
        low: Hashes below it are left out.

    Yields:
        The draw, from 0, and the sentence with its row in the whole language, in the order of the
        source.
    """
    code, parts, ends, _ = language
    before = sum(part.documents for part in parts[:number])
    path = plan.place("candidates", code, parts[number].name).with_suffix(".rows.parquet")
    if not path.exists():
        return
    twice = _twice(plan, language, number)
    place = 0
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for group in range(file.num_row_groups):
            keys = file.read_row_group(group, columns=["high", "low"])
            inside = below(keys, ends[-1])
            if low:
                inside = pc.and_not(inside, below(keys, low))
            rows = pc.indices_nonzero(inside.combine_chunks()).to_pylist()
            table = file.read_row_group(group).take(rows) if rows else None
            cells = table.to_pylist() if table is not None else []
            for index, row in zip(rows, cells, strict=True):
                if place + index not in twice:
                    draw = bisect_right(ends, row.pop("high") << 64 | row.pop("low"))
                    row["row"] += before
                    text, latin, origin, *where = row.values()
                    yield draw, SelectedRow(text, latin, origin, *where)
            place += len(keys)


def _twice(plan: Plan, language: Chosen, number: int) -> set[int]:
    """Read which sentences of a part an earlier one equals."""
    found: set[int] = set()
    for one in range(language.ranges):
        path = range_files(plan, language.code, one).with_suffix(".twice.parquet")
        table = pq.read_table(path, filters=[("part", "=", number)], columns=["place"])
        found.update(table["place"].to_pylist())
    return found


class ReadChosen(PlannedStep):
    """Reads the chosen sentences, each part in one task; finished parts are passed over.

    Args:
        plan: The build.
    """

    type = "READER"
    name = "chosen"

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the sentences of the parts of this task."""
        languages = [Chosen.of(self.plan, language.code) for language in self.plan.languages]
        parts = (
            (language, number, part)
            for language in languages
            for number, part in enumerate(language.parts)
        )
        for place, (language, number, part) in enumerate(parts):
            code = language.code
            marker = self.plan.place("pairs", code, part.name).with_suffix(".json")
            if place % world_size != rank or known_marker(marker) is not None:
                continue
            for draw, row in chosen_rows(self.plan, language, number):
                facts = {"code": code, "part": part.name, "draw": draw, "selected": row}
                if row.transliteration is not None:
                    facts["latin"] = row.transliteration
                yield Document(row.text, f"{code}/{row.row}/{row.start}", metadata=facts)


@dataclass
class _Draw:
    """Shards of one draw of one part, under way."""

    folder: Path
    rows: list[Document] = field(default_factory=list)
    shards: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)

    def flush(self, plan: Plan, code: str) -> None:
        if not self.rows:
            return
        facts = [sentence.metadata for sentence in self.rows]
        rows = tuple(one["selected"] for one in facts)
        chunk = Chunk(
            self.folder, self.shards, code, rows, plan.romaniser, plan.language_code, plan.seed
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        unreadable = sum(one.get("unreadable", 0) for one in facts)
        made = Romanised([one["transliteration"] for one in facts], unreadable, 0, 0)
        result = keep_shard(chunk, made)
        self.shards += 1
        self.rows = []
        self.dropped.update(result.dropped)
        self.unmapped.update(result.stats.unmapped)
        self.counts.update(
            selected=result.selected,
            sentences=result.stats.sentences,
            identical=result.stats.identical,
            unreadable=unreadable,
        )


class WritePairs(PlannedStep):
    """Writes shards of pairs, those of each draw apart, and what came of each part.

    Args:
        plan: The build.
    """

    type = "WRITER"
    name = "pairs"

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Write all that comes; nothing goes on from here."""
        for (code, part), sentences in by_part(data):
            place = self.plan.place("pairs", code, part)
            draws: dict[int, _Draw] = {}
            for sentence in sentences:
                number = sentence.metadata["draw"]
                draw = draws.setdefault(number, _Draw(place / f"{number:03d}"))
                draw.rows.append(sentence)
                if len(draw.rows) == self.plan.shard_rows:
                    draw.flush(self.plan, code)
            for draw in draws.values():
                draw.flush(self.plan, code)
            keep_marker(place.with_suffix(".json"), _told(draws))
            kept = sum(draw.counts["sentences"] for draw in draws.values())
            self.stat_update("pairs", value=kept, unit="part")
        yield from ()


def _told(draws: dict[int, _Draw]) -> dict[str, Any]:
    total: dict[str, Counter[str]] = {}
    for name in ("counts", "dropped", "unmapped"):
        total[name] = sum((getattr(draw, name) for draw in draws.values()), Counter())
    shards = {f"{number:03d}": draw.shards for number, draw in sorted(draws.items())}
    return {"shards": shards, **{name: dict(count) for name, count in total.items()}}


def shards_of(plan: Plan, code: str) -> tuple[list[Path], dict[str, Counter[str]]]:
    """List the finished shards of a language in the order of its rows, and count what came of them.

    Args:
        plan: The build.
        code: The language.

    Returns:
        Files, and the counters `counts`, `dropped` and `unmapped`.
    """
    shards: list[tuple[str, int, int, Path]] = []
    total: dict[str, Counter[str]] = {name: Counter() for name in ("counts", "dropped", "unmapped")}
    for number, part in enumerate(plan.parts(code)):
        place = plan.place("pairs", code, part.name)
        known = known_marker(place.with_suffix(".json"))
        if known is None:
            continue  # Nothing of it was chosen; whoever counts sees what is missing.
        for draw, count in known["shards"].items():
            paths = enumerate(shard_path(place / draw, index) for index in range(count))
            shards += [(draw, number, index, path) for index, path in paths]
        for name, counts in total.items():
            counts.update(known[name])
    return [path for *_, path in sorted(shards)], total
