"""One labelled benchmark: its text as models are given it, its settings, the keys of its cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from translit_ppa.data_builders.sentences.forms import fold_forms, fold_words
from translit_ppa.data_builders.sentences.sampling import evenly
from translit_ppa.hub_cards.records.cell_key import CellKey, short_digest
from translit_ppa.hub_cards.records.environment import package_version
from translit_ppa.modeling.tasks.chance import constant_guess, most_frequent, uniform_guess_score
from translit_ppa.modeling.tasks.scores import SCORERS
from translit_ppa.scoring.models import Model
from translit_ppa.scoring.store import Pair

if TYPE_CHECKING:
    from translit_ppa.data_builders.transliterators import Transliterator
    from translit_ppa.modeling.tasks.frozen import Embed, FrozenSettings
    from translit_ppa.modeling.tasks.frozen_words import EmbedWords, WordSettings
    from translit_ppa.modeling.tasks.settings import FineTuningSettings
    from translit_ppa.scoring.tasks.plan import Labelled, Plan


class TextVectors(NamedTuple):
    """How labels are read from a frozen model's sentence vectors, and what makes these."""

    settings: FrozenSettings
    embed: Embed


class WordVectors(NamedTuple):
    """How tags are read from a frozen model's word vectors, and what makes these."""

    settings: WordSettings
    embed: EmbedWords


Vectors = TextVectors | WordVectors


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
        fold_forms: Whether text that is romanised is first brought into its own letters.
        revision: Of the models.
        max_train_rows: Examples of a source that are learned from; None for all.
        max_eval_rows: The same of dev and test sets.
        predictions: Folder for what models answer; None keeps only what became of each item.
        models: Folder for fine-tuned models; None keeps none.
        frozen: Model and protocol -> vectors, from which labels are read; None fine-tunes.
    """

    benchmark: Labelled
    settings: FineTuningSettings
    seeds: Sequence[int]
    split: str = "test"
    transliterator: Transliterator | None = None
    shots: int = 0
    shot_epochs: int = 10
    fold_forms: bool = True
    revision: str | None = None
    max_train_rows: int | None = None
    max_eval_rows: int | None = None
    predictions: Path | None = None
    models: Path | None = None
    frozen: Callable[[Model, str], Vectors] | None = None
    _read: dict[Pair, tuple[list[Any], list[Any], str]] = field(default_factory=dict)
    _data: dict[Pair, tuple[list[Any], list[Any]]] = field(default_factory=dict)
    _chance: dict[Pair, dict[str, float]] = field(default_factory=dict)
    _uniform: dict[str, float] = field(default_factory=dict)

    def data(self, language: str, split: str) -> tuple[list[Any], list[Any]]:
        """Return inputs and gold labels, read, limited and romanised once."""
        if (language, split) not in self._data:
            inputs, gold, _ = self._given(language, split)
            if self.benchmark.protocol == "sequence_classification":
                inputs = self._texts(inputs, language)
            else:
                distinct = list(dict.fromkeys(word for words in inputs for word in words))
                written = dict(zip(distinct, self._texts(distinct, language), strict=True))
                inputs = [[written[word] for word in words] for words in inputs]
            self._data[language, split] = (inputs, gold)
        return self._data[language, split]

    def _given(self, language: str, split: str) -> tuple[list[Any], list[Any], str]:
        """Return inputs before they are romanised, gold labels, and the steps that folded some."""
        if (language, split) not in self._read:
            loaded: Any = self.benchmark.load(language, split)
            limit = self.max_train_rows if split == "train" else self.max_eval_rows
            rows = evenly(range(len(loaded)), limit)
            texts = self.benchmark.protocol == "sequence_classification"
            inputs = [(loaded.texts if texts else loaded.words)[row] for row in rows]
            gold = [(loaded.labels if texts else loaded.tags)[row] for row in rows]
            steps: set[str] = set()
            if self.transliterator is not None and self.fold_forms:
                fold = fold_forms if texts else fold_words
                folded = [fold(given, language.partition("_")[0]) for given in inputs]
                inputs = [given for given, _ in folded]
                steps = {step for _, told in folded for step in told}
            self._read[language, split] = (inputs, gold, " ".join(sorted(steps)))
        return self._read[language, split]

    def _folded(self, source: str, target: str) -> str | None:
        """Name the steps that fold a text of a cell; of few-shot examples too."""
        if self.transliterator is None or not self.fold_forms:
            return None
        parts = [(source, "train"), (source, "dev"), (target, self.split)]
        parts += [(target, "train")] if self.shots else []
        steps = {step for part in parts for step in self._given(*part)[2].split()}
        return " ".join(sorted(steps)) or None

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
        if self.frozen is not None:
            return {**asdict(self.frozen(model, self.benchmark.protocol).settings), **few}
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
            folded=self._folded(source, target),
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
