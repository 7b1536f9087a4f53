"""What can be wrong with a training's options, found out before anything is built or written."""

from __future__ import annotations

import sys
from pathlib import Path

from transformers.integrations import get_reporting_integration_callbacks

from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.checkpoints.adapters import require_peft
from translit_ppa.modeling.training.arguments import (
    InputArguments,
    ObjectiveArguments,
    PostTrainingArguments,
)
from translit_ppa.modeling.training.compiled import check_compiler
from translit_ppa.modeling.training.cpu import has_bf16
from translit_ppa.training.inputs import kept_source

# <s> A </s> B </s>: a joint view with one token a side.
SHORTEST = 5
RETRIEVAL_METRICS = ("top1", "top5", "top10")
COUNTS = ("max_train_samples", "count")
TRAINING_COUNTS = ("per_device_train_batch_size", "gradient_accumulation_steps", "tokens_per_batch")


def check_options(inputs: InputArguments, training: PostTrainingArguments) -> None:
    """Refuse options that a training could not honour.

    Raises:
        AlignmentError: Naming the option, what came and what is legal.
    """
    if inputs.max_length < SHORTEST:
        raise AlignmentError(
            f"max_length is {inputs.max_length}. Legal: {SHORTEST} or more, so that a pair and its "
            "special tokens fit."
        )
    for options, names in ((inputs, COUNTS), (training, TRAINING_COUNTS)):
        for name in names:
            number = getattr(options, name)
            if number is not None and number < 1:
                raise AlignmentError(f"{name} is {number}. Legal: 1 or more.")
    if not 0 <= training.seed < 2**32:
        raise AlignmentError(f"seed is {training.seed}. Legal: 0 to {2**32 - 1}.")
    if training.remove_unused_columns:
        raise AlignmentError("remove_unused_columns is true, but the collator needs every column.")
    if training.label_smoothing_factor:
        # Accepted by the Trainer and without effect here: the model computes its own losses.
        raise AlignmentError("label_smoothing_factor has no effect on these objectives. Legal: 0.")
    if training.dataloader_persistent_workers and training.dataloader_num_workers:
        # Each worker keeps the copy of the pairs that it began with, and with it the first epoch.
        raise AlignmentError(
            "dataloader_persistent_workers is true, but then every epoch has the masks of the "
            "first. Leave it out."
        )
    if not 0 <= training.language_batches <= 1:
        raise AlignmentError(f"language_batches is {training.language_batches}. Legal: 0 to 1.")
    if inputs.keep_if_better and not inputs.check_harm:
        raise AlignmentError(
            "keep_if_better needs check_harm, which tells what is better. Legal: both, or neither."
        )
    if inputs.trim_keep and not inputs.trim_vocabulary:
        raise AlignmentError("trim_keep is given, but nothing is trimmed. Add --trim-vocabulary.")
    for name in inputs.trim_keep or []:
        kept_source(name)
    if training.bf16 and training.device.type == "cpu" and not has_bf16():
        print(
            "notice: this processor has no bf16 arithmetic, so that steps will take several times "
            "as long as without --bf16.",
            file=sys.stderr,
        )
    if training.torch_compile:
        check_compiler(training.torch_compile_backend, training.torch_compile_mode)
    _check_reporters(training)
    _check_best_metric(inputs, training)
    _check_resume(training.resume_from_checkpoint)


def check_size(
    inputs: InputArguments, objectives: ObjectiveArguments, training: PostTrainingArguments
) -> None:
    """Refuse what adapters and sharding cannot do, as far as options tell.

    Raises:
        AlignmentError: Naming the option, what came and what is legal.
    """
    rank = objectives.lora_rank
    if rank is not None:
        if rank < 1:
            raise AlignmentError(f"lora_rank is {rank}. Legal: 1 or more, or leave it out.")
        require_peft()
        if training.fsdp:
            raise AlignmentError("lora_rank and fsdp are both given. Legal: one of them.")
    if training.fsdp:
        if inputs.base is None:
            raise AlignmentError("fsdp shards a base that is given. Give --base, or leave it out.")
        if training.save_strategy != "no" or inputs.validation_benchmark:
            raise AlignmentError(
                "with fsdp there are no checkpoints on the way and no validation benchmark. Give "
                "--save-strategy no, or leave out --fsdp."
            )


def check_sharding(training: PostTrainingArguments, family: str) -> None:
    """Refuse to shard a model whose head holds a weight of the decoder a second time.

    Raises:
        AlignmentError: The family is such.
    """
    if training.fsdp and family != "modernbert":
        raise AlignmentError(
            f"fsdp cannot shard the family {family!r}, whose head and decoder share a bias. Legal: "
            "modernbert; without --fsdp, torchrun trains a whole copy in every process."
        )


def _check_reporters(training: PostTrainingArguments) -> None:
    asked = training.report_to or []
    asked = [asked] if isinstance(asked, str) else asked
    try:
        for callback in get_reporting_integration_callbacks(asked):
            callback()
    except (ImportError, RuntimeError, ValueError) as error:
        raise AlignmentError(
            f"report_to {' '.join(asked)}: {error} Install it, or give --report-to none."
        ) from error


def _check_best_metric(inputs: InputArguments, training: PostTrainingArguments) -> None:
    wanted = (training.metric_for_best_model or "").removeprefix("eval_")
    if wanted in RETRIEVAL_METRICS and inputs.validation_benchmark is None:
        raise AlignmentError(
            f"metric_for_best_model is {training.metric_for_best_model}, which needs "
            "--validation-benchmark, such as cldr."
        )


def _check_resume(asked: str | None) -> None:
    if asked in (None, "true", "True", "last"):
        return
    if not (Path(str(asked)) / "trainer_state.json").is_file():
        raise AlignmentError(
            f"resume_from_checkpoint is {asked}, which is no checkpoint folder of a training. "
            "Legal: last, or a folder checkpoint-N."
        )
