"""The undamaged files that cases begin from, made once by the commands themselves.

Paths in it are relative, and commands run inside it, so that a result is the same wherever a copy
lies.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from corridor_examples import QUICK, WORDS, write_parallel
from modernbert_models import save_modernbert
from soak.worker import command
from tiny_models import LATIN, SENTENCES, small_config

TEXT = {
    "ell_Grek": "Ελλάδα Τουρκία Αθήνα θάλασσα ουρανός νησί βουνό ποτάμι",
    "heb_Hebr": "יוון וטורקיה ירושלים ים שמיים אי הר נהר",
    "amh_Ethi": "ግሪክ እና ቱርክ ባሕር ሰማይ ደሴት ተራራ ወንዝ",
    "ara_Arab": "اليونان وتركيا بحر سماء جزيرة جبل نهر مدينة",
}
TRAIN = ["--base", "base", "--pairs", "pairs", "--output-dir", "run", *QUICK]
TRAIN += ["--max-steps", "4", "--save-strategy", "steps", "--save-steps", "2"]
BUILD = ["--source", "files:text", "--transliterator", "identity", "--shard-rows", "3"]
EVAL = ["--benchmark", "parallel:bench/parallel", "--group", "mediterranean"]
LICENCE = ["--license", "cc0-1.0"]


def make(folder: Path) -> None:
    """Make the world in an empty folder.

    Raises:
        RuntimeError: A command of ours fails on undamaged files.
    """
    make_texts(folder)
    os.chdir(folder)
    _base(folder / "base")
    save_modernbert(folder / "modern", "byte-level")
    for words in (
        ["build", "--source", "files:ready", "--out", "pairs", "--quiet"],
        ["build", *BUILD, "--out", "built", "--quiet"],
        ["train", *TRAIN],
        ["eval", "--model", "base", "run", *EVAL, "--out", "scores"],
        ["eval", "--model", "run", *SIB, "--out", "tasks"],
        [
            "publish",
            "dataset",
            "built",
            "org/recipe",
            "--recipe-only",
            *LICENCE,
            "--dry-run",
            "--stage",
            "recipe",
        ],
        ["train", *TRAIN, "--trim-vocabulary", "--output-dir", "trimmed", "--max-steps", "1"],
        [
            "map",
            "--model",
            "base",
            "--benchmark",
            "parallel:bench/parallel",
            "--group",
            "mediterranean",
            "--out",
            "map",
        ],
        ["vocabulary", "--model", "base", "--pairs", "pairs", "--out", "vocabulary"],
        ["recommend-source", "--target", "heb_Hebr", *CHOICE, "--out", "choice"],
    ):
        outcome = command(words)
        if outcome.status != 0:
            raise RuntimeError(f"{' '.join(words)}: {outcome.trace or outcome.err[-2000:]}")
    _pickled(folder)


SIB = ["--benchmark", "sib200:bench/sib200", "--group", "mediterranean", "--seeds", "1"]
SIB += ["--sources", "eng_Latn", "--epochs", "1", "--max-train-rows", "4"]
CHOICE = ["--sources", "ell_Grek", "amh_Ethi", "--text", "text", "--signals", "lexical"]
CHOICE += ["--sentences", "5"]


def make_texts(folder: Path) -> None:
    """Make the part of the world that no command is needed for: text, groups and benchmarks."""
    folder.mkdir(parents=True, exist_ok=True)
    _texts(folder)
    _benchmarks(folder / "bench")


def copy(world: Path, parts: Iterable[str], place: Path) -> None:
    """Copy parts of the world into a folder."""
    for part in parts:
        if (world / part).is_dir():
            shutil.copytree(world / part, place / part, dirs_exist_ok=True)
        else:
            (place / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(world / part, place / part)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _texts(folder: Path) -> None:
    text, ready = folder / "text", folder / "ready"
    for place in (text, ready, folder / "odd"):
        place.mkdir()
    for code, words in TEXT.items():
        lines = [f"{word} {number}\n" for word in words.split() for number in range(2)]
        (text / f"{code}.txt").write_text("".join(lines), encoding="utf-8")
    for code, (original, latin) in WORDS.items():
        with (ready / f"{code}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = [(f"{original} {i}", f"{latin} {i}") for i in range(8)]
            csv.writer(file).writerows([("text", "transliteration"), *rows])
    greek = (text / "ell_Grek.txt").read_bytes()
    _write(folder / "packed/ell_Grek.txt.gz", gzip.compress(greek, mtime=0))
    rows = "".join(f"{i}\t{line}\n" for i, line in enumerate(greek.decode().split("\n")[:-1]))
    _write(folder / "rows/ell_Grek.tsv", f"id\ttext\n{rows}".encode())
    _write(folder / "ids.txt", b"0\n3\n5\tnote\n")
    group = "# Source: a table.\ncode\tname\trole\nell_Grek\tGreek\ttrain\n"
    group += "amh_Ethi\tAmharic\ttrain\nheb_Hebr\tHebrew\tevaluation\n"
    _write(folder / "mine.tsv", group.encode())
    _parquet(folder / "columns/ell_Grek.parquet", greek.decode().split("\n")[:-1])


def _parquet(path: Path, lines: list[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"id": list(range(len(lines))), "text": lines}), path)


def _benchmarks(bench: Path) -> None:
    write_parallel(bench / "parallel", 12)
    for code, word in (("ell_Grek", "Ελλάδα"), ("heb_Hebr", "יוון"), ("eng_Latn", "Greece")):
        verses = "".join(f"4000100{i}\t{word} {i}\n" for i in range(1, 6))
        _write(bench / f"srb/{code}.tsv", verses.encode())
        topics = ["travel", "politics", "sports", "health"]
        lines = "".join(f"{i}\t{topics[i % 4]}\t{word} {i}\n" for i in range(8))
        for split in ("train", "dev", "test"):
            header = "index_id\tcategory\ttext\n"
            _write(bench / f"sib200/{code}/{split}.tsv", f"{header}{lines}".encode())
    _write(bench / "tatoeba/tatoeba.ell-eng.ell", "Ελλάδα\nνησί\n".encode())
    _write(bench / "tatoeba/tatoeba.ell-eng.eng", b"Greece\nisland\n")
    _write(bench / "taxi1500/ell_Grek/test.tsv", "40001001\tSin\tα\n40001002\tFaith\tβ\n".encode())
    _write(bench / "joined/labels/test.tsv", b"40001001\tFaith\n40001009\tSin\n")
    _write(bench / "joined/bible/ell_Grek.tsv", "40001001\tα\n40001002\tβ\n".encode())
    tags = "Αθήνα\tB-LOC\nκαι\tO\n\nΣωκράτης\tB-PER\n"
    _write(bench / "ner/ell_Grek/test.iob2", tags.encode())
    rows = [("1", "Η", "DET"), ("2-3", "στη", "_"), ("2", "σε", "ADP"), ("3", "τη", "DET")]
    rows += [("4", "θάλασσα", "NOUN"), ("4.1", "_", "_")]
    lines = "".join(f"{i}\t{w}\t_\t{t}\t_\t_\t{1}\tdep\t_\t_\n" for i, w, t in rows)
    _write(bench / "pos/ell_Grek/test.conllu", f"# text = Η στη θάλασσα\n{lines}\n".encode())


def _base(folder: Path) -> None:
    import torch
    from transformers import XLMRobertaForMaskedLM

    from translit_ppa.modeling.training.stand_in import train_tokenizer

    tokenizer = train_tokenizer(SENTENCES + LATIN, pieces=40)
    torch.manual_seed(0)
    XLMRobertaForMaskedLM(small_config(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _pickled(folder: Path) -> None:
    """A checkpoint as it was saved in old times: tensors in a pickle."""
    import torch
    from safetensors.torch import load_file

    shutil.copytree(folder / "base", folder / "pickled")
    torch.save(load_file(folder / "base/model.safetensors"), folder / "pickled/pytorch_model.bin")
    (folder / "pickled/model.safetensors").unlink()
    config = json.loads((folder / "pickled/config.json").read_text("utf-8"))
    (folder / "pickled/config.json").write_text(json.dumps(config), "utf-8")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
