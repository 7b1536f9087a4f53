"""What a training can be told: options, defaults, and where each default comes from.

The defaults are the paper's settings (arXiv 2406.19759, section 4.1 and appendix A); a recipe is a
JSON file of other defaults. An option that is given wins over both.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from importlib.resources import files
from typing import Any

from transformers import TrainingArguments

from ..aligned.alignment_config import POOLING_NAMES, AlignmentConfig
from ..aligned.errors import AlignmentError
from ..aligned.objectives import OBJECTIVES, PAPER_OBJECTIVES
from .paper_compat import compat_values
from .ranges import require_in_range


def _option(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass
class InputArguments:
    """Where the base model and the pairs come from.

    Attributes:
        build: Further options of building the pairs, where none are given.
    """

    base: str | None = _option(
        None, "Hub id or folder of the model to start from. None: train a small stand-in first."
    )
    base_revision: str | None = _option(None, "Commit, tag or branch of the base model.")
    pairs: list[str] | None = field(
        default=None,
        metadata={
            "help": "Hub id or folder of paired text; several are trained on together. None: build "
            "pairs from the source."
        },
    )
    pairs_revision: str | None = _option(None, "Commit, tag or branch of the pairs.")
    group: str = _option(
        "mediterranean", "Language group: the config of the pairs, or a group's TSV."
    )
    source: str = _option(
        "cldr", "What pairs are built from when none are given: cldr, hub, files:DIR."
    )
    build: dict[str, Any] = field(default_factory=dict)
    count: int | None = _option(None, "cldr: phrases per language, about (None: 10,000).")
    text_column: str = _option("text", "Column of the originals.")
    transliteration_column: str = _option("transliteration", "Column of the Latin forms.")
    max_train_samples: int | None = _option(None, "Train on this many pairs, drawn by the seed.")
    max_length: int = _option(512, "Longest sequence in tokens (paper, appendix A: 512).")
    trim_vocabulary: bool = _option(
        False,
        "Keep only the pieces that pairs, validation benchmark and --trim-keep use. Masked tokens "
        "are then predicted among fewer pieces: the losses are not those of the full vocabulary. "
        "translit-ppa restore-vocabulary gives the rest back.",
    )
    trim_keep: list[str] | None = field(
        default=None,
        metadata={
            "help": "Text files, folders of such, and benchmarks (ntrex, srb:DIR, ner:DIR) whose "
            "pieces are kept too."
        },
    )
    preprocessing_num_proc: int | None = _option(
        None, "Processes for building pairs and tokenising."
    )
    validation_benchmark: str | None = _option(
        None,
        "Benchmark whose mean top-10 over the language pairs that it has chooses the best "
        "checkpoint: cldr, srb, tatoeba, parallel:DIR (the paper: Tatoeba, English queries).",
    )
    benchmark_dir: str | None = _option(None, "Folder of that benchmark's files.")
    recipe: str | None = _option(
        None,
        "Named settings: mediterranean, sea (the paper's two runs), anchor (for a sentence "
        "encoder), auto (anchor or the paper's, by what the base is; this unless objectives are "
        "given).",
    )
    check_harm: bool = _option(
        True,
        "Score the base before the first step and the model at the end, on the pairs' validation "
        "split, and say what rose and what fell.",
    )
    keep_if_better: bool = _option(
        False,
        "Keep the best point between base and trained weights: the best of those that make nothing "
        "worse, the base itself if need be.",
    )
    paper_compat: bool = _option(
        False, "Reproduce the authors' code where it differs from the paper or is wrong."
    )

    def __post_init__(self) -> None:
        """Take the name of one for a list of one."""
        if isinstance(self.pairs, str):
            self.pairs = [self.pairs]


@dataclass
class ObjectiveArguments:
    """What is optimised; see `AlignmentConfig` and `PairCollator`."""

    objectives: list[str] = field(
        default_factory=lambda: list(PAPER_OBJECTIVES),
        metadata={"help": "Any of mlm, seq, tlm (paper, section 3: all three), anchor (ours)."},
    )
    weights: dict[str, float] = field(default_factory=dict)
    layer: int | None = _option(
        None, "Layer that is aligned (paper: 8 of 12). None: a sentence model's own, else 2/3."
    )
    similarity: str = _option("dot", "dot (paper, section 3.2) or cosine.")
    temperature: float = _option(1.0, "Divides similarities (paper, section 3.2: 1).")
    pooling: str | None = _option(
        None,
        "Pooling of embeddings: attended, content, cls. None: the base's, else attended (4.2).",
    )
    prompt: str | None = _option(
        None, "Before every text: one of the base's prompts by name, or words. None: its default."
    )
    mask_equal_texts: bool = _option(True, "Equal texts are not negatives of one another (ours).")
    gather_with_gradient: bool = _option(
        True, "True contrastive gradient across ranks (ours; authors: each rank its own)."
    )
    mlm_probability: float = _option(0.15, "Share of tokens masked (paper, appendix A: 0.15).")
    keep_separator: bool = _option(True, "Keep both sides and </s> of a long joint view (ours).")
    replace_with_special: bool = _option(False, "Random replacements may be special (authors).")
    mask_at_least_one: bool = _option(True, "Mask a token in every sequence (ours).")
    anchor_temperature: float = _option(
        0.05, "Divides the cosines of anchor (ours; arXiv 1807.03748: 1)."
    )
    anchor_hold: float = _option(
        20.0, "Weight of 1 - cosine with the frozen base, for originals in anchor (ours)."
    )
    anchor_bank: int = _option(
        4096, "Vectors of the frozen base that anchor has as negatives, besides the batch's (ours)."
    )
    anchor_originals: float = _option(
        0.25, "Share of the pairs whose original is anchored too, and so held in place (ours)."
    )
    lm_head: str = _option(
        "without", "Where the base has no trained head: leave out mlm and tlm, or train it first."
    )
    freeze_embeddings: bool = _option(False, "Leave the word embeddings as they are.")
    lora_rank: int | None = _option(None, "Rank of LoRA adapters (None: train all weights).")

    def alignment(self) -> AlignmentConfig:
        """Return the part that is stored in the model's config."""
        values = {f.name: getattr(self, f.name) for f in fields(AlignmentConfig)}
        return AlignmentConfig(**{**values, "pooling": self.pooling or POOLING_NAMES[0]})

    def collator_options(self) -> dict[str, Any]:
        """Return the part that the collator takes."""
        names = "mlm_probability keep_separator replace_with_special mask_at_least_one".split()
        names += "anchor_bank anchor_originals".split()
        return {"objectives": tuple(self.objectives), **{n: getattr(self, n) for n in names}}


@dataclass
class StandInArguments:
    """The small base that is trained from scratch where no model is given."""

    stand_in_layers: int = _option(4, "Transformer layers of the stand-in.")
    stand_in_hidden: int = _option(128, "Hidden width of the stand-in.")
    stand_in_heads: int = _option(4, "Attention heads of the stand-in.")
    stand_in_pieces: int = _option(500, "Subword pieces beyond one per distinct character.")
    stand_in_steps: int = _option(300, "Steps of masked language modelling on originals.")
    stand_in_batch_size: int = _option(64, "Sentences per step of the stand-in.")
    stand_in_learning_rate: float = _option(1e-3, "Peak learning rate of the stand-in.")
    stand_in_source: str = _option(
        "cldr", "Source of English text for the stand-in: cldr, files:DIR, or none."
    )
    stand_in_text_column: str | None = _option(None, "Text column of files:DIR, name or index.")
    stand_in_include_ids: str | None = _option(None, "File of the only row ids of files:DIR taken.")
    stand_in_exclude_ids: str | None = _option(None, "File of row ids of files:DIR left out.")


@dataclass
class PostTrainingArguments(TrainingArguments):
    """Every option of transformers.TrainingArguments, with the paper's defaults."""

    output_dir: str | None = _option("runs/train", "Folder that the checkpoint is written into.")
    per_device_train_batch_size: int = _option(16, "Pairs per device (paper: 16, on 4 GPUs).")
    gradient_accumulation_steps: int = _option(8, "Micro-batches per step (paper: 8).")
    num_train_epochs: float = _option(2.0, "Epochs (paper: 2 mediterranean, 8 sea).")
    learning_rate: float = _option(2e-5, "Peak learning rate (paper, appendix A: 2e-5).")
    optim: str = _option(
        "adamw_torch_fused", "AdamW, fused whatever the torch version (paper, appendix A: Adam)."
    )
    weight_decay: float = _option(0.01, "AdamW weight decay (paper, appendix A: 0.01).")
    max_grad_norm: float = _option(1.0, "Gradient clipping (the authors' code: 1.0).")
    logging_steps: float = _option(100, "Steps between logged losses (the authors' code: 100).")
    save_steps: float = _option(2000, "Steps between checkpoints (the authors' code: 2000).")
    seed: int = _option(42, "Seed of order, masks and dropout (the authors' code: 42).")
    tokens_per_batch: int | None = _option(
        None,
        "Most tokens encoded at a time, over all views of some pairs: bounds the memory whatever "
        "the lengths and the batch; the gradient is that of the whole batch (None: no bound).",
    )
    language_batches: float = _option(
        0.0,
        "Share of the pairs that come in batches of one language, which cannot be told apart by "
        "the language (the paper: 0).",
    )
    remove_unused_columns: bool = _option(False, "The collator needs every column.")


Arguments = tuple[InputArguments, ObjectiveArguments, StandInArguments, PostTrainingArguments]


def recipe_names() -> tuple[str, ...]:
    """Return the recipes that come with the package."""
    folder = files(__package__) / "recipes"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name[:-5] for name in names if name.endswith(".json")))


def load_recipe(name: str) -> dict[str, Any]:
    """Return the options of a recipe.

    Raises:
        AlignmentError: If there is no such recipe.
    """
    if name not in recipe_names():
        raise AlignmentError(f"unknown recipe {name!r}. Legal: {', '.join(recipe_names())}.")
    file = files(__package__) / "recipes" / f"{name}.json"
    recipe: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return recipe


def weight_options() -> type:
    """Return a dataclass of one option `NAME_weight` for each row of `OBJECTIVES`."""
    return make_dataclass(
        "WeightArguments",
        [
            (f"{name}_weight", float, _option(row.weight, f"Weight of {row.help}"))
            for name, row in OBJECTIVES.items()
        ],
    )


def kinds_of_options() -> tuple[Any, ...]:
    """Return the dataclasses whose fields, but for `weights` and `build`, name all options."""
    return (
        InputArguments,
        ObjectiveArguments,
        weight_options(),
        StandInArguments,
        PostTrainingArguments,
    )


def make_arguments(given: Mapping[str, Any]) -> Arguments:
    """Sort options into their kinds: defaults, then recipe, then paper-compat, then what is given.

    Without a model and a recipe, the recipe `embedded` applies: small model, small data.

    Args:
        given: Names and values of options, such as `seq_weight` or `learning_rate`.

    Raises:
        AlignmentError: If the recipe, an objective or an option is unknown, or a value illegal.
    """
    recipe = given.get("recipe") or (None if given.get("base") else "embedded")
    values = load_recipe(recipe) if recipe else {}
    if given.get("paper_compat"):
        values |= compat_values("train")
    values |= given
    values["recipe"] = recipe
    legal = {f.name for kind in kinds_of_options() for f in fields(kind) if f.init} - {"weights"}
    for name in values:
        if name not in legal:
            near = difflib.get_close_matches(name, sorted(legal))
            told = f"Near: {', '.join(near)}." if near else "translit-ppa train --help lists all."
            raise AlignmentError(f"unknown option: {name}. {told}")
    objectives = _taken(ObjectiveArguments, values)
    objectives.weights = {n: values[f"{n}_weight"] for n in OBJECTIVES if f"{n}_weight" in values}
    objectives.weights = dict(objectives.alignment().weights)  # what is wrong shows at once
    try:
        training = _taken(PostTrainingArguments, values)
    except (TypeError, ValueError) as error:  # a word for a number, options that exclude each other
        raise AlignmentError(str(error)) from error
    stand_in = _taken(StandInArguments, values)
    require_in_range(training, stand_in)
    if objectives.lm_head not in ("without", "train"):
        raise AlignmentError(f"lm_head is {objectives.lm_head!r}. Legal: without, train.")
    return _taken(InputArguments, values), objectives, stand_in, training


def _taken(kind: Any, values: Mapping[str, Any]) -> Any:
    """Make one kind of options of those values that are its own."""
    return kind(**{f.name: values[f.name] for f in fields(kind) if f.name in values})
