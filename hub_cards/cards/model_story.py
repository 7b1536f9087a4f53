"""What the records tell of a checkpoint: training, languages, scores, licences.

Input: the training record that lies beside the weights, and records of scores and builds that the
publisher names. Scores are chosen by the digest of the weights, never by the name of a model: two
runs in folders of the same name are two models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..hub.licences import UNKNOWN, Licence, of_repository, of_source
from ..hub.names import is_hub_id
from ..hub.stage import PublishError
from ..records.files import BuildRecord, EvalRecord, Record, TaskRecord, TrainRecord
from .model_scores import CardScores, card_scores
from .rendering import Raw, code, table

# What another seed of the same training must share with this one.
_RECIPE = ("base", "alignment", "arguments", "transliterator", "steps")


@dataclass(frozen=True)
class Weights:
    """A checkpoint on disk: how messages call it, digest of its weights, its training record."""

    name: str
    digest: str
    train: TrainRecord | None


@dataclass(frozen=True)
class Story:
    """What is known of a checkpoint; None and empty mean that nobody measured it.

    Attributes:
        licence: Of the weights.
        base_licence: Of the model the training began from.
        data_licence: Of the text.
        train: Record of the training, without paths of this machine.
        languages: Codes of the languages trained on.
        scores: Of these very weights, with those of the base and of other seeds beside them.
        notes: What whoever publishes should know of the records.
    """

    licence: Licence
    base_licence: Licence = UNKNOWN
    data_licence: Licence = UNKNOWN
    train: TrainRecord | None = None
    languages: tuple[str, ...] = ()
    scores: CardScores = field(default_factory=CardScores)
    notes: tuple[str, ...] = ()

    def require_licence(self) -> None:
        """See that somebody vouches for a licence.

        Raises:
            PublishError: If nobody stated one, and base and data do not both have a known one.
        """
        if not self.licence.settled:
            base = self.train.base if self.train else "the base"
            raise PublishError(
                f"nobody says under which licence these weights stand: the licence of {base} is "
                f"{self.base_licence}, that of the data {self.data_licence}; look at both, then "
                "state one with --license NAME"
            )


def tell_story(
    weights: Weights,
    records: Sequence[Record],
    layer: int,
    pooling: str,
    *,
    other_seeds: Sequence[Weights] = (),
    stated: Licence | None = None,
    ask: bool = True,
) -> Story:
    """Find out what records tell of a checkpoint.

    Args:
        weights: The checkpoint.
        records: Of any models; those of others are passed over.
        layer: Layer of its embeddings; scores of other layers are passed over.
        pooling: Pooling of its embeddings, likewise.
        other_seeds: Further runs of the same training, for the spread.
        stated: The licence in the publisher's own word.
        ask: Whether the Hub may be asked for licences.

    Returns:
        The story.

    Raises:
        PublishError: If there are scores, and none is of this checkpoint; or a further run is
            another training.
    """
    train = weights.train
    others: dict[int, Weights] = {}
    for other in other_seeds:
        same = others.setdefault(_seed_of(weights, other), other)
        if same is not other:
            raise PublishError(f"{same.name} and {other.name} have the same seed; leave one out")
    scores = card_scores(
        records,
        weights.digest,
        train.base_revision if train else None,
        layer,
        pooling,
        {seed: other.digest for seed, other in others.items()},
    )
    scored = {r.model_digest: r.model for r in records if isinstance(r, (EvalRecord, TaskRecord))}
    if scored and not scores.parts:
        raise _no_score(weights, layer, pooling)
    for seed, other in others.items():
        if not any(seed in part.seeds for part in scores.parts):
            raise _no_score(other, layer, pooling)
    told = {weights.digest, train.base_revision if train else None}
    told |= {other.digest for other in other_seeds}
    strangers = [f"{name} ({digest})" for digest, name in scored.items() if digest not in told]
    note = f"passed over, scores of other models: {', '.join(strangers)}"
    build = _build_of(train, records)
    base_licence, data_licence = _licences(train, build, ask)
    known = base_licence if base_licence.settled and data_licence.settled else UNKNOWN
    return Story(
        licence=stated or known,
        base_licence=base_licence,
        data_licence=data_licence,
        train=without_paths(train) if train else None,
        languages=tuple(e.code for e in build.languages if e.kept) if build else (),
        scores=scores,
        notes=(note,) if strangers else (),
    )


def without_paths(record: TrainRecord) -> TrainRecord:
    """Keep the names of folders of this machine out of what is published."""
    names = " + ".join(map(_public, record.data.name.split(" + ")))
    arguments = dict(record.arguments)
    if "pairs" in arguments:
        arguments["pairs"] = [{**one, "name": _public(one["name"])} for one in arguments["pairs"]]
    data = replace(record.data, name=names)
    return replace(record, base=_public(record.base), data=data, arguments=arguments)


def _public(name: str) -> str:
    return name if is_hub_id(name) and not Path(name).exists() else Path(name).name or name


def _no_score(weights: Weights, layer: int, pooling: str) -> PublishError:
    return PublishError(
        f"no score among the records is of {weights.name} ({weights.digest}; retrieval at layer "
        f"{layer}, pooling {pooling}, or a task); run translit-ppa eval on it, or leave it out"
    )


def _seed_of(weights: Weights, other: Weights) -> int:
    """Give the seed of a further run, after comparing the two training records."""
    if weights.train is None or other.train is None:
        without = weights if weights.train is None else other
        raise PublishError(f"{without.name} has no train_record.json to compare seeds by")
    one, two = without_paths(weights.train), without_paths(other.train)
    differing = [name for name in _RECIPE if getattr(one, name) != getattr(two, name)]
    if one.data.config != two.data.config:
        differing.append("data.config")
    if one.seed == two.seed:
        differing.append(f"nothing but the weights, both have seed {one.seed}")
    if differing:
        raise PublishError(
            f"{other.name} is no other seed of {weights.name}: what differs is "
            f"{', '.join(differing)}"
        )
    return two.seed


def _build_of(train: TrainRecord | None, records: Sequence[Record]) -> BuildRecord | None:
    """Find the build of the data that a training read, by the digest of its rows."""
    if train is None or train.data.digest is None:
        return None
    builds = (r for r in records if isinstance(r, BuildRecord))
    return next((build for build in builds if build.digest == train.data.digest), None)


def _licences(
    train: TrainRecord | None, build: BuildRecord | None, ask: bool
) -> tuple[Licence, Licence]:
    """Say what is known of the licences of base and data."""
    base = data = UNKNOWN
    if train is not None and ask and is_hub_id(train.base) and not Path(train.base).exists():
        base = of_repository(train.base, "model")
    if build is not None:
        data = of_source(build.source, ask=ask)
    elif train is not None and ask and is_hub_id(train.data.name):
        data = of_repository(train.data.name, "dataset")
    return base, data


def harm_facts(train: TrainRecord | None) -> dict[str, Any]:
    """Say what a training changed: a table with its signature, what became worse, the point kept.

    Args:
        train: Its record.

    Returns:
        Values of the card by name; None where it was not measured.
    """
    check = train.harm if train else None
    if train is None or check is None:
        return dict.fromkeys(("changed", "asked", "worse", "point"))
    rows = [
        [
            *(line.name, line.n, f"{line.before:.1f}", f"{line.after:.1f}"),
            *(f"{line.low:+.1f} to {line.high:+.1f}", line.verdict),
        ]
        for line in check.lines
    ]
    header = ["asked -> searched", "queries", "base, %", "this model, %", "interval", "verdict"]
    point = f"These are the weights (1 - {check.alpha:g}) base + {check.alpha:g} trained."
    if check.trained:
        point += f" The trained weights themselves were worse in: {', '.join(check.trained)}."
    return {
        "changed": table(header, rows),
        "asked": code(train.validation_signature()),
        "worse": ", ".join(line.name for line in check.worse) or None,
        "point": Raw(point) if check.tried else None,
    }
