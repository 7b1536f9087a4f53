"""Post-train an encoder on paired text: parse, pairs, base model, training, checkpoint, record.

    python train.py                                  the embedded example, on a laptop
    python train.py --recipe mediterranean           the paper's run, on a CUDA GPU
    torchrun --nproc_per_node 4 train.py ...         several GPUs
    python train.py --ablation ...                   MLM, MLM+SEQ, MLM+TLM, MLM+SEQ+TLM in turn

Out: a plain checkpoint (safetensors, tokenizer) with `train_record.json` beside it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from transformers import AutoTokenizer, PreTrainedTokenizerBase, set_seed

from translit_ppa.data_builders import load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.errors import user_errors_exit_2
from translit_ppa.modeling import AlignmentError, SentenceEncoder, load_for_alignment
from translit_ppa.modeling.aligned.modeling_families import alignment_config_of
from translit_ppa.modeling.embedding.encoder import max_tokens
from translit_ppa.modeling.training.arguments import (
    InputArguments,
    PostTrainingArguments,
    parse_arguments,
)
from translit_ppa.modeling.training.compiled import compile_layers
from translit_ppa.modeling.training.data_collator import PairCollator
from translit_ppa.modeling.training.pair_dataset import PairDataset
from translit_ppa.modeling.training.trainer import AlignmentTrainer
from translit_ppa.scoring.retrieval import TextEmbeddings, score_directions
from translit_ppa.training.ablation import train_ablation
from translit_ppa.training.checks import check_options
from translit_ppa.training.inputs import prepare, report_unknown, texts_to_keep, tokenize, trim
from translit_ppa.training.outputs import checkpoint_to_resume, save_checkpoint, train_record

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks import Benchmark


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Run one post-training; see the module's text for the command lines."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = inputs, objectives, stand_in, training = parse_arguments(words)
    check_options(inputs, training)
    output = Path(training.output_dir or "runs/train")
    resume = training.resume_from_checkpoint
    if not inputs.ablation:
        resume = checkpoint_to_resume(output, resume)
    training.dataloader_pin_memory &= torch.cuda.is_available()
    # What can be wrong is found out before anything is built or written.
    validation = _validation_directions(inputs)
    if inputs.model_name_or_path:
        alignment_config_of(
            inputs.model_name_or_path, objectives.alignment(), revision=inputs.model_revision
        )
    else:
        objectives.alignment().resolve_layer(stand_in.stand_in_layers)
    if inputs.ablation:
        return train_ablation(main, words, arguments)
    pairs, base = prepare(inputs, stand_in, training)
    set_seed(training.seed)
    model = load_for_alignment(base, objectives.alignment(), revision=inputs.model_revision)
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        base, revision=inputs.model_revision
    )
    if inputs.max_length > max_tokens(model):
        raise AlignmentError(
            f"max_length is {inputs.max_length}, but {base} has positions for {max_tokens(model)} "
            f"tokens. Give --max_length {max_tokens(model)} or less."
        )
    if inputs.max_train_samples is not None:
        chosen = range(min(inputs.max_train_samples, len(pairs["train"])))
        pairs["train"] = pairs["train"].shuffle(seed=training.seed).select(chosen)
    unk_rate = report_unknown(tokenizer, pairs["train"], inputs)
    tables = {split: tokenize(rows, tokenizer, inputs, training) for split, rows in pairs.items()}
    if inputs.trim_vocabulary:
        texts = texts_to_keep(inputs, validation[0] if validation else None)
        tokenizer, tables = trim(model, tokenizer, tables, texts, training)
    if training.torch_compile:
        compile_layers(model, training.torch_compile_backend, training.torch_compile_mode)
        training.torch_compile_backend = None  # or the Trainer would compile the whole once more
    tokens = {split: PairDataset(table) for split, table in tables.items()}
    metrics = _retrieval_metrics(validation, tokenizer, inputs.max_length) if validation else None
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
            **objectives.collator_options(),
        ),
        processing_class=tokenizer,
        retrieval_metrics=metrics,
    )
    started = time.monotonic()
    trainer.train(resume_from_checkpoint=resume)
    seconds = time.monotonic() - started
    if trainer.is_world_process_zero():
        record = train_record(trainer, inputs, base, len(tokens["train"]), unk_rate, seconds)
        save_checkpoint(trainer, tokenizer, output, record)
        print(f"saved {output} after {trainer.state.global_step} steps, {seconds:.0f} s")
    return 0


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


def _validation_directions(
    inputs: InputArguments,
) -> tuple[Benchmark, list[tuple[str, str]], str] | None:
    """Open the validation benchmark, its ordered pairs within the group, and its split."""
    if inputs.validation_benchmark is None:
        return None
    from translit_ppa.data_builders.benchmarks import get_benchmark

    benchmark = get_benchmark(inputs.validation_benchmark, directory=inputs.benchmark_dir)
    group = load_group(inputs.dataset_config)
    directions = benchmark.directions(group.scored_codes)
    split = "validation" if "validation" in benchmark.splits else benchmark.splits[0]
    if not directions:
        raise DataError(f"{inputs.validation_benchmark} covers no two languages of {group.name}.")
    return benchmark, directions, split


def _retrieval_metrics(
    validation: tuple[Benchmark, list[tuple[str, str]], str],
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
) -> Callable[[torch.nn.Module], dict[str, float]]:
    """Score the live model: mean over all ordered pairs of the group and its evaluation sources."""
    benchmark, directions, split = validation

    def metrics(model: torch.nn.Module) -> dict[str, float]:
        encoder = SentenceEncoder(model, tokenizer, max_length=max_length)  # type: ignore[arg-type]
        cells = list(score_directions(benchmark, TextEmbeddings(encoder), directions, split))
        return {
            name: sum(cell["scores"][name] for cell in cells) / len(cells)
            for name in cells[0]["scores"]
        }

    return metrics


if __name__ == "__main__":
    raise SystemExit(main())
