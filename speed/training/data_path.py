"""From text to batches: the cache of tokens, collation, and how long a step waits for its input."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch.utils.data import DataLoader

from speed import authors_way
from speed.settings import GLOT500, Settings
from speed.timing import Comparison, compare, single, take_turns
from speed.training.step import build, gradient_step, shape_of
from translit_ppa.modeling.training.data_collator import PairCollator
from translit_ppa.modeling.training.pair_dataset import PairDataset
from translit_ppa.modeling.training.token_table import renumber, token_features, tokenize_pairs

TEXT_COLUMNS = ("text", "transliteration")


def _table(settings: Settings) -> Dataset:
    texts, latin = zip(*settings.pairs, strict=True)
    return Dataset.from_dict(dict(zip(TEXT_COLUMNS, (list(texts), list(latin)), strict=True)))


def _cache(settings: Settings, way: str) -> Dataset:
    """Tokenise the pairs into an Arrow file, as the way does it, and open that file."""
    options = {"batched": True, "cache_file_name": str(_file(settings, way))}
    options["fn_kwargs"] = {"tokenizer": settings.tokenizer}
    if way == "authors":
        return _table(settings).map(authors_way.tokenize, **options)
    return _table(settings).map(
        tokenize_pairs,
        remove_columns=list(TEXT_COLUMNS),
        features=token_features(len(settings.tokenizer)),
        **options,
    )


def _file(settings: Settings, way: str) -> Path:
    """Return where the tokens of a way are to lie; nothing lies there."""
    folder = settings.folder / "cache" / way
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder / "tokens.arrow"


def measure_tokenise(settings: Settings) -> list[dict[str, object]]:
    """Time tokenising all pairs into a cache, and measure that cache on disk."""
    tables: dict[str, Dataset] = {}

    def way(name: str) -> None:
        tables[name] = _cache(settings, name)

    result = compare(lambda: way("authors"), lambda: way("ours"), settings.rounds)
    pairs = len(settings.pairs)
    # The places of ids in a longer vocabulary are the same ids, stored as that vocabulary needs.
    tables["wide"] = (
        tables["ours"]
        .with_format("arrow")
        .map(
            renumber,
            batched=True,
            features=token_features(GLOT500.vocabulary),
            fn_kwargs={"kept": range(GLOT500.vocabulary)},
            cache_file_name=str(_file(settings, "wide")),
        )
    )
    sizes = {
        name: Path(table.cache_files[0]["filename"]).stat().st_size / pairs
        for name, table in tables.items()
    }
    kept = "the authors' cache keeps both texts and two masks"
    return [
        result.row("tokenise into Arrow", "ms per pair", 1000 / pairs),
        single(
            f"tokens on disk, vocabulary of {len(settings.tokenizer):,}",
            "bytes per pair",
            sizes["authors"],
            sizes["ours"],
            f"{kept}; ours two bytes a token",
        ),
        single(
            f"tokens on disk, vocabulary of {GLOT500.vocabulary:,}",
            "bytes per pair",
            sizes["authors"],
            sizes["wide"],
            f"{kept}; ours three bytes a token; the same tokens in both rows",
        ),
    ]


def measure_collate(settings: Settings) -> list[dict[str, object]]:
    """Time fetching 16 random pairs from the cache and making a batch of three views of them."""
    stored, table = _cache(settings, "authors"), PairDataset(_cache(settings, "ours"))
    theirs = authors_way.Collator(settings.tokenizer)
    ours = PairCollator(settings.tokenizer)
    rows = [(i * 7919) % len(table) for i in range(16 * (8 if settings.quick else 50))]
    groups = [rows[i : i + 16] for i in range(0, len(rows), 16)]

    def authors() -> None:
        for group in groups:
            theirs([stored[i] for i in group])

    def lean() -> None:
        for group in groups:
            ours(table.__getitems__(group))

    repeat = 1 if settings.quick else 5
    result = compare(authors, lean, settings.rounds, repeat)
    fetched = [[stored[i] for i in group] for group in groups]
    held = [table.__getitems__(group) for group in groups]

    # A batch is dropped before the next one is made, as a training does.
    def authors_alone() -> None:
        for rows in fetched:
            theirs(rows)

    def lean_alone() -> None:
        for rows in held:
            ours(rows)

    alone = compare(authors_alone, lean_alone, settings.rounds, repeat)
    scale = 1000 / len(groups)
    return [
        result.row("fetch and collate 16 pairs", "ms", scale),
        alone.row("collate 16 pairs", "ms", scale, "with the cut of the joint view at 512 tokens"),
    ]


def measure_wait(settings: Settings) -> list[dict[str, object]]:
    """Share of a 12x256 step's wall time that is spent waiting for its batch, in percent."""
    model = build(shape_of("12x256", settings))

    def batches(dataset: Any, collate: Any) -> Iterator[dict[str, torch.Tensor]]:
        while True:
            yield from DataLoader(dataset, batch_size=16, shuffle=True, collate_fn=collate)

    def share(found: Iterator[dict[str, torch.Tensor]]) -> Callable[[], float]:
        def step() -> float:
            begun = time.perf_counter()
            batch = next(found)
            ready = time.perf_counter()
            gradient_step("ours", model, batch)
            model.zero_grad(set_to_none=True)
            return 100 * (ready - begun) / (time.perf_counter() - begun)

        return step

    stored, table = _cache(settings, "authors"), PairDataset(_cache(settings, "ours"))
    ways = {
        "authors": share(batches(stored, authors_way.Collator(settings.tokenizer))),
        "ours": share(batches(table, PairCollator(settings.tokenizer))),
    }
    samples = take_turns(ways, settings.rounds)
    found = Comparison(samples["authors"], samples["ours"])
    note = "of wall time; both before our step; loading in the same process"
    return [found.row("time that the step waits for input", "%", note=note)]
