"""Post-train an encoder on paired text: parse, pairs, base model, training, checkpoint, record.

    python train.py                                  the embedded example, on a laptop
    python train.py --recipe mediterranean           the paper's run, on a CUDA GPU
    torchrun --nproc_per_node 4 train.py ...         several GPUs

Out: a plain checkpoint (safetensors, tokenizer) with `train_record.json` beside it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from transformers import AutoTokenizer, PreTrainedTokenizerBase, set_seed

from corridor import (
    LIBRARIES,
    TextEmbeddings,
    model_digest,
    score_directions,
    user_errors_exit_2,
)
from data_builders import build_pairs, load_group
from data_builders.errors import DataError
from hub_cards import TrainRecord, write_record
from hub_cards.environment import libraries, machine, now, package_version
from modeling import AlignmentError, SentenceEncoder, load_for_alignment
from modeling.arguments import (
    InputArguments,
    PostTrainingArguments,
    StandInArguments,
    parse_arguments,
)
from modeling.data_collator import PairCollator
from modeling.modeling_families import alignment_config_of
from modeling.pair_dataset import PairDataset, tokenize_pairs
from modeling.stand_in import StandInSize, build_model, pretrain, train_tokenizer, unknown_rate
from modeling.trainer import AlignmentTrainer

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from data_builders.benchmarks import Benchmark

UNK_SAMPLE = 20_000
RECORD_NAME = "train_record.json"
PAIRS_NAME = "pairs"
BASE_NAME = "base"


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Run one post-training; see the module's text for the command lines."""
    inputs, objectives, stand_in, training = parse_arguments(
        list(sys.argv[1:] if argv is None else argv)
    )
    output = Path(training.output_dir or "runs/train")
    resume = _checkpoint_to_resume(output, training.resume_from_checkpoint)
    # What can be wrong is found out before anything is built or written.
    validation = _validation_directions(inputs)
    if inputs.model_name_or_path:
        alignment_config_of(
            inputs.model_name_or_path, objectives.alignment(), revision=inputs.model_revision
        )
    else:
        objectives.alignment().resolve_layer(stand_in.stand_in_layers)
    pairs, base = prepare(inputs, stand_in, training)
    set_seed(training.seed)
    model = load_for_alignment(base, objectives.alignment(), revision=inputs.model_revision)
    tokenizer = AutoTokenizer.from_pretrained(base, revision=inputs.model_revision)
    if inputs.max_train_samples is not None:
        chosen = range(min(inputs.max_train_samples, len(pairs["train"])))
        pairs["train"] = pairs["train"].shuffle(seed=training.seed).select(chosen)
    unk_rate = report_unknown(tokenizer, pairs["train"], inputs)
    tokens = {
        split: PairDataset(_tokenize(rows, tokenizer, inputs, training))
        for split, rows in pairs.items()
    }
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
        record = _record(trainer, inputs, base, len(tokens["train"]), unk_rate, seconds)
        save_checkpoint(trainer, tokenizer, output, record)
        print(f"saved {output} after {trainer.state.global_step} steps, {seconds:.0f} s")
    return 0


def prepare(
    inputs: InputArguments, stand_in: StandInArguments, training: PostTrainingArguments
) -> tuple[DatasetDict, str]:
    """Open pairs and base model; what is not given is built under the output folder first.

    Returns:
        The pairs by split, and the base's Hub id or folder.
    """
    output = Path(training.output_dir or "runs/train")
    pairs = load_or_build_pairs(inputs, output / PAIRS_NAME, training)
    base = inputs.model_name_or_path
    if base is None:
        base = str(make_stand_in(output / BASE_NAME, pairs["train"], inputs, stand_in, training))
    return pairs, base


def load_or_build_pairs(
    inputs: InputArguments, folder: Path, training: PostTrainingArguments
) -> DatasetDict:
    """Open the pairs that the arguments name, or build them from `dataset_source` into `folder`.

    Raises:
        DataError: If the pairs cannot be opened, or lack a column or the train split.
    """
    from datasets import load_dataset

    name = inputs.dataset_name
    if name is None:
        name = str(folder)
        options: dict[str, Any] = {}
        if inputs.dataset_count is not None:
            options["count"] = inputs.dataset_count
        with training.main_process_first(local=False, desc="pairs"):
            build_pairs(
                inputs.dataset_config,
                inputs.dataset_source,
                out=folder,
                seed=training.seed,
                num_proc=inputs.preprocessing_num_proc or os.cpu_count() or 1,
                paper_compat=inputs.paper_compat,
                **options,
            )
    try:
        pairs: DatasetDict = load_dataset(
            name, config_name(inputs), revision=inputs.dataset_revision
        )
    except ValueError as error:
        raise DataError(f"{name}: {error}") from error
    wanted = {inputs.text_column, inputs.transliteration_column}
    if "train" not in pairs or not wanted <= set(pairs["train"].column_names):
        have = {split: rows.column_names for split, rows in pairs.items()}
        raise DataError(
            f"{name} has {have}; training needs a split 'train' with columns "
            f"{', '.join(sorted(wanted))} (--text_column, --transliteration_column)."
        )
    return pairs


def config_name(inputs: InputArguments) -> str:
    """Return the dataset's config: the group, or the name of the TSV that describes the group."""
    group = inputs.dataset_config
    return Path(group).stem if group.endswith(".tsv") else group


def make_stand_in(
    folder: Path,
    train: Dataset,
    inputs: InputArguments,
    options: StandInArguments,
    training: PostTrainingArguments,
) -> Path:
    """Train tokenizer and small base on originals plus English, unless `folder` has them already.

    Returns:
        `folder`, now a stock XLM-R checkpoint.
    """
    wanted = {**vars(options), "seed": training.seed, "data": train._fingerprint}
    mark = folder / "stand_in.json"
    if mark.is_file() and json.loads(mark.read_text(encoding="utf-8")) == wanted:
        return folder
    sentences = [*train[inputs.text_column], *_english(inputs, options, training.seed)]
    tokenizer = train_tokenizer(sentences, options.stand_in_pieces)
    size = StandInSize(
        options.stand_in_layers,
        options.stand_in_hidden,
        options.stand_in_heads,
        options.stand_in_pieces,
    )
    model = build_model(tokenizer, size, training.seed, inputs.max_length)
    print(
        f"stand-in for a multilingual base: {len(sentences):,} sentences, {len(tokenizer):,} "
        f"pieces, {model.num_parameters():,} parameters, {options.stand_in_steps} steps"
    )
    arguments = PostTrainingArguments(
        output_dir=str(folder / "work"),
        max_steps=options.stand_in_steps,
        per_device_train_batch_size=options.stand_in_batch_size,
        gradient_accumulation_steps=1,
        learning_rate=options.stand_in_learning_rate,
        warmup_steps=options.stand_in_steps // 10,
        save_strategy="no",
        report_to="none",
        seed=training.seed,
        train_sampling_strategy="group_by_length",
        use_cpu=training.use_cpu,
        bf16=training.bf16,
        disable_tqdm=training.disable_tqdm,
    )
    pretrain(model, tokenizer, sentences, arguments, inputs.max_length)
    with training.main_process_first(local=False, desc="stand-in"):
        if training.process_index == 0:
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
            mark.write_text(json.dumps(wanted), encoding="utf-8")
    return folder


def _english(inputs: InputArguments, options: StandInArguments, seed: int) -> list[str]:
    """Text of the group's evaluation sources, which the base must know and pairs do not hold."""
    if options.stand_in_source == "none":
        return []
    from data_builders.sources import iter_sentences, parse_source

    source = parse_source(
        options.stand_in_source,
        seed=seed,
        count=inputs.dataset_count or 10_000,
        text_column=options.stand_in_text_column,
        include_ids=options.stand_in_include_ids,
        exclude_ids=options.stand_in_exclude_ids,
    )
    languages = load_group(inputs.dataset_config).evaluation_sources
    return [
        sentence.text
        for language in languages
        if source.covers(language)
        for sentence in iter_sentences(language, source)
        if sentence.drop is None and sentence.text
    ]


def report_unknown(
    tokenizer: PreTrainedTokenizerBase, rows: Dataset, inputs: InputArguments
) -> dict[str, float]:
    """Print and return the percentage of `<unk>` tokens in each view of a sample of the pairs."""
    sample = rows.shuffle(seed=0).select(range(min(UNK_SAMPLE, len(rows))))
    rate = {
        view: unknown_rate(tokenizer, sample[column])
        for view, column in (
            ("original", inputs.text_column),
            ("latin", inputs.transliteration_column),
        )
    }
    print(f"<unk> rate: original {rate['original']:.2f} %, Latin {rate['latin']:.2f} %")
    return rate


def _tokenize(
    rows: Dataset,
    tokenizer: PreTrainedTokenizerBase,
    inputs: InputArguments,
    training: PostTrainingArguments,
) -> Any:
    with training.main_process_first(local=False, desc="tokenise"):
        return rows.map(
            tokenize_pairs,
            batched=True,
            num_proc=inputs.preprocessing_num_proc,
            remove_columns=rows.column_names,
            desc="tokenise",
            fn_kwargs={
                "tokenizer": tokenizer,
                "max_length": inputs.max_length,
                "text_column": inputs.text_column,
                "transliteration_column": inputs.transliteration_column,
            },
        )


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
    from data_builders.benchmarks import get_benchmark

    benchmark = get_benchmark(inputs.validation_benchmark, directory=inputs.benchmark_dir)
    group = load_group(inputs.dataset_config)
    codes = [language.code for language in (*group.languages, *group.evaluation_sources)]
    directions = benchmark.directions(codes)
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


def _checkpoint_to_resume(output: Path, asked: str | None) -> str | None:
    """Return the checkpoint to go on from; a folder in use is never silently overwritten."""
    last = _last_whole_checkpoint(output)
    if asked in ("true", "True", "last"):
        if last is None:
            raise AlignmentError(
                f"{output} holds no checkpoint to resume from; leave the option out."
            )
        return last
    if asked:
        return asked
    if last or (output / RECORD_NAME).is_file():
        raise AlignmentError(
            f"{output} already holds a run. Give another --output_dir, delete it, or add "
            "--resume_from_checkpoint last."
        )
    return None


def _last_whole_checkpoint(output: Path) -> str | None:
    """Return the newest checkpoint that was not cut off while it was being written."""
    found: dict[int, Path] = {}
    for folder in output.glob("checkpoint-*"):
        number = folder.name.removeprefix("checkpoint-")
        try:
            # The Trainer writes its state last.
            json.loads((folder / "trainer_state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if number.isdecimal():
            found[int(number)] = folder
    return str(found[max(found)]) if found else None


def _record(
    trainer: AlignmentTrainer,
    inputs: InputArguments,
    base: str,
    rows: int,
    unk_rate: dict[str, float],
    seconds: float,
) -> TrainRecord:
    state, args = trainer.state, trainer.args
    config: Any = trainer.accelerator.unwrap_model(trainer.model).config
    build = Path(inputs.dataset_name or Path(str(args.output_dir)) / PAIRS_NAME)
    build_record = build / config_name(inputs) / "build_record.json"
    built = json.loads(build_record.read_text("utf-8")) if build_record.is_file() else {}
    history = [
        {name: value for name, value in entry.items() if isinstance(value, int | float)}
        for entry in state.log_history
    ]
    best = None
    if state.best_metric is not None and state.best_global_step is not None:
        metric = str(args.metric_for_best_model)
        best = {"step": state.best_global_step, "metric": metric, "value": state.best_metric}
    shown = (
        "learning_rate lr_scheduler_type warmup_steps weight_decay adam_beta1 adam_beta2 "
        "adam_epsilon max_grad_norm per_device_train_batch_size gradient_accumulation_steps "
        "num_train_epochs max_steps bf16 fp16 optim"
    ).split()
    arguments = {name: getattr(args, name) for name in shown}
    arguments = {n: getattr(v, "value", v) for n, v in arguments.items()}
    arguments |= {"world_size": args.world_size, "recipe": inputs.recipe}
    device = (
        torch.cuda.get_device_name() if torch.cuda.is_available() and not args.use_cpu else "cpu"
    )
    return TrainRecord.from_dict(
        {
            "kind": "train",
            "version": package_version(),
            "created": now(),
            "base": inputs.model_name_or_path or "stand-in trained from scratch",
            "base_revision": model_digest(base, getattr(config, "_commit_hash", None)),
            "data": {
                "name": inputs.dataset_name or f"built from {inputs.dataset_source}",
                "config": config_name(inputs),
                "digest": built.get("digest"),
                "rows": rows,
            },
            "transliterator": built.get("transliterator"),
            "alignment": config.alignment,
            "arguments": arguments,
            "steps": state.global_step,
            "epochs": float(state.epoch or 0),
            "seconds": round(seconds, 1),
            "machine": {**machine(), "device": device, "threads": torch.get_num_threads()},
            "libraries": libraries(LIBRARIES),
            "seed": args.seed,
            "unk_rate": unk_rate,
            "history": history,
            "best": best,
        }
    )


def save_checkpoint(
    trainer: AlignmentTrainer,
    tokenizer: PreTrainedTokenizerBase,
    output: Path,
    record: TrainRecord,
) -> None:
    """Write weights, config, tokenizer and record aside, then move them into `output`."""
    aside = output / ".saving"
    aside.mkdir(parents=True, exist_ok=True)
    trainer.accelerator.unwrap_model(trainer.model).save_pretrained(aside)
    tokenizer.save_pretrained(aside)
    write_record(aside / RECORD_NAME, record)
    # The record goes last: where it lies, the checkpoint beside it is whole.
    for path in sorted(aside.iterdir(), key=lambda path: path.name == RECORD_NAME):
        os.replace(path, output / path.name)
    aside.rmdir()


if __name__ == "__main__":
    raise SystemExit(main())
