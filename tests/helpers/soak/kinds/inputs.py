"""A damaged file, and a command that reads it: one line, or a result that is right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from soak.kinds.damage import damage
from soak.kinds.mutations import edits
from soak.kinds.targets import TARGETS, Target, target_of
from soak.verdict import Demand, Verdict, Watched, judged, visible
from soak.worker import Case, command
from soak.world import copy, remove


def cases(row: str) -> st.SearchStrategy[Case]:
    """Draw cases of a row."""

    def of(target: Target) -> st.SearchStrategy[Case]:
        return edits(target.form).map(lambda drawn: {"target": target.name, "edits": drawn})

    return st.sampled_from(TARGETS[row]).flatmap(of)


def run(row: str, case: Case, place: Path, world: Path, secrets: tuple[str, ...]) -> Verdict:
    """Run one case in an empty folder, which is the working directory."""
    target = target_of(row, case["target"])
    copy(world, sorted(target.places()), place)
    for name in target.without:
        remove(place / name)
    (file,) = place.glob(target.file)
    damage(file, target.form, case["edits"])
    watched = Watched(place / target.out)
    outcome = command(target.words)

    out = place / target.out

    def whole() -> str:
        if broken := half_written(out):
            return f"half-written: {broken}"
        if target.same is None:
            return ""
        known = json.loads(_kept(target, world).read_text("utf-8"))
        return differing(*(chosen(files, target.same) for files in (known, visible(out))))

    return judged(outcome, watched, Demand(secrets), whole)


def commands(rows: Iterable[str]) -> list[Target]:
    """Name a target for each command of some rows."""
    found = {(t.words, t.without): t for row in rows for t in TARGETS[row]}
    return list(found.values())


def prepare(target: Target, place: Path, world: Path) -> None:
    """Run a command on undamaged files; keep what came out, which damage may not change.

    Raises:
        RuntimeError: The command fails.
    """
    copy(world, sorted(target.places()), place)
    for name in target.without:
        remove(place / name)
    outcome = command(target.words)
    if outcome.status != 0:
        raise RuntimeError(f"{target.name}: {outcome.trace or outcome.err}")
    _kept(target, world).parent.mkdir(exist_ok=True)
    _kept(target, world).write_text(json.dumps(visible(place / target.out)), "utf-8")


def _kept(target: Target, world: Path) -> Path:
    key = hashlib.sha256(repr((target.words, target.without)).encode()).hexdigest()[:16]
    return world / "undisturbed" / f"{key}.json"


def chosen(files: dict[str, str], pattern: str) -> dict[str, str]:
    """Choose the files of a result whose path fits a pattern."""
    return {name: found for name, found in files.items() if Path(name).match(pattern)}


def differing(known: dict[str, str], found: dict[str, str]) -> str:
    """Say how a result differs from the undisturbed one; empty where it does not."""
    names = [n for n in sorted(known.keys() | found.keys()) if known.get(n) != found.get(n)]
    return f"another result in silence: {', '.join(names[:3])}" if names else ""


def half_written(folder: Path, passed_over: Callable[[Path], bool] = lambda path: False) -> str:
    """Name a visible file that its own reader does not open; empty where all do.

    Args:
        folder: What a command writes.
        passed_over: Tells of a file that no command opens as it is.
    """
    for name in visible(folder):
        path = folder.parent / name
        if passed_over(path):
            continue
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
