"""Bases without a trained language-modelling head: what is trained of them, and what is said."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from typing import Any

from transformers import PreTrainedTokenizerBase

from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.aligned.loading_report import Found
from translit_ppa.modeling.aligned.objectives import OBJECTIVES
from translit_ppa.modeling.training.arguments import (
    InputArguments,
    ObjectiveArguments,
    PostTrainingArguments,
)
from translit_ppa.modeling.training.head_training import HeadTraining, train_head
from translit_ppa.modeling.training.pair_dataset import PairDataset

TRAIN = "train"


def settle_objectives(model: Any, objectives: ObjectiveArguments, base: str, told: bool) -> bool:
    """Leave out the objectives that need a head which the base has not, unless it is to be taught.

    Args:
        model: Of `load_for_alignment`; its config follows.
        objectives: Of the run; changed in place.
        base: Hub id or folder.
        told: Say in one line what is missing, and what becomes of it.

    Returns:
        Whether the head is to be taught first.

    Raises:
        AlignmentError: No objective would be left.
    """
    why = model.found.why_no_head()
    if why is None:
        return False
    needing = [name for name in objectives.objectives if OBJECTIVES[name].predicts]
    rest = [name for name in objectives.objectives if name not in needing]
    taught = bool(needing) and objectives.lm_head == TRAIN
    if taught:
        done = "it is taught alone first, before the rest"
    elif not needing:
        done = f"{', '.join(rest)} can do without, and none is saved"
    elif rest:
        done = (
            f"left out: {', '.join(needing)}; trained: {', '.join(rest)}; --lm-head train teaches "
            "a head first"
        )
        objectives.objectives = rest
        model.config.alignment = objectives.alignment().to_dict()
    else:
        without = [name for name, row in OBJECTIVES.items() if not row.predicts]
        raise AlignmentError(
            f"{base} {why}, and {', '.join(needing)} cannot do without. Legal: --lm-head train, "
            f"which teaches it first, or objectives that can: {', '.join(without)}."
        )
    if told:
        print(f"notice: {base} {why}; {done}.", file=sys.stderr)
    return taught


def teach_head(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    rows: PairDataset,
    inputs: InputArguments,
    objectives: ObjectiveArguments,
    training: PostTrainingArguments,
) -> HeadTraining:
    """Teach the head alone, and say how it went; each process does the same.

    Args:
        model: Of `load_for_alignment`; from now on its head counts as trained.
        tokenizer: Of the model.
        rows: What is trained on.
        inputs: Of the run.
        objectives: Of the run.
        training: Of the run.
    """
    model.to(training.device)
    taught = train_head(
        model,
        tokenizer,
        rows,
        max_length=inputs.max_length,
        mlm_probability=objectives.mlm_probability,
        seed=training.seed,
        bf16=training.bf16,
    )
    if training.process_index == 0:
        print(f"head: {taught.told()}")
    return taught


def base_weights(found: Found, taught: HeadTraining | None) -> dict[str, Any] | None:
    """Say for the record what the base lacked; None where it lacked nothing."""
    if found == Found():
        return None
    told = {"head": found.head, "lacking": list(found.lacking), "left_over": list(found.left_over)}
    return {**told, "head_training": asdict(taught) if taught else None}


def with_head(found: Found) -> Found:
    """What was found, once the head has been taught."""
    return replace(found, head="trained")
