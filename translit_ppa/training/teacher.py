"""The teacher of `anchor`, as a training meets it: whether there is one, and where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from translit_ppa.identity import model_digest, tokenizer_digest
from translit_ppa.modeling.aligned.objectives import OBJECTIVES
from translit_ppa.modeling.training.anchored.teacher_vectors import (
    TeacherVectors,
    make_teacher_vectors,
)
from translit_ppa.modeling.training.arguments import (
    InputArguments,
    ObjectiveArguments,
    PostTrainingArguments,
)
from translit_ppa.modeling.training.pair_dataset import PairDataset

TEACHER_NAME = "teacher"


def anchored(objectives: ObjectiveArguments) -> bool:
    """Tell whether an objective needs a teacher."""
    return any(OBJECTIVES[name].anchored for name in objectives.objectives)


def open_teacher(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    tokens: Mapping[str, PairDataset],
    output: Path,
    base: str,
    inputs: InputArguments,
    training: PostTrainingArguments,
) -> TeacherVectors:
    """Make the base's vectors of all originals in `OUTPUT_DIR/teacher`, or use those there.

    Args:
        model: The base as it was loaded, before its first step.
        tokenizer: Its tokenizer.
        tokens: The tokenised pairs by split.
        output: Folder of the run.
        base: Hub id or folder.
        inputs: Of the run.
        training: Of the run; the first of several processes makes the vectors.
    """
    alignment: Any = model.alignment
    digest = model_digest(base, inputs.base_revision)
    facts = {
        "weights": None if digest == "unknown" else digest,
        "tokenizer": tokenizer_digest(tokenizer),
    }
    if model.sentence_tail is not None:
        facts["dense"] = model.sentence_tail.width
    model.to(training.device)
    with training.main_process_first(local=False, desc="teacher"):
        return make_teacher_vectors(
            model,
            tokenizer,
            tokens,
            output / TEACHER_NAME,
            layer=alignment.resolve_layer(model.config.num_hidden_layers),
            pooling=alignment.pooling,
            facts=facts,
            bf16=training.bf16,
            write=training.process_index == 0,
            resumed=training.resume_from_checkpoint is not None,
        )
