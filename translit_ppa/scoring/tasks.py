"""The labelled half of the experiment matrix: models x sources x targets x seeds.

In: models, a benchmark with labels, a plan of sources and targets. Out: records, each written as
soon as it is measured; cells that lie in the store are not measured again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from translit_ppa.data_builders.benchmarks.labelled.sources_and_targets import paper_design
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sentences.sampling import evenly
from translit_ppa.hub_cards.records.cell_key import CellKey
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.files import TaskRecord
from translit_ppa.identity import LIBRARIES
from translit_ppa.modeling.tasks.chance import constant_guess, most_frequent, uniform_guess_score
from translit_ppa.modeling.tasks.scores import SCORERS
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
    unscored = {
        code: why
        for code in dict.fromkeys((*targets, *wanted))
        if code in testable and (why := benchmark.why_unscored(code, split))
    }
    missing |= unscored
    testable = tuple(code for code in testable if code not in unscored)
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

    def recorded_settings(self) -> dict[str, Any]:
        """Everything that decides a score besides data, weights and seed."""
        few: dict[str, Any] = {"shot_epochs": self.shot_epochs} if self.shots else {}
        few |= {
            name: limit
            for name in ("max_train_rows", "max_eval_rows")
            if (limit := getattr(self, name)) is not None
        }
        # How many are predicted at a time decides nothing.
        chosen = {k: v for k, v in asdict(self.settings).items() if k != "eval_batch_size"}
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
            settings=self.recorded_settings(),
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
                record = store.find(task.key(model, source, target, seed))
                if isinstance(record, TaskRecord):
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
        yield TaskRecord.of(
            task.key(model, source, target, seed),
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
