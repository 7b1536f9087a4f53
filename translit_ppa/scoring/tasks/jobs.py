"""The labelled half of the experiment matrix: models x sources x targets x seeds.

In: models, a benchmark with labels, a plan of sources and targets. Out: records, each written as
soon as it is measured; cells that lie in the store are not measured again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translit_ppa.hub_cards.records.cell_key import CellKey
from translit_ppa.hub_cards.records.environment import libraries, now
from translit_ppa.hub_cards.records.files import TaskRecord, write_atomically
from translit_ppa.identity import LIBRARIES
from translit_ppa.modeling.tasks.scores import SCORERS
from translit_ppa.scoring.models import Model
from translit_ppa.scoring.processes import Job
from translit_ppa.scoring.store import Store
from translit_ppa.scoring.tasks.plan import Plan
from translit_ppa.scoring.tasks.task import Task, WordVectors

if TYPE_CHECKING:
    from translit_ppa.modeling.tasks.fine_tuning import FineTuner
    from translit_ppa.modeling.tasks.frozen import VectorClassifier
    from translit_ppa.modeling.tasks.frozen_words import WordVectorClassifier


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


def _opened(
    model: Model, task: Task, seed: int
) -> FineTuner | VectorClassifier | WordVectorClassifier:
    """Open what learns: a model with a new head, or a classifier of a frozen model's vectors."""
    from translit_ppa.modeling.tasks.frozen import VectorClassifier
    from translit_ppa.modeling.tasks.frozen_words import WordVectorClassifier
    from translit_ppa.modeling.tasks.sequence_classification import SequenceClassifier
    from translit_ppa.modeling.tasks.token_classification import TokenClassifier

    if task.frozen is not None:
        vectors = task.frozen(model, task.benchmark.protocol)
        if isinstance(vectors, WordVectors):
            return WordVectorClassifier(vectors.embed, vectors.settings, seed)
        return VectorClassifier(vectors.embed, vectors.settings, seed)
    texts = task.benchmark.protocol == "sequence_classification"
    return (SequenceClassifier if texts else TokenClassifier)(
        model.name, task.benchmark.labels, task.settings, seed=seed, revision=task.revision
    )


def _fine_tuned(
    model: Model, task: Task, source: str, seed: int, targets: Sequence[str]
) -> Iterator[TaskRecord]:
    from translit_ppa.modeling.tasks.fine_tuning import FineTuner
    from translit_ppa.modeling.tasks.outcomes import OUTCOMES

    benchmark = task.benchmark
    tuner = _opened(model, task, seed)
    scorer, main = SCORERS[benchmark.main_score], benchmark.main_score
    dev_inputs, dev_gold = task.data(source, "dev")
    inputs, gold = task.data(source, "train")
    course = tuner.fit(inputs, gold, lambda: scorer(dev_gold, tuner.predict(dev_inputs))[main])
    folder = task.model_folder(task.key(model, source, source, seed))
    if folder and not folder.exists() and isinstance(tuner, FineTuner):
        tuner.save(folder)
    for target in targets:
        judged = tuner
        if task.shots and isinstance(tuner, FineTuner):
            few_inputs, few_gold = task.data(target, "train")
            chosen = random.Random(seed).sample(
                range(len(few_inputs)), min(task.shots, len(few_inputs))
            )
            judged = tuner.adapted(
                [few_inputs[i] for i in chosen], [few_gold[i] for i in chosen], task.shot_epochs
            )
        test_inputs, test_gold = task.data(target, task.split)
        predicted: list[Any] = judged.predict(test_inputs)
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
