"""Records of source-language choice: one ranking, and how well rankings fit the paper's figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .record_types import JsonRecord
from .schema_check import RecordError
from .signature import join_signature


@dataclass(frozen=True)
class Conditions:
    """What signals were computed from.

    `texts` names each text source with its version, in the order in which they are asked for a
    language; `sentences` is the most that were read per language; `models` are names with
    digests, the last one decides; `typology` is a package with its version; `scores` are those of
    the candidates on other targets.
    """

    texts: list[str]
    transliterator: str
    sentences: int
    models: list[str]
    typology: str | None
    scores: str = "none"

    def parts(self) -> dict[str, str]:
        """Give the conditions as parts of a signature."""
        return {
            "text": "+".join(self.texts) or "none",
            "translit": self.transliterator.replace("|", ","),
            "sentences": str(self.sentences),
            "models": "+".join(self.models) or "none",
            "typology": self.typology or "none",
            "scores": self.scores,
        }


@dataclass(frozen=True)
class RankedSource:
    """One candidate: raw signals, relative ranks (0 best, 1 worst) by kind, and their mean.

    What could not be computed is null. `paper` is the paper's score, in percent, of its full model
    with this source, where it has one.
    """

    source: str
    signals: dict[str, float | None]
    ranks: dict[str, float | None]
    combined: float | None
    paper: float | None


@dataclass(frozen=True)
class SourceRanking(JsonRecord):
    """Source languages for one target, best first; `missing` says what was not used, and why."""

    kind: Literal["source-ranking"]
    version: str
    created: str
    target: str
    group: str | None
    task: str | None
    conditions: Conditions
    sources: list[RankedSource]
    missing: dict[str, str]
    libraries: dict[str, str]

    def signature(self) -> str:
        """Give the line that must agree before two rankings are compared."""
        parts = {"benchmark": "sources", "tgt": self.target, **self.conditions.parts()}
        return join_signature({**parts, "v": self.version})

    def _check(self) -> None:
        super()._check()
        for entry in self.sources:
            for name, value in {**entry.ranks, "combined": entry.combined}.items():
                if value is not None and not 0 <= value <= 1:
                    raise RecordError(f"{entry.source}.{name}: came {value}; legal: 0 to 1")


@dataclass(frozen=True)
class ChoiceScore:
    """How one way of choosing fits one task, averaged over (group, target).

    `tau` is Kendall's tau-b between the choice's order and the paper's, -1 to 1; null for a choice
    that gives no order. `regret` is in points: the best source's score less the chosen one's.
    `targets` of `possible` were measured.
    """

    task: str
    model: str
    choice: str
    targets: int
    possible: int
    tau: float | None
    regret: float | None


@dataclass(frozen=True)
class SourceValidation(JsonRecord):
    """Ways of choosing a source language against the paper's printed scores."""

    kind: Literal["source-validation"]
    version: str
    created: str
    conditions: Conditions
    scores: list[ChoiceScore]
    missing: dict[str, str]
    libraries: dict[str, str]

    def signature(self) -> str:
        """Give the line that must agree before two validations are compared."""
        parts = {"benchmark": "source-choice", **self.conditions.parts()}
        return join_signature({**parts, "v": self.version})

    def _check(self) -> None:
        super()._check()
        for score in self.scores:
            where = f"{score.task}, {score.model}, {score.choice}"
            if not 0 <= score.targets <= score.possible:
                raise RecordError(f"{where}: targets {score.targets} of {score.possible}")
            if score.tau is not None and not -1 <= score.tau <= 1:
                raise RecordError(f"{where}: tau {score.tau}; legal: -1 to 1")
            if score.regret is not None and score.regret < 0:
                raise RecordError(f"{where}: regret {score.regret}; legal: at least 0")
