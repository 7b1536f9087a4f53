"""The small base that is trained from scratch where none is given: a stand-in, made once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translit_ppa.data_builders import load_group
from translit_ppa.data_builders.whole_folder import put_in_place, remove
from translit_ppa.identity import model_digest
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.checkpoints.saving import save_checkpoint
from translit_ppa.modeling.json_file import read_object
from translit_ppa.modeling.training.arguments import (
    InputArguments,
    PostTrainingArguments,
    StandInArguments,
)
from translit_ppa.modeling.training.stand_in import (
    StandInSize,
    build_model,
    pretrain,
    train_tokenizer,
)

if TYPE_CHECKING:
    from datasets import Dataset

MARK_NAME = "stand_in.json"


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
    if _is_made(folder, wanted):
        return folder
    sentences = [*train[inputs.text_column], *_english(inputs, options, training.seed)]
    tokenizer = train_tokenizer(sentences, options.stand_in_pieces)
    tokenizer.model_max_length = inputs.max_length
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
    aside = folder.with_name(f".{folder.name}.making")
    arguments = PostTrainingArguments(
        output_dir=str(aside / "work"),
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
        dataloader_pin_memory=training.dataloader_pin_memory,
    )
    pretrain(model, tokenizer, sentences, arguments, inputs.max_length)
    with training.main_process_first(local=False, desc="stand-in"):
        if training.process_index == 0:
            remove(aside)
            save_checkpoint(model, tokenizer, aside)
            mark = {**wanted, "weights": model_digest(str(aside))}
            (aside / MARK_NAME).write_text(json.dumps(mark), encoding="utf-8")
            put_in_place(aside, folder)
            remove(aside)
    return folder


def _is_made(folder: Path, wanted: dict[str, Any]) -> bool:
    """Tell whether a folder holds the base that is wanted, whole; say so where it is damaged."""
    if not (folder / MARK_NAME).is_file():
        return False
    try:
        mark = read_object(folder / MARK_NAME)
    except AlignmentError as error:
        print(f"notice: {error}; the stand-in is made again", file=sys.stderr)
        return False
    weights = mark.pop("weights", None)
    if mark != wanted:
        return False
    if weights != model_digest(str(folder)):
        print(f"notice: the weights of {folder} are damaged; it is made again", file=sys.stderr)
        return False
    return True


def _english(inputs: InputArguments, options: StandInArguments, seed: int) -> list[str]:
    """Text of the group's evaluation sources, which the base must know and pairs do not hold."""
    if options.stand_in_source == "none":
        return []
    from translit_ppa.data_builders.sources.registry import iter_sentences, parse_source

    source = parse_source(
        options.stand_in_source,
        seed=seed,
        count=inputs.count if options.stand_in_source == "cldr" else None,
        text_column=options.stand_in_text_column,
        include_ids=options.stand_in_include_ids,
        exclude_ids=options.stand_in_exclude_ids,
    )
    languages = load_group(inputs.group).evaluation_sources
    return [
        sentence.text
        for language in languages
        if source.covers(language)
        for sentence in iter_sentences(language, source)
        if sentence.drop is None and sentence.text
    ]
