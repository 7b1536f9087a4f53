"""What train.py, eval.py and demo.py share: the places where the three rooms meet."""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards import EvalRecord, RecordError, TrainRecord, load_records
from translit_ppa.hub_cards.hub.licences import is_hub_id
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.modeling.aligned.alignment_config import AlignmentError

if TYPE_CHECKING:
    from datasets import DatasetDict

    from translit_ppa.data_builders.benchmarks import Benchmark
    from translit_ppa.data_builders.transliterators import Transliterator
    from translit_ppa.modeling import SentenceEncoder

LIBRARIES = ("torch", "transformers", "tokenizers", "datasets", "accelerate", "uroman", "babel")


def user_errors_exit_2(
    main: Callable[[Sequence[str] | None], int],
) -> Callable[..., int]:
    """Turn mistakes a user can make into one line on standard error and exit status 2."""

    @functools.wraps(main)
    def wrapped(argv: Sequence[str] | None = None) -> int:
        try:
            return main(argv)
        except (DataError, AlignmentError, RecordError) as error:
            message = str(error)
        except OSError as error:
            # transformers and huggingface_hub report unknown models and lost networks as OSError,
            # over many lines.
            message = str(error)
        print(f"error: {' '.join(message.split())}", file=sys.stderr)
        return 2

    return wrapped


def whole_numbers(least: int) -> Callable[[str], int]:
    """Make a reader of whole numbers from `least` on, for argparse."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"came {text!r}; legal: whole numbers from {least}")
        return int(text)

    return number


def points(text: str) -> float:
    """Read percentage points for argparse."""
    number = float(text)
    if not 0 <= number <= 100:  # this refuses nan too, below which nothing would ever fall
        raise argparse.ArgumentTypeError(f"came {text!r}; legal: points from 0 to 100")
    return number


def model_digest(name_or_path: str, revision: str | None = None) -> str:
    """Identify a model's weights: a Hub commit, or `sha256:` and 12 hex digits of a folder's files.

    Args:
        name_or_path: Hub id or folder.
        revision: Commit, tag or branch on the Hub; None is `main`.

    Returns:
        The digest; `unknown` where neither the cache nor the Hub tells the commit.
    """
    folder = Path(name_or_path)
    if not folder.is_dir():
        return _hub_commit(name_or_path, revision) or "unknown"
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]):
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return f"sha256:{digest.hexdigest()[:12]}"


def _hub_commit(repo_id: str, revision: str | None) -> str | None:
    """Tell the commit of a model as it was loaded, or else as it would be loaded now."""
    from huggingface_hub import HfApi, try_to_load_from_cache

    from translit_ppa.hub_cards.hub.repository import NetworkError

    # The cache comes first: `main` may have moved on since these weights were loaded.
    cached = try_to_load_from_cache(repo_id, "config.json", revision=revision)
    if isinstance(cached, str):
        return Path(cached).parent.name
    try:
        return HfApi().model_info(repo_id, revision=revision).sha
    except (NetworkError, OSError):
        return None


def open_pairs(
    name: str, config: str, revision: str | None, split: str, columns: Sequence[str]
) -> DatasetDict:
    """Open pairs of original and Latin text from the Hub or a folder.

    Args:
        name: Hub id or folder.
        config: The group, or the name of the TSV that describes the group.
        revision: Commit, tag or branch on the Hub.
        split: The split that must be there.
        columns: The columns that this split must have.

    Raises:
        DataError: The pairs cannot be opened, or lack a column or the split.
    """
    from datasets import load_dataset

    try:
        pairs: DatasetDict = load_dataset(name, config_name(config), revision=revision)
    except ValueError as error:
        raise DataError(f"{name}: {error}") from error
    if split not in pairs or not set(columns) <= set(pairs[split].column_names):
        have = {split: rows.column_names for split, rows in pairs.items()}
        raise DataError(
            f"{name} has {have}; needed is a split {split!r} with columns "
            f"{', '.join(sorted(columns))} (--text_column, --transliteration_column)."
        )
    return pairs


def config_name(group: str) -> str:
    """Return the dataset's config: the group, or the name of the TSV that describes the group."""
    return Path(group).stem if group.endswith(".tsv") else group


def build_facts(name: str, config: str, revision: str | None = None) -> dict[str, Any]:
    """Read the build record of pairs in a folder or on the Hub; empty where there is none."""
    from huggingface_hub import hf_hub_download

    inside = f"{config_name(config)}/build_record.json"
    path = Path(name) / inside
    if not Path(name).is_dir() and is_hub_id(name):
        try:
            path = Path(hf_hub_download(name, inside, repo_type="dataset", revision=revision))
        except OSError:
            return {}
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def training_of(folder: str) -> TrainRecord | None:
    """Read the record of the training that made a checkpoint; None where there is none.

    Raises:
        RecordError: It is a record of something else.
    """
    path = Path(folder) / "train_record.json"
    if not path.is_file():
        return None
    (record,) = load_records(path)
    if not isinstance(record, TrainRecord):
        raise RecordError(f"{path}: is a {record.kind} record; legal: a train record")
    return record


def tokenizer_digest(tokenizer: Any) -> str:
    """Identify what a tokenizer does to text: `sha256:` and 12 hex digits of its content.

    Args:
        tokenizer: Of transformers. Cutting and padding are left out: they are set by each use.
    """
    if tokenizer.is_fast:
        rules = json.loads(tokenizer.backend_tokenizer.to_str())
        rules = {
            name: rule for name, rule in rules.items() if name not in ("truncation", "padding")
        }
    else:
        rules = {"vocab": tokenizer.get_vocab(), "class": type(tokenizer).__name__}
    text = json.dumps([rules, tokenizer.model_max_length], sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"


class TextEmbeddings:
    """Embeddings by text: each distinct string of a language is encoded once."""

    def __init__(
        self, encoder: SentenceEncoder, transliterator: Transliterator | None = None
    ) -> None:
        """Keep an encoder; with a transliterator, texts are romanised first."""
        self.encoder = encoder
        self.transliterator = transliterator
        self._rows: dict[tuple[str, str], np.ndarray] = {}

    def __call__(self, language: str, texts: Sequence[str]) -> np.ndarray:
        """Return one embedding per text. *Shape:* (texts, hidden)."""
        new = list(dict.fromkeys(t for t in texts if (language, t) not in self._rows))
        if new:
            written = self.transliterator(new, language) if self.transliterator else new
            for text, row in zip(new, self.encoder.encode(written), strict=True):
                self._rows[language, text] = row
        return np.stack([self._rows[language, text] for text in texts])


def score_directions(
    benchmark: Benchmark, embed: TextEmbeddings, directions: Sequence[tuple[str, str]], split: str
) -> Iterator[dict[str, Any]]:
    """Score a retrieval benchmark, one ordered pair of languages after the other.

    Queries whose own target is the same string are left out of `scores` (the targets stay), and
    are part of `scores_all`.

    Yields:
        `source, target, n, pool, identical, scores, scores_all, items`; a pair without any query
        that counts is left out, and tables name it as a gap.
    """
    # Not above: these may load torch, and a program for text alone imports this file too.
    from translit_ppa.modeling.embedding.retrieval import gold_ranks, retrieval_accuracy
    from translit_ppa.modeling.tasks.outcomes import rank_outcomes

    for source, target in directions:
        pair = benchmark.load_pair(source, target, split)
        identical = np.array(pair.identical, dtype=bool)
        if identical.all():
            continue
        ranks = gold_ranks(embed(source, pair.source), embed(target, pair.target))
        yield {
            "source": source,
            "target": target,
            "n": int((~identical).sum()),
            "pool": len(pair),
            "identical": int(identical.sum()),
            "scores": retrieval_accuracy(ranks, ~identical),
            "scores_all": retrieval_accuracy(ranks),
            "items": " ".join(rank_outcomes(ranks, ~identical)),
        }


def evaluate_model(
    encoder: SentenceEncoder,
    name: str,
    digest: str,
    benchmark: Benchmark,
    directions: Sequence[tuple[str, str]],
    *,
    split: str = "test",
    transliterator: Transliterator | None = None,
    seed: int = 42,
) -> Iterator[EvalRecord]:
    """Score one model on a retrieval benchmark, as records with their signature.

    Args:
        encoder: The model, with layer and pooling.
        name: How tables call it.
        digest: From `model_digest`.
        benchmark: A retrieval benchmark.
        directions: Ordered pairs of language codes.
        split: `test` or `validation`.
        transliterator: Romanises both sides first; None scores the original script.
        seed: The training seed that the record names; retrieval itself draws nothing.

    Yields:
        One record per direction.
    """
    embed = TextEmbeddings(encoder, transliterator)
    for cell in score_directions(benchmark, embed, directions, split):
        yield EvalRecord(
            kind="eval",
            version=package_version(),
            created=now(),
            model=name,
            model_digest=digest,
            tokenizer=tokenizer_digest(encoder.tokenizer),
            benchmark=benchmark.signature(),
            protocol=benchmark.protocol,
            split=split,
            input="latin" if transliterator else "original",
            transliterator=transliterator.signature() if transliterator else None,
            layer=encoder.layer,
            pooling=encoder.pooling,
            seed=seed,
            libraries=libraries(LIBRARIES),
            **cell,
        )
