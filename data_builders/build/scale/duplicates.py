"""The second stage: duplicates are found among the hashes of all parts, one range at a time.

Memory holds the hashes of one range only, of which there are as many as the memory asks for. Of
sentences that read the same, the first usable one in the order of the source stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ...sentences.sampling import limit_of
from .plan import Part, Plan, PlannedStep, aside, keep_marker
from .sampling import as_number

__all__ = ["FindDuplicates", "below", "range_files", "ranges_of"]

_BYTES_PER_HASH = 400
"""Of a hash with its place while a range is joined, sorted and compared."""
_ORDER = [(name, "ascending") for name in ("high", "low", "dropped", "part", "row", "start")]


def ranges_of(plan: Plan, code: str) -> int:
    """Say into how many ranges the hashes of a language are parted, so that each fits in memory."""
    paths = (plan.folder / "candidates" / code).glob("*.hashes.parquet")
    hashes = sum(pq.read_metadata(path).num_rows for path in paths)
    return max(1, -(-hashes * _BYTES_PER_HASH // (plan.dedup_memory << 20)))


def range_files(plan: Plan, code: str, number: int) -> Path:
    """Name the files of a range, without their ends."""
    return plan.folder / "duplicates" / code / f"{number:06d}"


class FindDuplicates(PlannedStep):
    """Finds the duplicates among the candidates, and counts what was drawn and what may be.

    Of each range it leaves the places of duplicates, the hashes behind the sample in their order,
    and the counts of the sample.

    Args:
        plan: The build.
    """

    type = "DEDUP"
    name = "duplicates"

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Do the ranges of this task; nothing goes on from here."""
        firsts = {
            code: as_number(limit_of(selection.rate))
            for code, selection in self.plan.selections().items()
        }
        parts = {code: self.plan.parts(code) for code in firsts}
        ranges = (
            (code, number, count)
            for code in firsts
            for count in [ranges_of(self.plan, code)]
            for number in range(count)
        )
        for place, (code, number, count) in enumerate(ranges):
            if place % world_size == rank:
                bounds = (number << 64) // count, ((number + 1) << 64) // count
                table = _sorted_range(self.plan, code, parts[code], *bounds)
                self._one(range_files(self.plan, code, number), table, firsts[code])
        yield from ()

    def _one(self, files: Path, table: pa.Table, first: int) -> None:
        table = table.append_column("twice", _twice(table))
        with aside(files.with_suffix(".twice.parquet")) as path:
            lost = table.filter(table["twice"]).select(["part", "place"]).sort_by("part")
            pq.write_table(lost, path, compression="zstd", row_group_size=16_000)
        sampled = below(table, first)
        with aside(files.with_suffix(".behind.parquet")) as path:
            behind = table.filter(pc.invert(sampled)).select(
                ["high", "low", "reason", "steps", "twice"]
            )
            pq.write_table(behind, path, compression="zstd", row_group_size=16_000)
        sample = table.filter(sampled)
        dropped = Counter(dict(_counts(sample["reason"])))
        twice = pc.sum(sample["twice"]).as_py() or 0
        if twice:
            dropped["duplicate"] += twice
        folded: Counter[str] = Counter()
        for names, rows in _counts(sample["steps"]):
            folded.update(dict.fromkeys(names.split(), rows))
        counts = {"taken": len(sample), "dropped": dict(dropped), "folded": dict(folded)}
        keep_marker(files.with_suffix(".json"), counts)
        self.stat_update("hashes", value=len(table), unit="range")
        self.stat_update("duplicates", value=len(lost), unit="range")


def _sorted_range(plan: Plan, code: str, parts: Sequence[Part], low: int, high: int) -> pa.Table:
    """Read the hashes of all parts whose first 64 bits lie from low to below high, in order."""
    found = []
    for number, part in enumerate(parts):
        path = plan.place("candidates", code, part.name).with_suffix(".hashes.parquet")
        if not path.exists():
            continue  # None of its sentences may be drawn.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for group in range(file.num_row_groups):
                known = file.metadata.row_group(group).column(0).statistics
                told = known is not None and known.has_min_max
                if told and (known.min >= high or known.max < low):
                    continue
                table = file.read_row_group(group)
                inside = pc.greater_equal(table["high"], pa.scalar(low, pa.uint64()))
                if high < 1 << 64:
                    below = pc.less(table["high"], pa.scalar(high, pa.uint64()))
                    inside = pc.and_(inside, below)
                table = table.filter(inside)
                part_column = pa.array([number] * len(table), pa.int32())
                found.append(
                    table.append_column("part", part_column).append_column(
                        "dropped", pc.is_valid(table["reason"])
                    )
                )
    if not found:
        return _empty()
    return pa.concat_tables(found).sort_by(_ORDER).combine_chunks()


def _empty() -> pa.Table:
    from .collecting import HASHES

    more = [pa.field("part", pa.int32()), pa.field("dropped", pa.bool_())]
    return pa.schema([*HASHES, *more]).empty_table()


def _twice(table: pa.Table) -> pa.Array:
    """Mark the usable sentences that follow one of the same hash; usable ones come first."""
    if len(table) < 2:
        return pa.array([False] * len(table), pa.bool_())
    usable = pc.invert(table["dropped"].slice(1))
    for name in ("high", "low"):
        column = table[name].combine_chunks()
        same = pc.equal(column.slice(1), column.slice(0, len(column) - 1))
        usable = pc.and_(usable, same)
    return pa.concat_arrays([pa.array([False]), *pa.chunked_array(usable).chunks])


def below(table: pa.Table, limit: int) -> Any:
    """Mark the hashes below a limit."""
    if limit >> 128:
        return pc.is_valid(table["high"])
    high, low = (pa.scalar(part, pa.uint64()) for part in (limit >> 64, limit & ((1 << 64) - 1)))
    return pc.or_(
        pc.less(table["high"], high),
        pc.and_(pc.equal(table["high"], high), pc.less(table["low"], low)),
    )


def _counts(column: Any) -> Iterator[tuple[str, int]]:
    for entry in pc.value_counts(column.drop_null()):
        yield entry["values"].as_py(), entry["counts"].as_py()
