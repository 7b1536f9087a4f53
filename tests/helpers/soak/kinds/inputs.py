"""A damaged file, and a command that reads it: one line, or a result that is right."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from soak.kinds.damage import damage
from soak.kinds.mutations import edits
from soak.kinds.targets import TARGETS
from soak.verdict import Demand, Verdict, Watched, judged, visible
from soak.worker import Case, command
from soak.world import copy, remove


def cases(row: str) -> st.SearchStrategy[Case]:
    """Draw cases of a row."""

    def of(number: int) -> st.SearchStrategy[Case]:
        form = TARGETS[row][number].form
        return edits(form).map(lambda drawn: {"target": number, "edits": drawn})

    return st.integers(0, len(TARGETS[row]) - 1).flatmap(of)


def run(row: str, case: Case, place: Path, world: Path, secrets: tuple[str, ...]) -> Verdict:
    """Run one case in an empty folder, which is the working directory."""
    target = TARGETS[row][case["target"]]
    copy(world, sorted(target.places()), place)
    for name in target.without:
        remove(place / name)
    (file,) = place.glob(target.file)
    damage(file, target.form, case["edits"])
    watched = Watched(place / target.out)
    outcome = command(target.words)

    def whole() -> str:
        if broken := half_written(place / target.out):
            return f"half-written: {broken}"
        if target.same is None:
            return ""
        known = undisturbed(row, case["target"], world)
        return differing(known, chosen(place / target.out, target.same))

    return judged(outcome, watched, Demand(secrets), whole)


def prepare(row: str, number: int, place: Path, world: Path) -> None:
    """Run a target undamaged and keep what came out, for targets whose result must not change.

    Raises:
        RuntimeError: The command fails.
    """
    target = TARGETS[row][number]
    copy(world, sorted(target.places()), place)
    for name in target.without:
        remove(place / name)
    outcome = command(target.words)
    if outcome.status != 0:
        raise RuntimeError(f"{row} {number}: {outcome.trace or outcome.err}")
    found = chosen(place / target.out, target.same or "*")
    _kept(row, number, world).parent.mkdir(exist_ok=True)
    _kept(row, number, world).write_text(json.dumps(found), "utf-8")


def undisturbed(row: str, number: int, world: Path) -> dict[str, str]:
    """Return what `prepare` kept."""
    found: dict[str, str] = json.loads(_kept(row, number, world).read_text("utf-8"))
    return found


def _kept(row: str, number: int, world: Path) -> Path:
    return world / "undisturbed" / f"{row.replace(' ', '-')}-{number}.json"


def chosen(folder: Path, pattern: str) -> dict[str, str]:
    """Digest the visible files of a result whose path fits a pattern."""
    return {name: found for name, found in visible(folder).items() if Path(name).match(pattern)}


def differing(known: dict[str, str], found: dict[str, str]) -> str:
    """Say how a result differs from the undisturbed one; empty where it does not."""
    names = [n for n in sorted(known.keys() | found.keys()) if known.get(n) != found.get(n)]
    return f"another result in silence: {', '.join(names[:3])}" if names else ""


def half_written(folder: Path) -> str:
    """Name a visible file that its own reader does not open; empty where all do."""
    for name in visible(folder):
        path = folder.parent / name
        try:
            _OPEN.get(path.suffix, lambda path: None)(path)
        except Exception as error:
            return f"{name} ({type(error).__name__})"
    return ""


def _parquet(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(path)


def _lines(path: Path) -> Iterable[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def _safetensors(path: Path) -> Any:
    from safetensors.numpy import load_file

    return load_file(path)


_OPEN = {
    ".parquet": _parquet,
    ".json": lambda path: json.loads(path.read_bytes()),
    ".jsonl": _lines,
    ".safetensors": _safetensors,
}
