"""Gathers a checkpoint for the Hub: weights, tokenizer, config, record, figures, optional code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from ..figures.figures import loss_curves, retrieval_heatmap
from ..figures.task_figures import task_heatmap
from ..hub.card_check import check_card
from ..hub.stage import PublishError, Stage
from ..json_file import read_json, read_object, require_regular
from ..records.files import RecordError, TrainRecord, write_record
from ..scores.scores import Scores
from .model_card import ModelFacts, model_card, shown_scores
from .model_scores import Part

RECORD = "train_record.json"
_TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "sentencepiece.bpe.model",
    "spm.model",
    "vocab.txt",
)
_VOCABULARY = ("tokenizer.json", "sentencepiece.bpe.model", "spm.model", "vocab.txt")
# What an older version, or the twin in place of the model, may have left in the repository: with
# modules.json, SentenceTransformer would pool the last layer of a full model.
_OURS = (
    *("*.safetensors", "*.safetensors.index.json", "*.py", "figures/*", *_TOKENIZER),
    *("modules.json", "*_Pooling/*", "sentence_bert_config.json", "config_sentence_*.json"),
)


def open_checkpoint(folder: Path) -> tuple[dict[str, Any], TrainRecord | None]:
    """Read config and training record of a checkpoint.

    Raises:
        PublishError: If it is none, lacks its tokenizer, cannot be read, or holds its weights as a
            pickle.
        RecordError: If a file of it is no file, but a pipe or a device.
    """
    require_regular(folder)
    try:
        config = read_object(folder / "config.json")
    except RecordError as error:
        raise PublishError(
            f"{folder} is no checkpoint: its config.json cannot be read ({error}); give the folder "
            "that `translit-ppa train` wrote"
        ) from error
    if not isinstance(config.get("model_type"), str):
        raise PublishError(f"{folder} is no checkpoint: its config.json names no model_type")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise PublishError(
            f"{folder} holds no safetensors; if it holds a pytorch_model.bin, run: "
            f"translit-ppa publish convert {folder} --out DIR"
        )
    for file in weights:
        try:
            with safe_open(file, framework="numpy"):
                pass
        except (OSError, SafetensorError) as error:
            raise PublishError(
                f"{file} cannot be read ({error}); was it copied whole, or is it a Git LFS pointer?"
            ) from error
    if not any((folder / name).is_file() for name in _VOCABULARY):
        raise PublishError(
            f"{folder} holds no tokenizer; legal is one of {', '.join(_VOCABULARY)} beside the "
            "weights"
        )
    record = folder / RECORD
    if not record.is_file():
        return config, None
    try:
        return config, TrainRecord.from_dict(read_json(record))
    except ValueError as error:
        raise PublishError(f"{record}: {error}") from error


def stage_weights(
    stage: Stage, folder: Path, config: dict[str, Any], auto_class: str | None
) -> None:
    """Stage weights, tokenizer and config of a checkpoint.

    Args:
        stage: An empty stage of type `model`.
        folder: The checkpoint.
        config: Its config.
        auto_class: `file.Class` of the optional code, for `AutoModelForMaskedLM`.
    """
    for file in sorted(folder.glob("*.safetensors*")):
        stage.add_file(file.name, file, "weights")
    for name in _TOKENIZER:
        if (folder / name).is_file():
            stage.add_file(name, folder / name, "tokenizer")
    kept = {key: value for key, value in config.items() if key not in ("_name_or_path", "auto_map")}
    if auto_class is not None:
        kept["auto_map"] = {"AutoModelForMaskedLM": auto_class}
    stage.add_text("config.json", json.dumps(kept, indent=2) + "\n", "configuration")
    stage.replaces += _OURS


def stage_suitcase(stage: Stage, folder: Path, names: Sequence[str]) -> None:
    """Stage the files of the optional training class; they import one another and nothing else."""
    for name in names:
        stage.add_file(f"{name}.py", folder / f"{name}.py", "optional training class")


def stage_story(stage: Stage, facts: ModelFacts) -> None:
    """Stage what tells of the model: training record, figures, card.

    Args:
        stage: With the weights.
        facts: For the card.

    Raises:
        PublishError: If the card would not pass the Hub.
    """
    figures: list[tuple[str, str]] = []
    story = facts.story
    if story.train is not None:
        write_record(stage.folder / RECORD, story.train)
        stage.adopt(RECORD, "how it was trained")
        try:
            loss_curves(story.train, stage.folder / "figures" / "losses.png")
        except RecordError as error:
            stage.notes.append(f"no figure of the losses: {error}")
        else:
            figures.append(("Loss and its parts over the training", "figures/losses.png"))
    parts, left_out = shown_scores(facts)
    for part in parts:
        if part.base is None:
            stage.notes.append(f"no figure of {part.title}: the records hold no scores of the base")
            continue
        path = f"figures/{part.slug}.png"
        both = part.beside("before: base", "after: this model")
        if len(both.rows) != 2:
            kinds = ", ".join(map(str, both.rows))
            stage.notes.append(f"no figure of {part.title}: its records are of {kinds}")
            continue
        _draw(part, both, stage.folder / path)
        figures.append((f"{part.title}: before and after", path))
    stage.notes += [*story.notes, *(f"not on the card: {told}" for told in left_out)]
    for title, path in figures:
        stage.adopt(path, title.lower())
        stage.adopt(path.replace(".png", ".csv"), "its numbers")
    card = model_card(replace(facts, figures=figures))
    check_card(card, "model")
    stage.add_text("README.md", card, "card, made from the records")


def _draw(part: Part, both: Scores, path: Path) -> None:
    """Draw the base beside the model; both may go by one name in the records."""
    before, after = both.rows
    if not part.own.is_task:
        retrieval_heatmap(both, before, after, path)
        return
    first = part.own.records[0]
    task_heatmap(
        both,
        before,
        after,
        path,
        title=f"{part.title}: before and after",
        score=first.main_score,
        caption=f"benchmark: {part.benchmark}, translit-ppa {first.version}",
    )
