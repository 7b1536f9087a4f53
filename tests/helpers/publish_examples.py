"""What the tests of publishing models share: records of scores and of the data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch

from hub_examples import eval_fields
from loopback_clients import ask
from loopback_hub import WRITE, LoopbackHub
from translit_ppa.command_line import run

SENTENCES = ["Ελλάδα και Τουρκία", "Ellada kai Tourkia", "ግሪክ", "one two three four five"]
DIRECTIONS = [("ell_Grek", "eng_Latn"), ("eng_Latn", "ell_Grek")]


def publish_command(words: list[str]) -> int:
    """Run `translit-ppa publish` with words, and return its exit status."""
    return run("publish", list(map(str, words)))


def digest_of(checkpoint: Path) -> str:
    from translit_ppa.identity import model_digest

    return model_digest(str(checkpoint))


def build_folder(checkpoint: Path) -> Path:
    """Folder of the build record of the pairs that `trained` read."""
    return checkpoint.parent / "data" / "pairs" / "mediterranean"


def write_scores(folder: Path, name: str, digest: str, top1: float, **changes: object) -> None:
    """Write a score of some weights for each direction; the file is named so that none clash."""
    folder.mkdir(exist_ok=True)
    for source, target in DIRECTIONS:
        scores = {"top1": top1, "top5": top1 + 10, "top10": top1 + 20}
        fields = {"model": name, "model_digest": digest, "layer": 2, "benchmark": "cldr@47"}
        fields |= {"source": source, "target": target, "scores": scores, "scores_all": scores}
        place = folder / f"{len(list(folder.iterdir()))}.json"
        place.write_text(json.dumps(eval_fields(**{**fields, **changes})), "utf-8")


def other_seed(checkpoint: Path, folder: Path, seed: int, **changes: object) -> Path:
    """Copy a checkpoint as a run of another seed: other weights, and a record that says so."""
    from transformers import AutoModelForMaskedLM

    shutil.copytree(checkpoint, folder)
    model = AutoModelForMaskedLM.from_pretrained(folder)
    with torch.no_grad():
        model.lm_head.bias += 0.01 * seed
    model.save_pretrained(folder)
    record = json.loads((folder / "train_record.json").read_text("utf-8"))
    (folder / "train_record.json").write_text(
        json.dumps(record | {"seed": seed} | changes), "utf-8"
    )
    return folder


def publish_all(hub: LoopbackHub, home: Path, *lines: list[str]) -> list[str]:
    """Run several commands `translit-ppa publish` in one process; return what each printed."""
    code = f"""
import io
from contextlib import redirect_stdout
from translit_ppa.command_line import run
answer = []
for words in {[list(map(str, words)) for words in lines]!r}:
    with redirect_stdout(io.StringIO()) as out:
        assert run("publish", words) == 0, words
    answer.append(out.getvalue())
"""
    printed: list[str] = ask(hub, home, code, WRITE)
    return printed
