"""The labelled half of the experiment matrix: models x sources x targets x seeds.

In: models, a benchmark with labels, a plan of sources and targets. Out: records, each written as
soon as it is measured; cells that lie in the store are not measured again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translit_ppa.data_builders.benchmarks.labelled.sources_and_targets import paper_design
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sentences.sampling import evenly
from translit_ppa.hub_cards.records.cell_key import CellKey, short_digest
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.files import TaskRecord, write_atomically
from translit_ppa.identity import LIBRARIES
from translit_ppa.modeling.tasks.chance import constant_guess, most_frequent, uniform_guess_score
from translit_ppa.modeling.tasks.scores import SCORERS
from translit_ppa.scoring.processes import Job
from translit_ppa.scoring.store import Model, Pair, Store

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks.labelled.base import (
        ClassificationBenchmark,
        TaggingBenchmark,
    )
    from translit_ppa.data_builders.languages.groups import LanguageGroup
    from translit_ppa.data_builders.transliterators import Transliterator
    from translit_ppa.modeling.tasks.fine_tuning import FineTuner
    from translit_ppa.modeling.tasks.settings import FineTuningSettings

    Labelled = ClassificationBenchmark | TaggingBenchmark


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
    for code in (code for code in wanted if code not in able):
        missing[code] = ", ".join([*filter(None, [missing.get(code)]), "no train and dev data"])
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
        max_train_rows: Examples of a source that are learned from; None for all.
        max_eval_rows: The same of dev and test sets.
        predictions: Folder for what models answer; None keeps only what became of each item.
        models: Folder for fine-tuned models; None keeps none.
    """

    benchmark: Labelled
    settings: FineTuningSettings
    seeds: Sequence[int]
    split: str = "test"
    transliterator: Transliterator | None = None
    shots: int = 0
    shot_epochs: int = 10
    revision: str | None = None
    max_train_rows: int | None = None
    max_eval_rows: int | None = None
    predictions: Path | None = None
    models: Path | None = None
    _data: dict[Pair, tuple[list[Any], list[Any]]] = field(default_factory=dict)
    _chance: dict[Pair, dict[str, float]] = field(default_factory=dict)
    _uniform: dict[str, float] = field(default_factory=dict)

    def data(self, language: str, split: str) -> tuple[list[Any], list[Any]]:
        """Return inputs and gold labels, read, limited and romanised once."""
        if (language, split) not in self._data:
            loaded: Any = self.benchmark.load(language, split)
            limit = self.max_train_rows if split == "train" else self.max_eval_rows
            rows = evenly(range(len(loaded)), limit)
            if self.benchmark.protocol == "sequence_classification":
                texts = self._texts([loaded.texts[row] for row in rows], language)
                self._data[language, split] = (texts, [loaded.labels[row] for row in rows])
            else:
                sentences = [loaded.words[row] for row in rows]
                distinct = list(dict.fromkeys(word for words in sentences for word in words))
                written = dict(zip(distinct, self._texts(distinct, language), strict=True))
                words = [[written[word] for word in words] for words in sentences]
                self._data[language, split] = (words, [loaded.tags[row] for row in rows])
        return self._data[language, split]

    def chance(self, source: str, target: str) -> dict[str, float]:
        """Score answers that never saw the test set; see `TaskRecord`."""
        if (source, target) not in self._chance:
            gold = self.data(target, self.split)[1]
            answer = most_frequent(self.data(source, "train")[1])
            if target not in self._uniform:
                guessed = uniform_guess_score(gold, self.benchmark.labels, self._score)
                self._uniform[target] = guessed
            self._chance[source, target] = {
                "majority": self._score(gold, constant_guess(gold, answer)),
                "uniform": self._uniform[target],
            }
        return self._chance[source, target]

    def _score(self, gold: Sequence[Any], answers: list[Any]) -> float:
        main = self.benchmark.main_score
        return SCORERS[main](gold, answers)[main]

    def _texts(self, texts: list[str], language: str) -> list[str]:
        if self.transliterator is None:
            return texts
        latin = self.transliterator(texts, language)
        # A word must stay a word: what has no Latin form keeps its own.
        return [new if new.strip() else old for old, new in zip(texts, latin, strict=True)]

    def recorded_settings(self, model: Model) -> dict[str, Any]:
        """Everything that decides a model's score besides data, weights and seed."""
        few: dict[str, Any] = {"shot_epochs": self.shot_epochs} if self.shots else {}
        few |= {
            name: limit
            for name in ("max_train_rows", "max_eval_rows")
            if (limit := getattr(self, name)) is not None
        }
        # How many are predicted at a time decides nothing.
        chosen = asdict(self.settings.within(model.positions))
        del chosen["eval_batch_size"]
        if not self.settings.bf16:
            del chosen["bf16"]  # what older records do not name is as it was
        return {**chosen, **few}

    def cells(self, plan: Plan) -> list[Pair]:
        """The plan's cells; with shots, those whose target has examples to give."""
        if not self.shots:
            return list(plan.cells)
        able = self.benchmark.languages_with("train")
        return [(s, t) for s, t in plan.cells if s != t and t in able]

    def key(self, model: Model, source: str, target: str, seed: int) -> CellKey:
        """Say who the number of one cell is, before or after it is measured."""
        latin = self.transliterator
        return CellKey(
            model=model.name,
            model_digest=model.digest,
            tokenizer=model.tokenizer,
            version=package_version(),
            benchmark=self.benchmark.signature(),
            protocol=self.benchmark.protocol,
            split=self.split,
            source=source,
            target=target,
            input="latin" if latin else "original",
            transliterator=latin.signature() if latin else None,
            seed=seed,
            shots=self.shots,
            settings=self.recorded_settings(model),
        )

    def predictions_file(self, cell: CellKey) -> Path | None:
        """Name the file for what a model answers in a cell."""
        if self.predictions is None:
            return None
        name = f"{cell.source}-{cell.target}-seed{cell.seed}-{_short(cell)}.json"
        return self.predictions / self.benchmark.name / name

    def model_folder(self, cell: CellKey) -> Path | None:
        """Name the folder for a model that was fine-tuned; any of its cells will do."""
        if self.models is None:
            return None
        own = replace(cell, target=cell.source, shots=0)
        return self.models / self.benchmark.name / f"{cell.source}-seed{cell.seed}-{_short(own)}"


def _short(cell: CellKey) -> str:
    return (cell.digest() or short_digest(cell.told()))[:12]


def task_jobs(model: Model, task: Task, plan: Plan, store: Store) -> Iterator[Job]:
    """Part the work on one model: a job fine-tunes on one source with one seed, or finds records.

    Args:
        model: What is fine-tuned.
        task: The benchmark and how.
        plan: Sources and targets.
        store: Where records are found and put.
    """
    for source in plan.sources:
        targets = [t for s, t in task.cells(plan) if s == source]
        for seed in task.seeds:
            yield Job(
                partial(_score_source, model, task, source, seed, targets, store), len(targets)
            )


def _score_source(
    model: Model, task: Task, source: str, seed: int, targets: Sequence[str], store: Store
) -> Iterator[TaskRecord]:
    """Test on the targets that no record has, or whose answers or model are wanted and not there.

    Yields:
        One record per target.
    """
    pending = []
    for target in targets:
        cell = task.key(model, source, target, seed)
        record = store.find(cell)
        wanted = [path for path in (task.predictions_file(cell), task.model_folder(cell)) if path]
        if isinstance(record, TaskRecord) and all(path.exists() for path in wanted):
            yield record
        else:
            pending.append(target)
    if pending:
        for record in _fine_tuned(model, task, source, seed, pending):
            store.add(record)
            yield record


def _fine_tuned(
    model: Model, task: Task, source: str, seed: int, targets: Sequence[str]
) -> Iterator[TaskRecord]:
    from translit_ppa.modeling.tasks.outcomes import OUTCOMES
    from translit_ppa.modeling.tasks.sequence_classification import SequenceClassifier
    from translit_ppa.modeling.tasks.token_classification import TokenClassifier

    benchmark = task.benchmark
    texts = benchmark.protocol == "sequence_classification"
    tuner: FineTuner = (SequenceClassifier if texts else TokenClassifier)(
        model.name, benchmark.labels, task.settings, seed=seed, revision=task.revision
    )
    scorer, main = SCORERS[benchmark.main_score], benchmark.main_score
    dev_inputs, dev_gold = task.data(source, "dev")
    inputs, gold = task.data(source, "train")
    course = tuner.fit(inputs, gold, lambda: scorer(dev_gold, tuner.predict(dev_inputs))[main])
    folder = task.model_folder(task.key(model, source, source, seed))
    if folder and not folder.exists():
        tuner.save(folder)
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
        predicted = judged.predict(test_inputs)
        cell = task.key(model, source, target, seed)
        if path := task.predictions_file(cell):
            write_answers(path, cell, test_gold, predicted)
        yield TaskRecord.of(
            cell,
            created=now(),
            task=benchmark.name,
            n=len(test_gold),
            main_score=main,
            scores=scorer(test_gold, predicted),
            chance=task.chance(source, target),
            items=" ".join(OUTCOMES[main](test_gold, predicted)),
            train_rows=len(inputs),
            epochs=course.epochs,
            best_epoch=course.best_epoch,
            dev_score=course.best_score,
            libraries=libraries((*LIBRARIES, "scikit-learn", "seqeval")),
        )


def write_answers(path: Path, cell: CellKey, gold: Sequence[Any], predicted: Sequence[Any]) -> None:
    """Write what a model answered, beside what is right, in the order of the test set."""
    content = {"cell": cell.told(), "gold": list(gold), "predicted": list(predicted)}
    write_atomically(path, (json.dumps(content, ensure_ascii=False) + "\n").encode())
