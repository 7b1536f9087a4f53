"""How much memory a build takes, over more and more sentences that all differ."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from speed.settings import NotMeasured, Settings
from speed.timing import single

_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"


def measure_build_memory(settings: Settings) -> list[dict[str, object]]:
    """Build pairs of generated sentences by the romaniser that copies: the rest is what is asked.

    Returns:
        One row per number of sentences: peak resident memory in MiB of the build, beside that of
        the smallest.
    """
    return _rows(settings, "", (500_000, 1_000_000, 2_500_000, 5_000_000))


def measure_build_memory_staged(settings: Settings) -> list[dict[str, object]]:
    """Do the same on datatrove, in eight tasks, one after another in one process.

    Returns:
        One row per number of sentences, as `measure_build_memory`.

    Raises:
        NotMeasured: datatrove is not installed.
    """
    if importlib.util.find_spec("datatrove") is None:
        raise NotMeasured("skipped: not installed, pip install 'translit-ppa[scale]'")
    return _rows(settings, "datatrove", (500_000, 5_000_000))


def _rows(settings: Settings, engine: str, sizes: tuple[int, ...]) -> list[dict[str, object]]:
    if not Path("/proc/self/status").is_file():
        raise NotMeasured("skipped: this system does not tell the peak memory of a process")
    sizes = (500, 1000) if settings.quick else sizes
    more = ["--engine", engine, "--tasks", "8"] if engine else []
    found = [(size, *_build(settings.folder / "build-memory", size, more)) for size in sizes]
    smallest, least, _ = found[0]
    where = f", engine {engine}" if engine else ""
    rows = []
    for size, peak, seconds in found[1:]:
        note = f"both ours; left {smallest:,} sentences; the romaniser copies, one process, "
        note += f"{size / seconds:,.0f} sentences a second of wall time"
        what = f"peak memory of building {size:,} distinct sentences{where}"
        rows.append(single(what, "MiB", least, peak, note))
    return rows


def _build(folder: Path, size: int, more: list[str]) -> tuple[float, float]:
    """Build in a process of its own.

    Returns:
        Its peak resident memory in MiB, and its wall seconds.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "text").mkdir(parents=True)
    with (folder / "text" / "ell_Grek.txt").open("w", encoding="utf-8") as file:
        file.writelines(f"{_sentence(number)}\n" for number in range(size))
    words = ["build", "--group", "mediterranean", "--source", f"files:{folder / 'text'}"]
    words += ["--out", str(folder / "pairs"), "--fraction", "1", "--quiet"]
    words += ["--transliterator", "identity", *more]
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "translit_ppa.command_line", *words])
    peak = 0.0
    while process.poll() is None:
        peak = _peak(process.pid) or peak
        time.sleep(0.05)
    seconds = time.perf_counter() - begun
    shutil.rmtree(folder)
    if process.returncode:
        raise RuntimeError(f"a build of {size:,} sentences ended with {process.returncode}")
    return peak, seconds


def _peak(pid: int) -> float | None:
    """Ask for the peak since a process began; `getrusage` would count its parent's memory too."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else None


def _sentence(number: int) -> str:
    """Spell a number in Greek letters, so that every sentence is another."""
    words = []
    for length in (9, 7, 8, 5, 6):
        digits, rest = "", number * 2_654_435_761 + length
        for _ in range(length):
            rest, digit = divmod(rest, len(_LETTERS))
            digits += _LETTERS[digit]
        words.append(digits)
    return " ".join(words)
