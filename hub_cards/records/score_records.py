"""The records of scores: one retrieval direction, and one fine-tuned cell."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_type_hints

from .cell_key import CellKey, short_digest
from .items import require_agreement
from .record_types import JsonRecord
from .schema_check import RecordError
from .signature import Signature, SignatureParts, TaskSignature

RETRIEVAL_SCORES = ("top1", "top5", "top10")
COSINES = ("matched", "random")
OLD_SUFFIX = " [latin]"
_LATER = ("target_input", "cosines", "folded")
_R = TypeVar("_R", bound="ScoreRecord")


def scripts_of(record: Any) -> str:
    """Name the script a model was given: one word, or `latin -> original` for two.

    Args:
        record: A record or a key.
    """
    target: str | None = getattr(record, "target_input", None)
    return str(record.input) if target is None else f"{record.input} -> {target}"


def romaniser_of(record: Any) -> str | None:
    """Name what made the Latin, and what brought the text into other letters beforehand.

    Args:
        record: A record or a key.
    """
    folded = f"|folded:{record.folded}" if record.folded else ""
    return record.transliterator and record.transliterator + folded


class ScoreRecord(JsonRecord):
    """What both can do: say whose number they are, and under which conditions."""

    @classmethod
    def from_dict(cls: type[_R], fields: Mapping[str, Any]) -> _R:
        """Build the record; see `JsonRecord`.

        Until 0.1.0, records of romanised input had " [latin]" behind the name of their model. It is
        taken off here, once: `input` says it, and only tables write it.
        """
        if isinstance(fields, Mapping) and isinstance(fields.get("model"), str):
            model = fields["model"]
            if fields.get("input") == "latin":
                fields = {**fields, "model": model.removesuffix(OLD_SUFFIX)}
        return super().from_dict(fields)

    @classmethod
    def of(cls: type[_R], key: CellKey, **facts: Any) -> _R:
        """Record a number: who it is, and what was measured.

        Args:
            key: Who it is.
            facts: The other fields.
        """
        kind = get_type_hints(cls)["kind"]
        return cls(**{"kind": get_args(kind)[0], **key.told(), **facts})

    def to_dict(self) -> dict[str, Any]:
        """Give the record as plain JSON types; what it lacks because it is older stays out."""
        fields = super().to_dict()
        return {k: v for k, v in fields.items() if v is not None or k not in _LATER}

    def cell(self) -> CellKey:
        """Say who the number is."""
        return CellKey.of(self)

    def key(self) -> str | None:
        """Identify the cell by its content; see `CellKey.digest`."""
        return self.cell().digest()

    @property
    def score(self) -> float:
        """The main score."""
        record: Any = self
        value: float = record.scores[record.main_score]
        return value

    def require_evidence(self) -> None:
        """See that what became of the items gives the scores.

        Raises:
            RecordError: It does not.
        """
        record: Any = self
        require_agreement(record.items, record.main_score, record.scores)

    def signature(self) -> str:
        """Give the line that must agree before this score is compared with another."""
        return str(self.signature_parts())

    def signature_parts(self) -> SignatureParts:
        """Give the signature as a dataclass."""
        raise NotImplementedError

    def _check_scores(self, name: str, scores: Mapping[str, float]) -> None:
        for score, value in scores.items():
            if not 0 <= value <= 100:
                raise RecordError(f"{name}.{score}: came {value}; legal: 0 to 100 percent")


@dataclass(frozen=True)
class EvalRecord(ScoreRecord):
    """One model on one direction of one benchmark; every score in percent, 0 to 100.

    `n` queries were ranked against `pool` targets. `identical` queries, whose target string
    equals their own, are left out of `scores` and `n` and are part of `scores_all`. `tokenizer`
    is the digest of its content; `items` says what became of each query (`hub_cards.items`).
    `cosines` has two means over the queries that count: `matched`, of the cosine with their own
    target, and `random`, with all other targets. `target_input` and `folded` are as in `CellKey`.
    Records from before there were these lack them.
    """

    kind: Literal["eval"]
    version: str
    created: str
    model: str
    model_digest: str
    tokenizer: str
    benchmark: str
    protocol: str
    split: str
    source: str
    target: str
    n: int
    pool: int
    identical: int
    input: str
    transliterator: str | None
    layer: int
    pooling: str
    seed: int
    scores: dict[str, float]
    scores_all: dict[str, float]
    items: str
    libraries: dict[str, str]
    target_input: str | None = None
    cosines: dict[str, float] | None = None
    folded: str | None = None
    main_score: ClassVar[str] = "top10"

    def signature_parts(self) -> Signature:
        """Give the signature as a dataclass; `input` tells both scripts where they are two."""
        names = [field.name for field in dataclasses.fields(Signature)]
        facts = {name: getattr(self, name) for name in names}
        facts |= {"input": scripts_of(self), "transliterator": romaniser_of(self)}
        return Signature(**facts)

    def require_evidence(self) -> None:
        """See that the items give the scores, and count what `n` and `identical` say.

        Raises:
            RecordError: They do not.
        """
        if self.protocol != "retrieval":  # of another way of searching, items may say another thing
            return
        left_out = self.items.split().count("-")
        for name, count in (("n", self.pool - left_out), ("identical", left_out)):
            if getattr(self, name) != count:
                raise RecordError(f"{name}: came {getattr(self, name)}; items count {count}")
        super().require_evidence()

    def _check(self) -> None:
        super()._check()
        for name, least in (("n", 1), ("pool", 1), ("identical", 0)):
            if getattr(self, name) < least:
                raise RecordError(
                    f"{name}: came {getattr(self, name)}; legal: at least {least}; "
                    "a direction without queries gets no record, tables show it as a gap"
                )
        if (count := len(self.items.split())) != self.pool:
            raise RecordError(f"items: came {count}; legal: one for each of pool {self.pool}")
        for name in ("scores", "scores_all"):
            scores: dict[str, float] = getattr(self, name)
            for score in RETRIEVAL_SCORES if self.protocol == "retrieval" else ():
                if score not in scores:
                    raise RecordError(f"{name}: missing {score}; legal: {RETRIEVAL_SCORES}")
            self._check_scores(name, scores)
        if self.cosines is not None and set(self.cosines) != set(COSINES):
            raise RecordError(f"cosines: came {sorted(self.cosines)}; legal: {COSINES}")


@dataclass(frozen=True)
class TaskRecord(ScoreRecord):
    """A model fine-tuned on `source` and scored on `target`; scores in percent, 0 to 100.

    `target` may be the source itself: what the fine-tuned model can do in its own language. `n`
    is the number of texts or sentences scored, `shots` that of labelled target examples seen,
    `dev_score` the main score on the source's dev set that chose the weights. `chance` is the main
    score of answers that never saw the test set: `majority`, the source's most frequent label for
    everything, and `uniform`, the mean of random guesses. `items` says what
    became of each text or sentence (`hub_cards.items`).
    """

    kind: Literal["task"]
    version: str
    created: str
    model: str
    model_digest: str
    tokenizer: str
    benchmark: str
    task: str
    protocol: str
    split: str
    source: str
    target: str
    n: int
    input: str
    transliterator: str | None
    seed: int
    shots: int
    settings: dict[str, Any]
    main_score: str
    scores: dict[str, float]
    chance: dict[str, float]
    items: str
    train_rows: int
    epochs: float
    best_epoch: float
    dev_score: float
    libraries: dict[str, str]
    folded: str | None = None

    def signature_parts(self) -> TaskSignature:
        """Give the signature as a dataclass; the settings are named by their digest."""
        settings = f"{self.settings.get('selection', 'none')}-{short_digest(self.settings)}"
        names = [f.name for f in dataclasses.fields(TaskSignature) if f.name != "settings"]
        facts = {name: getattr(self, name) for name in names}
        facts["transliterator"] = romaniser_of(self)
        return TaskSignature(settings=settings, **facts)

    def _check(self) -> None:
        super()._check()
        for name, least in (("n", 1), ("train_rows", 1), ("shots", 0)):
            if getattr(self, name) < least:
                raise RecordError(f"{name}: came {getattr(self, name)}; legal: at least {least}")
        if (count := len(self.items.split())) != self.n:
            raise RecordError(f"items: came {count}; legal: one for each of n {self.n}")
        if self.main_score not in self.scores:
            raise RecordError(f"scores: missing {self.main_score}, the main score")
        self._check_scores("scores", self.scores)
        self._check_scores("chance", self.chance)
