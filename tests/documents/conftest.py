"""A folder with what the pages name, and a Hub: what a reader has who followed them all."""

from __future__ import annotations

import json
import shutil
from itertools import product
from pathlib import Path

import pytest

from documents import files_shown
from loopback_hub import LoopbackHub, loopback_hub
from loopback_store import LARGE, Blob
from publish_examples import digest_of, write_scores
from scale_examples import serve_fineweb

TEXT = {
    "ell_Grek.txt": "Η Αθήνα είναι μεγάλη.\nΚαλημέρα σας.\nΠού είναι ο σταθμός;\nΕυχαριστώ πολύ.\n",
    "khk_Cyrl.txt": "сайн байна уу\nмонгол улс\nбаярлалаа\nбуудал хаана байна\n",
}
PARALLEL = {
    "ell_Grek.txt": "Ελλάδα\nΤουρκία\nΜογγολία\nκαλημέρα\n",
    "khk_Cyrl.txt": "Грек\nТурк\nМонгол\nөглөөний мэнд\n",
    "eng_Latn.txt": "Greece\nTurkey\nMongolia\ngood morning\n",
}
LEXICON = {"κ": "k", "λ": "l", "μ": "m", "α": "a", "ο": "o", "ι": "i"}
READY = "text,transliteration\nΕλλάδα,Ellada\nмонгол,mongol\n"
BASES = ("FacebookAI/xlm-roberta-base", "cis-lmu/glot500-base")
"""Models of the real Hub that pages begin with; on the test's Hub they are tiny."""


def write_texts(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def workplace(tmp_path, trained, monkeypatch):
    """Text, pairs, a model trained on them with its scores, a pickled checkpoint."""
    import torch
    from transformers import AutoModelForMaskedLM

    from translit_ppa import build_pairs

    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name, text in files_shown().items():
        (folder / name).write_text(text, encoding="utf-8")
    if not files_shown():  # only the README, which goes on from nothing
        return folder
    write_texts(folder / "my_text", TEXT)
    write_texts(folder / "my_parallel", PARALLEL)
    (folder / "my_pairs.csv").write_text(READY, encoding="utf-8")
    words = ["".join(letters) for letters in product("κλμ", "αοι", "κλμ", "αοι")]
    lines = (f"{word}\t{''.join(LEXICON[letter] for letter in word)}\n" for word in words)
    (folder / "my_lexicon.tsv").write_text("".join(lines), encoding="utf-8")
    pairs = build_pairs(
        "files:my_text", group="my_group.tsv", out="runs/pairs", fraction=1, show_progress=False
    )
    model = folder / "runs" / "aligned"
    shutil.copytree(trained, model)
    record = json.loads((model / "train_record.json").read_text("utf-8"))
    data = {"name": "runs/pairs", "config": "my_group", "digest": pairs.report.digest, "rows": 8}
    (model / "train_record.json").write_text(json.dumps(record | {"data": data}), "utf-8")
    write_scores(folder / "runs" / "scores", "aligned", digest_of(model), 30.0)
    shutil.copytree(model, folder / "old-checkpoint")
    state = AutoModelForMaskedLM.from_pretrained(model).state_dict()
    torch.save(state, folder / "old-checkpoint" / "pytorch_model.bin")
    for name in ("model.safetensors", "train_record.json"):
        (folder / "old-checkpoint" / name).unlink()
    return folder


@pytest.fixture
def hub(trained):
    """A Hub with the models that pages begin with."""
    with loopback_hub() as running:
        for name in BASES:
            put(running, name, trained.parent / "base")
        serve_fineweb(running)
        yield running


def put(hub: LoopbackHub, name: str, folder: Path) -> None:
    """Lay the files of a folder into a new model repository."""
    repo = hub.store.create("model", name, private=False)
    files = {
        path.name: Blob(path.read_bytes(), path.name.endswith(LARGE))
        for path in sorted(folder.iterdir())
        if path.is_file()
    }
    hub.store.objects |= {blob.etag: blob.data for blob in files.values() if blob.large}
    repo.add("main", "a tiny base", {**repo.at("main").files, **files})
