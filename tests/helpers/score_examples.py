"""Records of scores, a few cells large."""

from __future__ import annotations

from hub_examples import eval_fields
from translit_ppa.hub_cards.records.files import EvalRecord, TaskRecord
from translit_ppa.hub_cards.scores.scores import Scores

ENG, ELL, HEB, TUR = "eng_Latn", "ell_Grek", "heb_Hebr", "tur_Latn"
PAIRS = ((ENG, ELL), (ENG, HEB), (ELL, HEB))


def task(model="base", source=ENG, target=ELL, value=50.0, seed=42, **changes):
    fields = {
        "kind": "task",
        "version": "0.1.0",
        "created": "2026-01-31T12:00:00+00:00",
        "model": model,
        "model_digest": f"sha256:{model}",
        "tokenizer": "sha256:0123456789ab",
        "benchmark": "sib200@sha256:1",
        "task": "sib200",
        "protocol": "sequence_classification",
        "split": "test",
        "source": source,
        "target": target,
        "n": 204,
        "input": "original",
        "transliterator": None,
        "seed": seed,
        "shots": 0,
        "settings": {"selection": "early_stopping", "learning_rate": 1e-5},
        "main_score": "macro_f1",
        "scores": {"macro_f1": value, "accuracy": value},
        "chance": {"majority": 5.0, "uniform": 14.0},
        "items": " ".join(["0/0"] * changes.get("n", 204)),
        "train_rows": 701,
        "epochs": 12.0,
        "best_epoch": 7.0,
        "dev_score": 60.0,
        "libraries": {},
    }
    return TaskRecord.from_dict(fields | changes)


def grid_of(model, values, **changes):
    """`values`: per seed, the scores of PAIRS and of both sources on themselves."""
    cells = [*PAIRS, (ENG, ENG), (ELL, ELL)]
    return [
        task(model, *pair, value, seed, **changes)
        for seed, row in values.items()
        for pair, value in zip(cells, row, strict=True)
    ]


def tagged(model, right, target=ELL, seed=42, n=200, chance=(5.0, 2.0), **changes):
    """A task record with one entity a sentence, of which the given sentences are right."""
    items = " ".join("1/1/1" if i in right else "0/1/1" for i in range(n))
    value = 100 * len(right) / n
    fields = {
        "main_score": "entity_f1",
        "scores": {"entity_f1": value},
        "chance": dict(zip(("uniform", "majority"), chance, strict=True)),
    }
    return task(model, target=target, seed=seed, n=n, items=items, **fields, **changes)


def query(model, target, hits, pool=200, **changes):
    """A retrieval record of which the given queries hit."""
    items = " ".join("10" if i in hits else "0" for i in range(pool))
    value = 100 * len(hits) / pool
    scores = {"top1": 0.0, "top5": 0.0, "top10": value}
    fields = {"model": model, "target": target, "pool": pool, "n": pool, "items": items}
    fields["model_digest"] = f"sha256:{model}"
    return EvalRecord.from_dict(eval_fields(**fields, scores=scores, scores_all=scores, **changes))


def scores(records, pairs=None):
    """Scores of one benchmark; `pairs` are the cells that a complete row has."""
    records = tuple(records)
    return Scores(records, expected={records[0].benchmark: tuple(pairs)} if pairs else {})


def scores_of(rows, pairs, benchmark="sib200"):
    """Scores of a task from percent by row, by cell, by seed."""
    return scores(
        (
            task(row, *pair, value=value, seed=seed, benchmark=f"{benchmark}@1", n=1)
            for row, cells in rows.items()
            for pair, seeds in cells.items()
            for seed, value in seeds.items()
        ),
        pairs,
    )
