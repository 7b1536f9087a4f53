"""One post-training: pairs, base model, training, checkpoint and record.

Out: a plain checkpoint (safetensors, tokenizer) with `train_record.json` beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from accelerate.utils import broadcast_object_list
from transformers import AutoTokenizer, PreTrainedTokenizerBase, set_seed

from translit_ppa.data_builders import load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.modeling import AlignmentError, SentenceEncoder, load_for_alignment
from translit_ppa.modeling.aligned.modeling_families import alignment_config_of
from translit_ppa.modeling.checkpoints.adapters import add_adapters, freeze_for_adapters
from translit_ppa.modeling.embedding.encoder import max_tokens
from translit_ppa.modeling.opening import OWN_CODE, opening, require_fitting
from translit_ppa.modeling.training.anchored.language_batches import language_numbers
from translit_ppa.modeling.training.arguments import InputArguments, PostTrainingArguments
from translit_ppa.modeling.training.compiled import compile_layers
from translit_ppa.modeling.training.data_collator import PairCollator
from translit_ppa.modeling.training.pair_dataset import PairDataset
from translit_ppa.modeling.training.trainer import AlignmentTrainer
from translit_ppa.scoring.retrieval import TextEmbeddings, score_directions
from translit_ppa.scoring.sides import Sides
from translit_ppa.training.build_options import require_no_pairs
from translit_ppa.training.checks import check_options, check_sharding, check_size
from translit_ppa.training.harm.watch import Watch
from translit_ppa.training.headless import base_weights, settle_objectives, teach_head, with_head
from translit_ppa.training.inputs import prepare, report_unknown, texts_to_keep, tokenize, trim
from translit_ppa.training.outputs import (
    checkpoint_to_resume,
    save_checkpoint,
    train_record,
    whole_model,
)
from translit_ppa.training.own_place import Place, take_place
from translit_ppa.training.runs import Run
from translit_ppa.training.teacher import anchored, open_teacher

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks import Benchmark
    from translit_ppa.modeling.training.arguments import Arguments

Validation = tuple["Benchmark", list[tuple[str, str]], str]


def check(arguments: Arguments) -> Validation | None:
    """Find out what can be wrong, before anything is built or written.

    Returns:
        The validation benchmark, opened, if there is one; see `_validation_directions`.
    """
    inputs, objectives, stand_in, training = arguments
    check_options(inputs, training)
    check_size(inputs, objectives, training)
    require_no_pairs(inputs)
    validation = _validation_directions(inputs)
    if inputs.base:
        config = alignment_config_of(
            inputs.base, objectives.alignment(), revision=inputs.base_revision
        )
        check_sharding(training, config.model_type)
    else:
        objectives.alignment().resolve_layer(stand_in.stand_in_layers)
    return validation


def post_train(arguments: Arguments, seen_as: Path | None = None) -> Run:
    """Run one post-training.

    Args:
        arguments: All its options.
        seen_as: Where the folder will be put when it is whole, if elsewhere.

    Returns:
        The finished run, in every process.
    """
    inputs, objectives, stand_in, training = arguments
    validation = check(arguments)
    output = Path(training.output_dir or "runs/train")
    resume = checkpoint_to_resume(output, training.resume_from_checkpoint)
    # The course of a run has one start, however often it is taken up.
    training.eval_on_start = training.eval_on_start and resume is None
    training.dataloader_pin_memory &= torch.cuda.is_available()
    pairs, base = prepare(inputs, stand_in, training)
    set_seed(training.seed)
    first = training.process_index == 0
    place = take_place(objectives, base, inputs.base_revision, told=first)
    with opening(base):
        model: Any = load_for_alignment(
            base, objectives.alignment(), revision=inputs.base_revision, tell_of_head=False
        )
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            base, revision=inputs.base_revision, **OWN_CODE
        )
    require_fitting(model, tokenizer, base)
    found, taught = model.found, None
    model.sentence_tail = place.own.tail if place.own else None
    needs_head = settle_objectives(model, objectives, base, told=first)
    if inputs.max_length > max_tokens(model):
        raise AlignmentError(
            f"max_length is {inputs.max_length}, but {base} has positions for {max_tokens(model)} "
            f"tokens. Give --max-length {max_tokens(model)} or less."
        )
    if inputs.max_train_samples is not None:
        chosen = range(min(inputs.max_train_samples, len(pairs["train"])))
        pairs["train"] = pairs["train"].shuffle(seed=training.seed).select(chosen)
    unk_rate = report_unknown(tokenizer, pairs["train"], inputs)
    tables = {s: tokenize(rows, tokenizer, inputs, training, place) for s, rows in pairs.items()}
    if inputs.trim_vocabulary:
        texts = texts_to_keep(inputs, validation[0] if validation else None)
        tokenizer, tables = trim(model, tokenizer, tables, texts, training)
    if training.torch_compile:
        compile_layers(model, training.torch_compile_backend, training.torch_compile_mode)
        training.torch_compile_backend = None  # or the Trainer would compile the whole once more
    tokens = {split: PairDataset(table) for split, table in tables.items()}
    if training.language_batches:
        tokens["train"].languages = language_numbers(
            pairs["train"], inputs.text_column, inputs.transliteration_column
        )
    teacher = None
    if anchored(objectives):
        teacher = open_teacher(model, tokenizer, tokens, output, base, inputs, training)
    if needs_head:
        if resume is None:
            taught = teach_head(model, tokenizer, tokens["train"], inputs, objectives, training)
        model.found = with_head(found)
    if objectives.freeze_embeddings:
        model.get_input_embeddings().requires_grad_(False)
    adapted = freeze_for_adapters(model) if objectives.lora_rank else []
    watch = None
    if inputs.check_harm and training.process_index == 0:
        watch = Watch.begin(model, tokenizer, inputs, training, output, validation, place)
    # Behind the watch, which keeps the weights that will have changed when all is merged.
    adapters = add_adapters(model, adapted, objectives.lora_rank) if objectives.lora_rank else None
    metrics = None
    if validation:
        metrics = _retrieval_metrics(validation, tokenizer, inputs.max_length, place)
    _check_schedule(training, "validation" in tokens, metrics is not None)
    trainer = AlignmentTrainer(
        model=model,
        args=training,
        train_dataset=tokens["train"],
        eval_dataset=tokens.get("validation"),
        data_collator=PairCollator(
            tokenizer,
            max_length=inputs.max_length,
            seed=training.seed,
            teacher=teacher,
            **objectives.collator_options(),
        ),
        processing_class=tokenizer,
        retrieval_metrics=metrics,
    )
    started = time.monotonic()
    trainer.train(resume_from_checkpoint=resume)
    seconds = time.monotonic() - started
    records: list[Any] = [None]
    if adapters is not None:
        adapters.merge_and_unload()
    trained = whole_model(trainer)
    if trainer.is_world_process_zero():
        record = train_record(
            trainer,
            inputs,
            objectives,
            base,
            len(tokens["train"]),
            unk_rate,
            seconds,
            teacher,
            base_weights(found, taught),
        )
        if watch is not None:
            record = replace(record, harm=watch.end(trained))
        save_checkpoint(trained, tokenizer, output, record, place.own, (base, inputs.base_revision))
        print(f"saved {seen_as or output} after {trainer.state.global_step} steps, {seconds:.0f} s")
        records = [record]
    return Run(seen_as or output, broadcast_object_list(records)[0])


def _check_schedule(
    training: PostTrainingArguments, has_validation: bool, has_benchmark: bool
) -> None:
    """Choose the best checkpoint by retrieval, unless the user named another measure."""
    if training.eval_strategy != "no" and not has_validation:
        raise DataError("eval_strategy needs a validation split in the pairs; build them with one.")
    if training.load_best_model_at_end and training.metric_for_best_model in (None, "loss"):
        if not has_benchmark:
            return
        training.metric_for_best_model = "eval_top10"
        training.greater_is_better = True


def _validation_directions(inputs: InputArguments) -> Validation | None:
    """Open the validation benchmark, its ordered pairs within the group, and its split."""
    if inputs.validation_benchmark is None:
        return None
    from translit_ppa.data_builders.benchmarks import get_benchmark

    benchmark = get_benchmark(inputs.validation_benchmark, directory=inputs.benchmark_dir)
    group = load_group(inputs.group)
    directions = benchmark.directions(group.scored_codes)
    split = "validation" if "validation" in benchmark.splits else benchmark.splits[0]
    if not directions:
        raise DataError(f"{inputs.validation_benchmark} covers no two languages of {group.name}.")
    return benchmark, directions, split


def _retrieval_metrics(
    validation: Validation,
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    place: Place,
) -> Callable[[torch.nn.Module], dict[str, float]]:
    """Score the live model: mean over the ordered pairs that the benchmark has of the group."""
    benchmark, pairs, split = validation
    sides = [Sides(*pair) for pair in pairs]

    def metrics(model: torch.nn.Module) -> dict[str, float]:
        encoder = SentenceEncoder(
            model,  # type: ignore[arg-type]
            tokenizer,
            max_length=max_length,
            way=place.way,
            prompt=place.prompt,
        )
        cells = list(score_directions(benchmark, TextEmbeddings(encoder), sides, split))
        return {
            name: sum(cell["scores"][name] for cell in cells) / len(cells)
            for name in cells[0]["scores"]
        }

    return metrics
