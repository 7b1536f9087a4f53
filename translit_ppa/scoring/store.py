"""The experiment matrix: models x benchmarks x languages, resumed cell by cell.

In: models, a benchmark, directions. Out: records, each written as soon as it is measured. A cell
is known by its content (weights, tokenizer, data, settings, seed), not by names: what lies in the
records folder is not measured again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards import EvalRecord, load_records, write_record
from translit_ppa.hub_cards.records.environment import now, package_version
from translit_ppa.hub_cards.records.files import ModelRecord, TaskRecord, TrainRecord
from translit_ppa.identity import model_digest, tokenizer_digest, training_of
from translit_ppa.scoring.retrieval import evaluate_model

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks import Benchmark
    from translit_ppa.data_builders.transliterators import Transliterator
    from translit_ppa.modeling import SentenceEncoder

Pair = tuple[str, str]


@dataclass(frozen=True)
class Model:
    """A model to score: name or folder, digests of weights and tokenizer, and how deep it is."""

    name: str
    digest: str
    tokenizer: str
    layers: int
    number: int
    training: TrainRecord | None

    def record(self) -> ModelRecord:
        """Say what is scored, with the training record that lies beside the weights."""
        return ModelRecord(
            kind="model",
            version=package_version(),
            created=now(),
            model=self.name,
            model_digest=self.digest,
            tokenizer=self.tokenizer,
            training=self.training,
        )


class Store:
    """The records of earlier runs and of this one; without a folder only of this one."""

    def __init__(self, folder: Path | None) -> None:
        """Read what is in a folder; it need not exist."""
        self.folder = folder
        self._known: dict[str, EvalRecord | TaskRecord] = {}
        if folder is not None and folder.is_dir() and any(folder.rglob("*.json")):
            for record in load_records(folder):
                if isinstance(record, (EvalRecord, TaskRecord)):
                    self._keep(record)

    def _keep(self, record: EvalRecord | TaskRecord) -> None:
        if key := record.key():
            self._known[key] = record

    def find(self, key: str | None) -> EvalRecord | TaskRecord | None:
        """Return the record with this content, if it was measured before."""
        return self._known.get(key) if key else None

    def add_models(self, models: Sequence[Model]) -> None:
        """Write what the scores' models are."""
        for model in models if self.folder is not None else ():
            short = re.sub(r"\W", "", model.digest)[-12:]
            assert self.folder is not None
            write_record(self.folder / f"{model.number}-model-{short}.json", model.record())

    def add(self, record: EvalRecord | TaskRecord, number: int) -> None:
        """Write a record; `number` is the model's place on the command line."""
        self._keep(record)
        if self.folder is None:
            return
        benchmark = record.benchmark.split("@")[0]
        short = (record.key() or f"{number}-unknown-weights")[:12]
        name = f"{number}-{benchmark}-{record.source}-{record.target}-{short}.json"
        write_record(self.folder / re.sub(r"[^\w.:+-]", "_", name), record)


def open_models(names: Sequence[str], revision: str | None) -> list[Model]:
    """Identify models before anything is measured.

    Args:
        names: Hub ids, folders, or patterns such as `runs/train/checkpoint-*`.
        revision: Commit, tag or branch, for every model.

    Raises:
        AlignmentError: One of them is not there.
        DataError: A pattern matches nothing.
    """
    from transformers import AutoConfig, AutoTokenizer

    from translit_ppa.modeling.aligned.alignment_config import AlignmentError

    found = []
    for number, name in enumerate(_expanded(names)):
        try:
            config = AutoConfig.from_pretrained(name, revision=revision)
            tokenizer = tokenizer_digest(AutoTokenizer.from_pretrained(name, revision=revision))
        except (OSError, ValueError) as error:
            raise AlignmentError(f"cannot open the model {name}: {error}") from error
        digest = model_digest(name, revision)
        training = training_of(name)
        found.append(Model(name, digest, tokenizer, config.num_hidden_layers, number, training))
    return found


def _expanded(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        if "*" not in name:
            found.append(name)
            continue
        # checkpoint-900 comes before checkpoint-1000.
        matches = sorted(glob(name), key=lambda p: [int(n) for n in re.findall(r"\d+", p)])
        if not matches:
            raise DataError(f"--model {name} matches no folder; give Hub ids or folders")
        found += matches
    return list(dict.fromkeys(found))


def score_retrieval(
    model: Model,
    benchmark: Benchmark,
    directions: Sequence[Pair],
    store: Store,
    encoder: Callable[[int], SentenceEncoder],
    layer: int,
    pooling: str,
    *,
    label: str,
    split: str,
    transliterator: Transliterator | None,
) -> Iterator[EvalRecord]:
    """Score one model at one layer, leaving out the directions that a record has.

    Args:
        model: What is scored.
        benchmark: A retrieval benchmark.
        directions: Ordered pairs.
        store: Where records are found and put.
        encoder: Opens the model at a layer; called only if something is missing.
        layer: Which layer, resolved.
        pooling: How tokens become a sentence.
        label: What tables call the model.
        split: Of the benchmark.
        transliterator: Romanises both sides; None for the original script.

    Yields:
        One record per direction, in their order.
    """
    empty = {"top1": 0.0, "top5": 0.0, "top10": 0.0}
    known: dict[Pair, EvalRecord] = {}
    for source, target in directions:
        blank = EvalRecord(
            kind="eval",
            version=package_version(),
            created=now(),
            model=label,
            model_digest=model.digest,
            tokenizer=model.tokenizer,
            benchmark=benchmark.signature(),
            protocol=benchmark.protocol,
            split=split,
            source=source,
            target=target,
            n=1,
            pool=1,
            identical=0,
            input="latin" if transliterator else "original",
            transliterator=transliterator.signature() if transliterator else None,
            layer=layer,
            pooling=pooling,
            seed=42,
            scores=empty,
            scores_all=empty,
            items="0",
            libraries={},
        )
        record = store.find(blank.key())
        if isinstance(record, EvalRecord):
            known[source, target] = replace(record, model=label)
    pending = [pair for pair in directions if pair not in known]
    if pending:
        for record in evaluate_model(
            encoder(layer),
            label,
            model.digest,
            benchmark,
            pending,
            split=split,
            transliterator=transliterator,
        ):
            store.add(record, model.number)
            yield record
    yield from (known[pair] for pair in directions if pair in known)
