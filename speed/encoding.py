"""Embedding sentences and searching them."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from speed import authors_way
from speed.settings import GLOT500, TINY, NotMeasured, Settings
from speed.text import sentences
from speed.timing import compare
from speed.training.step import build, shape_of
from translit_ppa.data_builders.transliterators import get_transliterator
from translit_ppa.identity import model_digest
from translit_ppa.modeling import AlignmentConfig, SentenceEncoder
from translit_ppa.modeling.embedding.retrieval import top_k

CUT = 24  # tokens; short texts are enough to fill a space with real neighbours


def measure_encode(settings: Settings) -> list[dict[str, object]]:
    """Time embedding sentences at 12x256; the vectors must be equal.

    Raises:
        AssertionError: If they differ by more than 1e-5 of their size.
    """
    model = build(shape_of("12x256", settings)).eval()
    layer = AlignmentConfig().resolve_layer(model.config.num_hidden_layers)
    count = 40 if settings.quick else 200
    texts = [text for text, _ in settings.pairs[:count]]
    encoder = SentenceEncoder(model, settings.tokenizer, layer=layer, pooling="attended")
    vectors: dict[str, np.ndarray] = {}

    def authors() -> None:
        vectors["authors"] = authors_way.encode(model.roberta, settings.tokenizer, texts, layer)

    def ours() -> None:
        vectors["ours"] = encoder.encode(texts)

    result = compare(authors, ours, settings.rounds)
    difference = float(np.abs(vectors["authors"] - vectors["ours"]).max())
    largest = float(np.abs(vectors["authors"]).max())
    if difference > 1e-5 * largest:
        raise AssertionError(f"embeddings differ by {difference:g} at a size of {largest:g}")
    note = f"largest difference {difference:.1e}"
    return [result.row("embed a sentence, 12x256, layer 8", "ms", 1000 / count, note)]


def measure_search(settings: Settings) -> list[dict[str, object]]:
    """Time ranking 500 sentences for each of 500; the ten nearest must be the same but for ties."""
    model = build(TINY if settings.quick else GLOT500).eval()
    count = min(500, len(settings.pairs))
    latin = [text for _, text in settings.pairs[:count]]
    original = [text for text, _ in settings.pairs[:count]]
    encoder = SentenceEncoder(model, settings.tokenizer, layer=1)
    queries, targets = encoder.encode(latin), encoder.encode(original)
    found: dict[str, np.ndarray] = {}

    def authors() -> None:
        found["authors"] = authors_way.nearest(queries, targets)

    def ours() -> None:
        found["ours"] = top_k(queries, targets)

    result = compare(authors, ours, settings.rounds)
    note = _in_common(found["authors"], found["ours"])
    size = f"{count}x{count}x{queries.shape[1]}"
    return [result.row(f"search, {size}", "ms", 1000, note)]


def measure_large_search(settings: Settings) -> list[dict[str, object]]:
    """Time the ten nearest of 200,000 sentences for 1,000, against faiss's flat index.

    Raises:
        NotMeasured: If faiss is not installed.
        AssertionError: If the two searches find others.
    """
    if find_spec("faiss") is None:
        raise NotMeasured("skipped: faiss is not installed (pip install faiss-cpu)")
    import faiss

    faiss.omp_set_num_threads(settings.threads)
    size, asked = (2_000, 50) if settings.quick else (200_000, 1_000)
    queries, targets, source = _embeddings(settings, size, asked)
    found: dict[str, np.ndarray] = {}

    def flat() -> None:
        unit = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (queries, targets)]
        index = faiss.IndexFlatIP(unit[1].shape[1])
        index.add(unit[1])
        found["faiss"] = index.search(unit[0], 10)[1]

    def ours() -> None:
        found["ours"] = top_k(queries, targets, use_faiss=False)

    result = compare(flat, ours, settings.rounds)
    what = f"search, {len(queries):,} x {len(targets):,} x {targets.shape[1]}, against faiss flat"
    common = _in_common(found["faiss"], found["ours"])
    note = f"left faiss, right ours; romanised sentences among originals, {source}; {common}"
    return [result.row(what, "s", 1, note)]


def _in_common(one: np.ndarray, other: np.ndarray) -> str:
    """Say how many of the ten nearest two searches share; ties may be broken either way."""
    agree = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(one, other, strict=True)])
    if agree < 0.9:
        raise AssertionError(f"only {agree:.1%} of the ten nearest are the same")
    return f"{100 * agree:.2f} % of the ten nearest in common"


def _embeddings(settings: Settings, count: int, asked: int) -> tuple[np.ndarray, np.ndarray, str]:
    """Embed romanised sentences and up to `count` originals; they are kept on disk.

    Without a model, the mean of random piece vectors: on one core a large model would take longer
    than all searches.

    Returns:
        Queries, targets, and what made them.
    """
    found = sentences(settings.text, count)
    texts = [text for _, text in found]
    if len(texts) < count:  # the windows of longer sentences are text too
        texts = list(dict.fromkeys(itertools.chain(texts, _windows(texts))))[:count]
    romanise = get_transliterator("uroman")
    latin = [romanise([text], code)[0] for code, text in found[:: max(1, len(found) // asked)]]
    shape = TINY if settings.quick else GLOT500
    if settings.model is None:
        encoder = None
        source = f"means of random piece vectors of {shape}"
    else:
        encoder = SentenceEncoder.from_pretrained(
            settings.model, device="cpu", max_length=CUT, batch_size=256
        )
        source = f"layer {encoder.layer} of {Path(settings.model).name}"
        source += f" ({model_digest(settings.model)})"
    vectors = []
    for wanted in (latin[:asked], texts):
        key = hashlib.sha256(json.dumps([source, wanted]).encode()).hexdigest()[:16]
        path = settings.folder / "text" / f"embeddings-{key}.npy"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            encoder = encoder or SentenceEncoder(
                build(shape).eval(), settings.tokenizer, layer=0, max_length=CUT, batch_size=256
            )
            aside = path.with_suffix(".part.npy")
            np.save(aside, encoder.encode(wanted))
            aside.replace(path)
        vectors.append(np.load(path))
    return vectors[0], vectors[1], source


def _windows(texts: Sequence[str]) -> Iterator[str]:
    """Yield every run of 6 words, then of 7 and so on."""
    split = [text.split() for text in texts]
    for width in range(6, 13):
        for words in split:
            for start in range(len(words) - width + 1):
                yield " ".join(words[start : start + width])
