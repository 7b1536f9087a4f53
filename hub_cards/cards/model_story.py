"""What the records tell of a checkpoint: training, languages, scores, licences.

Input: the training record that lies beside the weights, and records of scores and builds that the
publisher names. Scores are chosen by the digest of the weights, never by the name of a model: two
runs in folders of the same name are two models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..hub.licences import UNKNOWN, Licence, of_repository, of_source
from ..hub.names import is_hub_id
from ..hub.stage import PublishError
from ..records.files import BuildRecord, EvalRecord, Record, TrainRecord
from ..records.score_records import scripts_of
from ..scores.directions import has_directions
from ..scores.of_weights import accepts, joined, scores_of
from ..scores.scores import Scores

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
        results: Scores of these very weights.
        base_results: Scores of the base, under the same conditions on the same directions.
        all_seeds: Scores of these weights and of other seeds of the same training.
        directions: Scores of text in one script asked for in another, of the base and of these
            weights, one for each benchmark.
    """

    licence: Licence
    base_licence: Licence = UNKNOWN
    data_licence: Licence = UNKNOWN
    train: TrainRecord | None = None
    languages: tuple[str, ...] = ()
    results: Scores | None = None
    base_results: Scores | None = None
    all_seeds: Scores | None = None
    directions: tuple[Scores, ...] = ()

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
    scores = [
        record
        for record in records
        if isinstance(record, EvalRecord)
        and (record.protocol, scripts_of(record)) == ("retrieval", "original")
    ]
    fitting = [r for r in scores if (r.layer, r.pooling) == (layer, pooling)]
    results = scores_of(fitting, weights.digest, train.seed if train else None)
    if scores and results is None:
        raise _no_score(weights, layer, pooling)
    seeds = [
        _seed_results(weights, other, fitting, f"layer {layer}, pooling {pooling}")
        for other in other_seeds
    ]
    build = _build_of(train, records)
    base_licence, data_licence = _licences(train, build, ask)
    known = base_licence if base_licence.settled and data_licence.settled else UNKNOWN
    return Story(
        licence=stated or known,
        base_licence=base_licence,
        data_licence=data_licence,
        train=without_paths(train) if train else None,
        languages=tuple(e.code for e in build.languages if e.kept) if build else (),
        results=results,
        base_results=_base_results(scores, train, results) if results else None,
        all_seeds=joined([results, *seeds]) if results and seeds else None,
        directions=_directions(weights, train, records, layer, pooling),
    )


def _directions(
    weights: Weights, train: TrainRecord | None, records: Sequence[Record], layer: int, pooling: str
) -> tuple[Scores, ...]:
    """Take the scores by direction of a checkpoint and of its base, benchmark by benchmark."""
    names = {train.base_revision: "base"} if train and train.base_revision else {}
    names |= {weights.digest: "this model"}
    names.pop("unknown", None)
    found = [
        replace(record, model=names[record.model_digest])
        for record in records
        if isinstance(record, EvalRecord)
        and record.model_digest in names
        and (record.layer, record.pooling) == (layer, pooling)
    ]
    # The base comes first: the other is held against it.
    found.sort(key=lambda record: record.model != "base")
    parts = Scores.of(found).parts().values()
    return tuple(part for part in parts if has_directions(part))


def without_paths(record: TrainRecord) -> TrainRecord:
    """Keep the names of folders of this machine out of what is published."""
    data = replace(record.data, name=_public(record.data.name))
    return replace(record, base=_public(record.base), data=data)


def _public(name: str) -> str:
    return name if is_hub_id(name) and not Path(name).exists() else Path(name).name or name


def _no_score(weights: Weights, layer: int, pooling: str) -> PublishError:
    return PublishError(
        f"no score among the records is of {weights.name} ({weights.digest}, layer {layer}, "
        f"pooling {pooling}, original script); run translit-ppa eval on it, or leave --records out"
    )


def _seed_results(
    weights: Weights, other: Weights, scores: Sequence[EvalRecord], conditions: str
) -> Scores:
    """Take the scores of another seed, after comparing the two training records."""
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
    results = scores_of(scores, other.digest, two.seed)
    if results is None:
        raise PublishError(
            f"no score among the records is of {other.name} ({other.digest}, {conditions}); run "
            "translit-ppa eval on it, or leave it out"
        )
    return results


def _base_results(
    scores: Sequence[EvalRecord], train: TrainRecord | None, results: Scores
) -> Scores | None:
    """Take scores of the base, if it has all directions under the model's own conditions."""
    if train is None or train.base_revision is None:
        return None
    comparable = [r for r in scores if accepts(results, r)]
    base = scores_of(comparable, train.base_revision)
    return base if base is not None and set(base.pairs) == set(results.pairs) else None


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
