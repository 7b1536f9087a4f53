"""The frozen base's vectors of all originals: made once before training, read from disk in it.

Each distinct original has one vector, unit length, float16. Beside the vectors lies what they are
vectors of: digests of weights, tokenizer and texts, layer, pooling. Where these are the same, the
vectors are used again; a training has no second model in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ...aligned.errors import AlignmentError
from ...aligned.packed_encoder import PaddedView, encode_views
from ...aligned.pooling import pooling_mask
from ...json_file import read_object
from ...padding import fill_of
from ..counted_random import STEP, fingerprints, mix, multiples, unit
from ..pair_dataset import PairDataset

VECTORS, MEAN, FACTS = "vectors.npy", "mean.npy", "teacher.json"
OTHER = "those kept are of other "
READ_ROWS = 10_000
TOKENS = 1 << 14
"""Encoded at a time."""


class TeacherVectors:
    """Vectors on disk, and which of them are a training's.

    Attributes:
        mean: Mean of all vectors. *Shape:* (hidden,), float32.
        trained: How many vectors, the first ones, are of originals that are trained on.
    """

    def __init__(
        self,
        folder: Path,
        trained: int,
        targets: np.ndarray,
        languages: np.ndarray | None = None,
    ) -> None:
        """Open the vectors in a folder.

        Args:
            folder: Where `make_teacher_vectors` left them.
            trained: As the attribute.
            targets: Number of the vector of each row that is trained on.
            languages: Number of each such row's language; -1: none.
        """
        self.folder = folder
        self.trained = trained
        self.mean = np.load(folder / MEAN)
        self._vectors: np.ndarray | None = None
        self._of_language: dict[int, np.ndarray] = {}
        if languages is not None:
            order = np.argsort(languages, kind="stable")
            numbers, starts = np.unique(languages[order], return_index=True)
            parts = np.split(targets[order], starts[1:])
            self._of_language = dict(zip(numbers.tolist(), parts, strict=True))

    def read(self, numbers: np.ndarray) -> np.ndarray:
        """Return some vectors. *Shape:* (numbers, hidden), float16."""
        if self._vectors is None:
            self._vectors = np.load(self.folder / VECTORS, mmap_mode="r")
        return np.asarray(self._vectors[numbers])

    def bank(self, size: int, key: np.ndarray, language: int | None = None) -> np.ndarray:
        """Draw the numbers of negatives; all of them where there are no more.

        Args:
            size: How many.
            key: Of the random numbers. *Shape:* (1,), uint64.
            language: Half of them are of this language, if it is known.
        """
        if size >= self.trained:
            return np.arange(self.trained)
        places = unit(mix(key + multiples(STEP, size)))
        numbers = (places * self.trained).astype(np.int64)
        near = self._of_language.get(-1 if language is None else language) if size else None
        if language is not None and near is not None:
            half = size // 2
            numbers[:half] = near[(places[:half] * len(near)).astype(np.int64)]
        return numbers

    def __getstate__(self) -> dict[str, Any]:
        """Leave the map behind: another process opens its own."""
        return {**self.__dict__, "_vectors": None}


def number_originals(datasets: Mapping[str, PairDataset]) -> tuple[list[np.ndarray], str, int]:
    """Give equal originals one number and each row's dataset its `targets`.

    Args:
        datasets: By split; that of `train` comes first in the numbers.

    Returns:
        By split, in the order train first, the rows that stand for the originals first met there;
        the digest of all originals; and how many of them are in `train`.
    """
    ordered = sorted(datasets, key=lambda split: split != "train")
    marks = [_marks(datasets[split]) for split in ordered]
    _, first, number = np.unique(np.concatenate(marks), return_index=True, return_inverse=True)
    place = np.empty_like(first)
    place[first.argsort()] = np.arange(len(first))
    targets, first = place[number], np.sort(first)
    digest = hashlib.sha256(np.concatenate(marks)[first].tobytes()).hexdigest()
    rows, start = [], 0
    for split, of_split in zip(ordered, marks, strict=True):
        end = start + len(of_split)
        datasets[split].targets = targets[start:end]
        rows.append(first[(first >= start) & (first < end)] - start)
        start = end
    return rows, f"sha256:{digest[:12]}", len(rows[0])


def _marks(rows: PairDataset) -> np.ndarray:
    """A number for each original that is equal where its tokens are."""
    found = []
    for start in range(0, len(rows), READ_ROWS):
        batch = rows.__getitems__(range(start, min(start + READ_ROWS, len(rows))))
        sizes = batch.sizes[0]
        found.append(fingerprints(batch.tokens[: sizes.sum()], sizes.cumsum() - sizes, sizes))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def make_teacher_vectors(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    datasets: Mapping[str, PairDataset],
    folder: Path,
    *,
    layer: int,
    pooling: str,
    facts: Mapping[str, Any],
    bf16: bool = False,
    write: bool = True,
    resumed: bool = False,
) -> TeacherVectors:
    """Encode all distinct originals with the model as it is now, or open what is kept of it.

    Vectors are written aside and renamed; the facts go last, and without them there are none.

    Args:
        model: The base, before its first step, where it is to be trained.
        tokenizer: Tells special tokens.
        datasets: By split; each gets its `targets`.
        folder: Where the vectors are kept.
        layer: Index into `hidden_states`.
        pooling: As `pooling_mask`.
        facts: Digests of weights and tokenizer, and whatever else decides the vectors.
        bf16: Compute in bfloat16 where autocast does.
        write: Make what is missing; False in processes for which another one made it.
        resumed: The vectors are those that the run began with, or were lost.

    Returns:
        The vectors.

    Raises:
        AlignmentError: If a run is resumed whose teacher was another.
    """
    rows, digest, trained = number_originals(datasets)
    count = sum(map(len, rows))
    tail = getattr(model, "sentence_tail", None)
    hidden = int(model.config.hidden_size if tail is None else tail.width)
    wanted = {
        **facts,
        "texts": digest,
        "layer": layer,
        "pooling": pooling,
        "bf16": bf16,
        "vectors": count,
        "hidden": hidden,
    }
    train = datasets["train"]
    assert train.targets is not None
    why = why_not_kept(folder, wanted) if write else None
    if resumed and why is not None and why.startswith(OTHER):
        raise AlignmentError(
            f"{folder} holds the teacher of a run with {why.removeprefix(OTHER)} of its own, so "
            "that this run cannot be resumed. Legal: the base and the pairs that it began with, or "
            "another --output-dir."
        )
    if why:
        print(f"teacher: {count:,} vectors of the base are made ({why})")
        started = time.monotonic()
        ordered = [datasets[s] for s in sorted(datasets, key=lambda split: split != "train")]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FACTS).unlink(missing_ok=True)
        aside = folder / f".{VECTORS}"
        kept = np.lib.format.open_memmap(aside, "w+", np.float16, (count, hidden))
        with torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=bf16):
            mean = _encode_all(model, tokenizer, ordered, rows, layer, pooling, kept)
        kept.flush()
        del kept
        os.replace(aside, folder / VECTORS)
        np.save(folder / f".{MEAN}", mean)
        os.replace(folder / f".{MEAN}", folder / MEAN)
        seconds = round(time.monotonic() - started, 1)
        told = {**wanted, "content": _content(folder), "seconds": seconds}
        (folder / f".{FACTS}").write_text(json.dumps(told, indent=1), encoding="utf-8")
        os.replace(folder / f".{FACTS}", folder / FACTS)
        print(f"teacher: made in {seconds} s, kept in {folder}")
    elif write:
        print(f"teacher: {count:,} vectors of the base, kept in {folder}, are used again")
    return TeacherVectors(folder, trained, train.targets, train.languages)


def why_not_kept(folder: Path, wanted: Mapping[str, Any]) -> str | None:
    """Say why the vectors in a folder cannot be used; None where they can."""
    if None in wanted.values():
        return "nobody tells which revision of the base this is"
    if not (folder / FACTS).is_file():
        return "none are kept yet"
    try:
        told = read_object(folder / FACTS)
    except (OSError, AlignmentError):
        return f"{folder / FACTS} cannot be read"
    other = [name for name, value in wanted.items() if told.get(name) != value]
    if other:
        return OTHER + ", ".join(other)
    try:
        whole = told.get("content") == _content(folder)
    except OSError:
        whole = False
    return None if whole else "those kept are broken"


def _content(folder: Path) -> str:
    """Digest of the vectors and their mean, as bytes on disk."""
    digest = hashlib.sha256()
    for name in (VECTORS, MEAN):
        with (folder / name).open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return f"sha256:{digest.hexdigest()[:12]}"


@torch.inference_mode()
def _encode_all(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    datasets: list[PairDataset],
    rows: list[np.ndarray],
    layer: int,
    pooling: str,
    kept: np.ndarray,
) -> np.ndarray:
    """Fill `kept` with unit vectors; returns their mean. *Shape:* (hidden,), float32."""
    was_training = model.training
    model.eval()
    base: Any = model.base_model
    tail = getattr(model, "sentence_tail", None)
    content = {tokenizer.mask_token_id, tokenizer.unk_token_id}
    special = torch.tensor(sorted(set(tokenizer.all_special_ids) - content), device=model.device)
    total = np.zeros(kept.shape[1])
    offset = 0
    with tqdm(total=len(kept), desc="teacher", unit="sentence", disable=None) as bar:
        for dataset, wanted in zip(datasets, rows, strict=True):
            for start in range(0, len(wanted), READ_ROWS):
                chosen = wanted[start : start + READ_ROWS]
                pairs = dataset.__getitems__(chosen.tolist())
                sizes = pairs.sizes[0]
                begins = sizes.cumsum() - sizes
                for some in _batches(sizes):
                    width = int(sizes[some].max())
                    places = begins[some, None] + np.arange(width)
                    attended = np.arange(width) < sizes[some, None]
                    ids = np.where(attended, pairs.tokens[places * attended], fill_of(tokenizer))
                    mask = torch.from_numpy(attended.astype(np.int64)).to(model.device)
                    tokens = torch.from_numpy(ids).to(model.device)
                    pool = pooling_mask(pooling, mask, torch.isin(tokens, special).long())
                    (means,) = encode_views(base, [PaddedView(tokens, mask, pool)], layer).sentences
                    assert means is not None
                    means = means if tail is None else tail(means)
                    vectors = torch.nn.functional.normalize(means, dim=-1).cpu().numpy()
                    kept[offset + start + some] = vectors
                    total += vectors.sum(axis=0, dtype=np.float64)
                    bar.update(len(some))
            offset += len(wanted)
    model.train(was_training)
    return (total / max(1, len(kept))).astype(np.float32)


def _batches(sizes: np.ndarray) -> list[np.ndarray]:
    """Cut sequences, sorted by length, into batches of at most TOKENS tokens, padding included."""
    order = np.argsort(sizes, kind="stable")
    batches, first = [], 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - first) * sizes[order[end]] > TOKENS:
            batches.append(order[first:end])
            first = end
    return batches
