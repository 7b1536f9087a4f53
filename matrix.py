"""The experiment matrix: models x benchmarks x sources x seeds, resumed cell by cell.

In: models, a benchmark, a plan of sources and targets. Out: records, each written as soon as it is
measured. A cell is known by its content (weights, data, settings, seed), not by names: what lies
in the records folder is not measured again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridor import LIBRARIES, evaluate_model, model_digest
from data_builders.benchmarks.sources_and_targets import paper_design
from data_builders.errors import DataError
from hub_cards import EvalRecord, RecordError, load_records, write_record
from hub_cards.environment import libraries, now, package_version
from hub_cards.paper_results import BASE, FULL
from hub_cards.records import TaskRecord, TrainRecord

if TYPE_CHECKING:
    from data_builders.benchmarks import Benchmark
    from data_builders.benchmarks.labelled import ClassificationBenchmark, TaggingBenchmark
    from data_builders.languages import LanguageGroup
    from data_builders.transliterators import Transliterator
    from modeling import SentenceEncoder
    from modeling.protocols.fine_tuning import FineTuner
    from modeling.protocols.fine_tuning_settings import FineTuningSettings

    Labelled = ClassificationBenchmark | TaggingBenchmark

Pair = tuple[str, str]


@dataclass(frozen=True)
class Model:
    """A model to score: name or folder, what its weights are, and how deep it is."""

    name: str
    digest: str
    layers: int
    number: int


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
    from transformers import AutoConfig

    from modeling.alignment_config import AlignmentError

    found = []
    for number, name in enumerate(_expanded(names)):
        try:
            config = AutoConfig.from_pretrained(name, revision=revision)
        except (OSError, ValueError) as error:
            raise AlignmentError(f"cannot open the model {name}: {error}") from error
        digest = model_digest(name, getattr(config, "_commit_hash", None))
        found.append(Model(name, digest, config.num_hidden_layers, number))
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


def paper_model(model: Model) -> str | None:
    """Say which of the paper's models one of ours corresponds to, by its training record.

    Returns:
        `MLM`, `MLM+SEQ`, `MLM+TLM` or `MLM+SEQ+TLM`; without a training record `Glot500`, the
        paper's base, for the first model, and None for others: nothing is known of them.
    """
    path = Path(model.name) / "train_record.json"
    if not path.is_file():
        return BASE if model.number == 0 else None
    (record,) = load_records(path)
    if not isinstance(record, TrainRecord):
        raise RecordError(f"{path}: is a {record.kind} record; legal: a train record")
    objectives = record.alignment.get("objectives", [])
    return "+".join(part for part in FULL.split("+") if part.lower() in objectives) or BASE


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


@dataclass(frozen=True)
class Plan:
    """Which sources are fine-tuned and which targets tested, and what the data lack.

    Attributes:
        sources: Sources with training and dev data.
        pairs: All cells of the design, those without data included.
        cells: The cells that can be measured, each source on itself included.
        missing: What is not there, in words, by language.
    """

    sources: tuple[str, ...]
    pairs: tuple[Pair, ...]
    cells: tuple[Pair, ...]
    missing: dict[str, str]


def make_plan(
    benchmark: Labelled, group: LanguageGroup, sources: Sequence[str] | None, split: str
) -> Plan:
    """Choose sources and targets: the paper's for its groups, else all that the data have.

    Args:
        benchmark: With labels.
        group: Restricts the targets.
        sources: Codes or aliases that replace the paper's sources.
        split: What is tested.

    Raises:
        DataError: A named source lacks training data, or there is nothing to measure.
    """
    benchmark.check_split(split)
    codes = list(group.codes)
    english = [language.code for language in group.evaluation_sources]
    design = paper_design(group.name, benchmark.name)
    able = benchmark.languages_with("train", "dev")
    if sources is not None:
        wanted = [benchmark.require_split(code, "train") for code in sources]
        for code in wanted:
            benchmark.require_split(code, "dev")
    else:
        wanted = list(design.sources) if design else [c for c in (*english, *codes) if c in able]
    targets = [code for code in (design.targets if design else codes) if code in codes]
    testable = benchmark.languages_with(split)
    missing = {code: f"no {split} data" for code in targets if code not in testable}
    missing |= {code: "no train and dev data" for code in wanted if code not in able}
    ready = tuple(code for code in wanted if code in able)
    pairs = tuple((s, t) for s in wanted for t in targets if s != t)
    cells = [(s, t) for s, t in pairs if s in ready and t in testable]
    if not cells:
        told = "; ".join(f"{code}: {why}" for code, why in missing.items()) or "no targets"
        raise DataError(
            f"{benchmark.name} has no source with a target in {group.name} ({told}); it can train "
            f"on {', '.join(able) or 'nothing'}: --sources CODE"
        )
    cells += [(source, source) for source in ready if source in testable]
    return Plan(ready, pairs, tuple(sorted(cells, key=lambda p: ready.index(p[0]))), missing)


@dataclass
class Task:
    """One labelled benchmark and how models are fine-tuned for it.

    Attributes:
        benchmark: The data.
        settings: Of fine-tuning.
        seeds: Each is one head, order and dropout.
        split: What is tested.
        transliterator: Romanises all text; None for the original script.
        shots: Labelled target examples that are seen after the source; 0 is zero-shot.
        shot_epochs: Passes over them.
        revision: Of the models.
    """

    benchmark: Labelled
    settings: FineTuningSettings
    seeds: Sequence[int]
    split: str = "test"
    transliterator: Transliterator | None = None
    shots: int = 0
    shot_epochs: int = 10
    revision: str | None = None
    _data: dict[Pair, tuple[list[Any], list[Any]]] = field(default_factory=dict)

    def data(self, language: str, split: str) -> tuple[list[Any], list[Any]]:
        """Return inputs and gold labels, read and romanised once."""
        if (language, split) not in self._data:
            loaded: Any = self.benchmark.load(language, split)
            if self.benchmark.protocol == "sequence_classification":
                self._data[language, split] = (self._texts(loaded.texts, language), loaded.labels)
            else:
                distinct = list(dict.fromkeys(word for words in loaded.words for word in words))
                written = dict(zip(distinct, self._texts(distinct, language), strict=True))
                words = [[written[word] for word in words] for words in loaded.words]
                self._data[language, split] = (words, loaded.tags)
        return self._data[language, split]

    def _texts(self, texts: list[str], language: str) -> list[str]:
        if self.transliterator is None:
            return texts
        latin = self.transliterator(texts, language)
        # A word must stay a word: what has no Latin form keeps its own.
        return [new if new.strip() else old for old, new in zip(texts, latin, strict=True)]

    def recorded_settings(self) -> dict[str, Any]:
        """Everything that decides a score besides data, weights and seed."""
        few = {"shot_epochs": self.shot_epochs} if self.shots else {}
        # How many are predicted at a time decides nothing.
        chosen = {k: v for k, v in asdict(self.settings).items() if k != "eval_batch_size"}
        return {**chosen, **few}

    def cells(self, plan: Plan) -> list[Pair]:
        """The plan's cells; with shots, those whose target has examples to give."""
        if not self.shots:
            return list(plan.cells)
        able = self.benchmark.languages_with("train")
        return [(s, t) for s, t in plan.cells if s != t and t in able]

    def record(self, model: Model, source: str, target: str, seed: int, **facts: Any) -> TaskRecord:
        """Fill in a record."""
        latin = self.transliterator
        blank = {
            "n": 1,
            "scores": {self.benchmark.main_score: 0.0},
            "train_rows": 1,
            "epochs": 0.0,
            "best_epoch": 0.0,
            "dev_score": 0.0,
        }
        return TaskRecord(
            kind="task",
            version=package_version(),
            created=now(),
            model=f"{model.name} [latin]" if latin else model.name,
            model_digest=model.digest,
            benchmark=self.benchmark.signature(),
            task=self.benchmark.name,
            protocol=self.benchmark.protocol,
            split=self.split,
            source=source,
            target=target,
            input="latin" if latin else "original",
            transliterator=latin.signature() if latin else None,
            seed=seed,
            shots=self.shots,
            settings=self.recorded_settings(),
            main_score=self.benchmark.main_score,
            libraries=libraries((*LIBRARIES, "scikit-learn", "seqeval")),
            **{**blank, **facts},
        )


def score_task(model: Model, task: Task, plan: Plan, store: Store) -> Iterator[TaskRecord]:
    """Fine-tune on each source with each seed and test on the targets that no record has.

    Args:
        model: What is fine-tuned.
        task: The benchmark and how.
        plan: Sources and targets.
        store: Where records are found and put.

    Yields:
        One record per cell and seed.
    """
    for source in plan.sources:
        for seed in task.seeds:
            pending = []
            for target in [t for s, t in task.cells(plan) if s == source]:
                blank = task.record(model, source, target, seed)
                record = store.find(blank.key())
                if isinstance(record, TaskRecord):
                    yield replace(record, model=blank.model)
                else:
                    pending.append(target)
            if pending:
                for record in _fine_tuned(model, task, source, seed, pending):
                    store.add(record, model.number)
                    yield record


def _fine_tuned(
    model: Model, task: Task, source: str, seed: int, targets: Sequence[str]
) -> Iterator[TaskRecord]:
    from modeling.protocols.scores import SCORERS
    from modeling.protocols.sequence_classification import SequenceClassifier
    from modeling.protocols.token_classification import TokenClassifier

    benchmark = task.benchmark
    texts = benchmark.protocol == "sequence_classification"
    tuner: FineTuner = (SequenceClassifier if texts else TokenClassifier)(
        model.name, benchmark.labels, task.settings, seed=seed, revision=task.revision
    )
    scorer, main = SCORERS[benchmark.main_score], benchmark.main_score
    dev_inputs, dev_gold = task.data(source, "dev")
    inputs, gold = task.data(source, "train")
    course = tuner.fit(inputs, gold, lambda: scorer(dev_gold, tuner.predict(dev_inputs))[main])
    for target in targets:
        judged = tuner
        if task.shots:
            few_inputs, few_gold = task.data(target, "train")
            chosen = random.Random(seed).sample(
                range(len(few_inputs)), min(task.shots, len(few_inputs))
            )
            judged = tuner.adapted(
                [few_inputs[i] for i in chosen], [few_gold[i] for i in chosen], task.shot_epochs
            )
        test_inputs, test_gold = task.data(target, task.split)
        yield task.record(
            model,
            source,
            target,
            seed,
            n=len(test_gold),
            scores=scorer(test_gold, judged.predict(test_inputs)),
            train_rows=len(inputs),
            epochs=course.epochs,
            best_epoch=course.best_epoch,
            dev_score=course.best_score,
        )
