"""The card of a checkpoint and of its sentence twin: from records and config facts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..hub.licences import yaml_fields
from ..hub.names import is_hub_id
from ..hub.stage import TAG
from ..paper.limits import falls_of_the_paper
from ..records.files import TrainRecord
from ..scores.labels import METRICS
from .citation import CITATION
from .model_scores import Part
from .model_story import Story, harm_facts
from .rendering import Raw, code, number, render, table
from .score_tables import direction_sections, heading, named, sections

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

_POOLINGS = {
    "attended": "mean over all tokens, the special ones included",
    "content": "mean over all tokens but the special ones",
    "cls": "the first token",
    "dense": "then the dense layers",
}


@dataclass(frozen=True)
class ModelFacts:
    """What a card is made from; None and empty mean that nobody measured it.

    Attributes:
        repo_id: `org/name`; a folder's name for a model that is on no Hub.
        kind: `full`, or `sentence` for the twin.
        layer: Layer of the sentence embeddings.
        layers: Layers of the full model.
        pooling: `attended`, `content` or `cls`, and what follows it: `cls+dense`.
        story: What the records tell.
        full: `org/name` or folder name of the full model, for the twin.
        widget: Examples with outputs that the model computed.
        figures: (title, path in the repository).
        remote_code: Whether the training class comes along.
        modules: Whether it is a model of Sentence Transformers by itself.
        ends_with_norm: Whether the encoder puts a norm behind its last layer, as ModernBERT.
        has_pooler: Whether its family has a pooler, which is random here, as BERT and XLM-R.
        head: Whether it has a language-modelling head; without, it is an encoder alone.
    """

    repo_id: str
    kind: str
    layer: int
    layers: int
    pooling: str
    story: Story
    full: str = ""
    widget: Sequence[dict[str, Any]] = ()
    figures: Sequence[tuple[str, str]] = field(default_factory=tuple)
    remote_code: bool = False
    ends_with_norm: bool = False
    has_pooler: bool = True
    head: bool = True
    modules: bool = False

    @property
    def name(self) -> str:
        """The repository's name without the organisation."""
        return self.repo_id.rpartition("/")[2]


def model_card(facts: ModelFacts) -> str:
    """Render the card of a model.

    Args:
        facts: What is known.

    Returns:
        The whole README.md, YAML first.
    """
    story = facts.story
    train = story.train
    parts, left_out = shown_scores(facts)
    pooling = ", ".join(_POOLINGS.get(part, part) for part in facts.pooling.split("+"))
    embeddings = f"layer {facts.layer} of {facts.layers}, {pooling}"
    shown = {
        "title": facts.name,
        "kind": facts.kind,
        "on_hub": is_hub_id(facts.repo_id),
        "repo_id": Raw(facts.repo_id),
        "intro": Raw(_INTRO[facts.kind if facts.head else "encoder"]),
        "head": facts.head,
        "full": facts.full,
        "layer": Raw(facts.layer),
        "layers": Raw(facts.layers),
        "pooling": facts.pooling,
        "pooling_words": pooling,
        "modules": facts.modules,
        "embeddings": embeddings,
        "base": _base(train),
        "base_weights": str(train.base_weights) if train and train.base_weights else None,
        "objectives": ", ".join(train.alignment.get("objectives", [])) if train else None,
        "languages": ", ".join(story.languages) or None,
        "data": _data(train),
        "romaniser": train.transliterator if train else None,
        "remote_code": facts.remote_code,
        "no_pooler": Raw(", add_pooling_layer=False" if facts.has_pooler else ""),
        "pooler": facts.has_pooler,
        "norm": facts.ends_with_norm and facts.layer < facts.layers,
        "scores": sections(parts) if parts else None,
        "seeds": ", ".join(map(str, sorted({seed for part in parts for seed in part.seeds}))),
        "left_out": left_out,
        "figures": [{"title": title, "path": Raw(path)} for title, path in facts.figures],
        "examples": _examples(facts.widget) if facts.widget else None,
        "falls": Raw("; ".join(map(str, falls_of_the_paper()))),
        "licence": str(story.licence),
        "licences": story.licence.settled,
        "base_licence": str(story.base_licence),
        "data_licence": str(story.data_licence),
        "citation": CITATION,
        "directions": direction_sections(parts),
        **harm_facts(train),
        **_training(train),
    }
    return f"---\n{_metadata(facts)}\n---\n\n{render('model.md', shown)}"


_INTRO = {
    "full": "A multilingual masked language model, post-trained on sentences paired with their "
    "romanisation, so that\nlanguages in different scripts meet "
    "([arXiv 2406.19759](https://arxiv.org/abs/2406.19759)).",
    "encoder": "A multilingual encoder, post-trained on sentences paired with their romanisation, "
    "so that\nlanguages in different scripts meet "
    "([arXiv 2406.19759](https://arxiv.org/abs/2406.19759)). It has no language-modelling head, as "
    "its base had none.",
    "sentence": "Sentence embeddings across languages and scripts: a multilingual encoder, "
    "post-trained on sentences paired\nwith their romanisation "
    "([arXiv 2406.19759](https://arxiv.org/abs/2406.19759)).",
}


def shown_scores(facts: ModelFacts) -> tuple[list[Part], list[str]]:
    """Choose what this repository's weights scored: a twin was fine-tuned for no task."""
    scores = facts.story.scores
    if facts.kind == "full":
        return list(scores.parts), list(scores.left_out)
    tasks = [
        f"{part.title}: fine-tuned from the full model" for part in scores.parts if part.own.is_task
    ]
    return [part for part in scores.parts if not part.own.is_task], [*tasks, *scores.left_out]


def _metadata(facts: ModelFacts) -> str:
    """Write the YAML; `model-index` only from scores."""
    from huggingface_hub import ModelCardData

    train = facts.story.train
    languages = facts.story.languages
    fields: dict[str, Any] = {}
    if train and is_hub_id(train.base) and facts.kind == "full":
        fields |= {"base_model": train.base, "base_model_relation": "finetune"}
    if facts.kind == "sentence" and is_hub_id(facts.full):
        fields |= {"base_model": facts.full}
    if train and is_hub_id(train.data.name):
        fields["datasets"] = [train.data.name]
    parts, _ = shown_scores(facts)
    if parts:
        fields["model_name"] = facts.name
        fields["eval_results"] = [result for part in parts for result in _eval_results(part)]
    sentence = facts.kind == "sentence"
    data = ModelCardData(
        **yaml_fields([facts.story.licence]),
        language=sorted({c.partition("_")[0] for c in languages} - {"mul"}) or None,
        library_name="sentence-transformers" if sentence or facts.modules else "transformers",
        pipeline_tag="sentence-similarity"
        if sentence
        else _PIPELINES["full" if facts.head else "encoder"],
        tags=[TAG, "transliteration", "romanization", *languages],
        widget=[dict(example) for example in facts.widget] or None,
        **fields,
    )
    return data.to_yaml()


_PIPELINES = {"full": "fill-mask", "encoder": "feature-extraction"}

_TASK_TYPES = {
    "retrieval": "sentence-similarity",
    "sequence_classification": "text-classification",
    "token_classification": "token-classification",
}
"""The Hub's names; another way of scoring is `other`."""


def _eval_results(part: Part) -> list[EvalResult]:
    """Give every score of a part; what sets it apart is the Hub's `config`, by which it tells."""
    from huggingface_hub import EvalResult

    word, _, revision = part.benchmark.partition("@")
    return [
        EvalResult(
            task_type=_TASK_TYPES.get(part.conditions["protocol"], "other"),
            task_name=heading(part.conditions["protocol"]),
            dataset_type=word,
            dataset_name=f"{part.benchmark}, {part.extent}",
            dataset_config=part.input,
            dataset_split=part.conditions["split"],
            dataset_revision=revision or None,
            dataset_args={"signature": part.signature},
            metric_type=f"{metric}_accuracy" if metric in METRICS else metric,
            metric_name=f"{named(metric)}, mean over {part.extent}, %",
            metric_value=round(value, 2),
        )
        for metric in part.own.records[0].scores
        if (value := part.own.mean(None, metric=metric).value) is not None
    ]


def _base(train: TrainRecord | None) -> Raw | str | None:
    if train is None:
        return None
    name = code(train.base) if is_hub_id(train.base) else train.base
    revision = f" at {code(train.base_revision)}" if train.base_revision else ""
    return Raw(f"{name}{revision}") if isinstance(name, Raw) else name


def _data(train: TrainRecord | None) -> str | None:
    if train is None:
        return None
    config = f", config {train.data.config}" if train.data.config else ""
    digest = f", digest {train.data.digest[:12]}" if train.data.digest else ""
    return f"{train.data.name}{config}: {number(train.data.rows)} pairs{digest}"


def _training(train: TrainRecord | None) -> dict[str, Any]:
    names = "steps epochs time hardware energy seed options unknown libraries".split()
    if train is None:
        return dict.fromkeys(names)
    machine = train.machine
    hardware = [machine.get("device"), machine.get("platform")]
    if machine.get("threads"):
        hardware.append(f"{machine['threads']} threads")
    since = machine.get("since_step")
    part = f" (after it was taken up at step {since})" if since else ""
    joules = machine.get("joules") or {}
    shown = {name: value for name, value in train.arguments.items() if value is not None}
    return {
        "steps": train.steps,
        "epochs": f"{train.epochs:.2f}",
        "time": f"{number(train.seconds)} s{part}",
        "energy": ", ".join(f"{kind} {number(used)} J{part}" for kind, used in joules.items())
        or None,
        "hardware": ", ".join(str(part) for part in hardware if part) or None,
        "seed": str(train.seed),
        "options": ", ".join(f"{name} {value}" for name, value in shown.items()) or None,
        "unknown": ", ".join(f"{view} {rate:.2f} %" for view, rate in train.unk_rate.items())
        or None,
        "libraries": ", ".join(f"{name} {version}" for name, version in train.libraries.items())
        or None,
    }


def _examples(widget: Sequence[dict[str, Any]]) -> Raw:
    if "source_sentence" in widget[0]:
        rows = [
            [example["source_sentence"], sentence, f"{score:.2f}"]
            for example in widget
            for sentence, score in zip(example["sentences"], example["output"], strict=True)
        ]
        return table(["sentence", "compared with", "cosine"], rows)
    return table(
        ["text", "filled with (probability)"],
        [
            [e["text"], ", ".join(f"{o['label']} ({o['score']:.2f})" for o in e["output"])]
            for e in widget
        ],
    )
