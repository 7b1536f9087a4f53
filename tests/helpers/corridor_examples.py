"""What the tests of the corridors share: tiny pairs, tiny benchmarks, short command lines."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from translit_ppa.data_builders import build_pairs

# Code -> a sentence and its Latin form; a number behind both makes many distinct pairs of one.
WORDS = {
    "ell_Grek": ("Ελλάδα και Τουρκία", "Ellada kai Tourkia"),
    "heb_Hebr": ("יוון וטורקיה", "yvn vtvrqyh"),
    "amh_Ethi": ("ግሪክ እና ቱርክ", "giric ina turc"),
    "ara_Arab": ("اليونان وتركيا", "alywnan wtrkya"),
    "tur_Latn": ("Yunanistan ve Türkiye", "Yunanistan ve Tuerkiye"),
}
QUICK = [
    *("--use-cpu", "--disable-tqdm", "true", "--report-to", "none", "--logging-steps", "1"),
    *("--per-device-train-batch-size", "4", "--gradient-accumulation-steps", "1"),
    *("--learning-rate", "1e-3", "--save-strategy", "no"),
]


def write_pairs(folder: Path, per_language: int = 8) -> Path:
    """Build ready pairs into `folder/pairs`, a dataset with config `mediterranean`."""
    texts = folder / "ready"
    texts.mkdir(parents=True)
    for code, (original, latin) in WORDS.items():
        with (texts / f"{code}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = [(f"{original} {i}", f"{latin} {i}") for i in range(per_language)]
            csv.writer(file).writerows([("text", "transliteration"), *rows])
    build_pairs("mediterranean", f"files:{texts}", folder / "pairs", progress=False)
    return folder / "pairs"


def write_parallel(folder: Path, rows: int = 12) -> Path:
    """Write a parallel benchmark of Greek, Hebrew and English with `id<TAB>text` rows.

    Line 0 of Greek and of English is the same string; nothing else is shared.
    """
    folder.mkdir(parents=True)
    for code, word in (("ell_Grek", "Ελλάδα"), ("heb_Hebr", "יוון"), ("eng_Latn", "Greece")):
        lines = [f"v{i}\t{word} {'one two three'.split()[i % 3]} {i}" for i in range(rows)]
        if code != "heb_Hebr":
            lines[0] = "v0\tEuropa"
        (folder / f"{code}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def lose(file: Path, source: str, target: str) -> dict:
    """Take one cell out of a file of records, as if it was never measured; return it."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = [json.loads(line) for line in lines]
    place = next(i for i, c in enumerate(cells) if (c["source"], c["target"]) == (source, target))
    file.write_text("".join(lines[:place] + lines[place + 1 :]), encoding="utf-8")
    return cells[place]


def train_words(base: Path, pairs: Path, output: Path, *more: str) -> list[str]:
    """Words of a short training on the CPU; what is in `more` comes last and wins."""
    named = ["--base", str(base), "--pairs", str(pairs)]
    return [*named, "--output-dir", str(output), *QUICK, *more]


def train(words: list[str]) -> int:
    """Run a training in this process; the exit status is that of the command."""
    from translit_ppa import command_line

    return command_line.run("train", words)


def command(words: list[str], processes: int = 1) -> list[str]:
    """The training program, or the same under torchrun."""
    program = ["-m", "translit_ppa.command_line", "train"]
    start = [sys.executable]
    if processes > 1:
        start += ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    return [*start, *program, *words]


def run(words: list[str], cwd: Path, processes: int = 1) -> subprocess.CompletedProcess[str]:
    """Run a training in a process of its own, and fail with its output if it fails."""
    done = subprocess.run(
        command(words, processes),
        cwd=cwd,
        env=environment(cwd),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done


def environment(cwd: Path) -> dict[str, str]:
    """One thread per process, and a cache of `datasets` that the test owns."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "HF_DATASETS_CACHE": str(cwd / "hf")}
