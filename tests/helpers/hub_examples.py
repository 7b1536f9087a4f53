"""Records for the tests of hub_cards, small enough to check by hand."""

from __future__ import annotations

from typing import Any

from translit_ppa.hub_cards.records.files import EvalRecord

CREATED = "2026-01-31T12:00:00+00:00"
MACHINE = {"python": "3.11.7", "platform": "Linux", "cpu_count": 2}


def build_fields() -> dict[str, Any]:
    language = {
        "code": "amh_Ethi",
        "available": 40,
        "target": 30,
        "taken": 20,
        "kept": 18,
        "train": 16,
        "validation": 2,
        "shortfall": 10,
        "dropped": {"duplicate": 2},
        "unmapped": {"፼": 1},
        "unmapped_characters": 1,
        "identity_rate": 0.0,
        "unreadable_numbers": 2,
        "folded": {"width": 1},
        "shared": 3,
        "documents": None,
        "cut": 0,
    }
    return {
        "kind": "build",
        "version": "0.1.0",
        "created": CREATED,
        "group": "mediterranean",
        "source": "cldr-47",
        "source_options": {"count": 10_000},
        "transliterator": "uroman-1.3.1.1|lcode:yes",
        "seed": 42,
        "sampling": {"fraction": 0.1, "floor": 10_000, "cap": None, "temperature": None},
        "filters": {"max_characters": 1000},
        "languages": [language],
        "missing_languages": {"arz_Arab": "only repeats ara"},
        "skipped_files": [],
        "splits": {"train": 16, "validation": 2},
        "seconds": 1.5,
        "machine": MACHINE,
        "libraries": {"uroman": "1.3.1.1"},
        "digest": "0" * 64,
    }


def train_fields() -> dict[str, Any]:
    return {
        "kind": "train",
        "version": "0.1.0",
        "created": CREATED,
        "base": "base",
        "base_revision": None,
        "data": {"name": "pairs", "config": "mediterranean", "digest": None, "rows": 16},
        "transliterator": "uroman-1.3.1.1|lcode:yes",
        "alignment": {"objectives": ["mlm", "seq"]},
        "arguments": {"learning_rate": 2e-5},
        "steps": 20,
        "epochs": 2.0,
        "seconds": 3.5,
        "machine": MACHINE,
        "libraries": {"torch": "2.13.0"},
        "seed": 42,
        "unk_rate": {"original": 0.25, "latin": 0.0},
        "history": [
            {"step": 10, "epoch": 1.0, "loss": 9.5, "seq": 4.25, "mlm_latin": 5.25},
            {"step": 10, "eval_top10": 20.0},
            {"step": 20, "epoch": 2.0, "loss": 7.0, "seq": None, "mlm_latin": 4.0},
        ],
        "best": {"step": 20, "metric": "eval_top10", "value": 23.5},
    }


def eval_fields(**changes: Any) -> dict[str, Any]:
    fields = {
        "kind": "eval",
        "version": "0.1.0",
        "created": CREATED,
        "model": "base",
        "model_digest": "ab" * 32,
        "tokenizer": "sha256:0123456789ab",
        "benchmark": "cldr",
        "protocol": "retrieval",
        "split": "test",
        "source": "eng_Latn",
        "target": "amh_Ethi",
        "n": 400,
        "pool": 400,
        "identical": 0,
        "input": "original",
        "transliterator": None,
        "layer": 8,
        "pooling": "attended",
        "seed": 42,
        "scores": {"top1": 1.0, "top5": 5.0, "top10": 10.0},
        "scores_all": {"top1": 2.0, "top5": 6.0, "top10": 11.0},
        "libraries": {},
    }
    fields |= changes
    return {"items": _items(fields)} | fields


def _items(fields: dict[str, Any]) -> str:
    """What became of each query, so that the scores come out; rounded to whole queries."""
    n, pool, scores = fields["n"], fields["pool"], fields["scores"]
    try:
        found = [round(n * scores.get(name, 0.0) / 100) for name in ("top1", "top5", "top10")]
    except (TypeError, ValueError, AttributeError):  # what the record itself is to refuse
        found = [0, 0, 0]
    if not isinstance(pool, int):
        return ""
    words = ["1"] * found[0] + ["5"] * (found[1] - found[0]) + ["10"] * (found[2] - found[1])
    left_out = ["-"] * fields["identical"]
    return " ".join((words + ["0"] * pool)[: pool - len(left_out)] + left_out)


def score(model: str, source: str, target: str, top1: float, **changes: Any) -> EvalRecord:
    """An eval record with top-5 = 5 * top1, top-10 = 10 * top1, and one point more for all."""
    scores = {"top1": top1, "top5": 5 * top1, "top10": 10 * top1}
    everything = {name: value + 1 for name, value in scores.items()}
    fields = {"scores": scores, "scores_all": everything} | changes
    return EvalRecord.from_dict(eval_fields(model=model, source=source, target=target, **fields))
