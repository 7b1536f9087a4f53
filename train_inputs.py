"""What a training reads: pairs, base model, tokens. What is not given is built first."""

from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import PreTrainedTokenizerBase

from corridor import open_pairs
from data_builders import build_pairs, load_group
from modeling.alignment_config import AlignmentError
from modeling.arguments import InputArguments, PostTrainingArguments, StandInArguments
from modeling.stand_in import StandInSize, build_model, pretrain, train_tokenizer, unknown_rate
from modeling.token_table import piece_ids, renumber, token_features, tokenize_pairs
from modeling.trim_vocabulary import kept_pieces, pieces_of, trim_model, trim_tokenizer

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

UNK_SAMPLE = 20_000
TEXT_SUFFIXES = {".txt", ".tsv", ".csv", ".conllu", ".iob2"}
PAIRS_NAME = "pairs"
BASE_NAME = "base"


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
    return open_pairs(
        name,
        inputs.dataset_config,
        inputs.dataset_revision,
        "train",
        (inputs.text_column, inputs.transliteration_column),
    )


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
        dataloader_pin_memory=training.dataloader_pin_memory,
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


def tokenize(
    rows: Dataset,
    tokenizer: PreTrainedTokenizerBase,
    inputs: InputArguments,
    training: PostTrainingArguments,
) -> Any:
    """Tokenise one split of the pairs into `datasets`' cache: later runs read it from there."""
    with training.main_process_first(local=False, desc="tokenise"):
        return rows.map(
            tokenize_pairs,
            batched=True,
            num_proc=inputs.preprocessing_num_proc,
            remove_columns=rows.column_names,
            features=token_features(len(tokenizer)),
            desc="tokenise",
            fn_kwargs={
                "tokenizer": tokenizer,
                "max_length": inputs.max_length,
                "text_column": inputs.text_column,
                "transliteration_column": inputs.transliteration_column,
            },
        )


def trim(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    tables: dict[str, Any],
    sentences: Iterable[str],
    keep: Sequence[str],
    training: PostTrainingArguments,
) -> tuple[PreTrainedTokenizerBase, dict[str, Any]]:
    """Leave out of the vocabulary what neither pairs nor benchmarks use.

    Args:
        model: Trimmed in place.
        tokenizer: Of the full vocabulary.
        tables: The tokenised pairs by split.
        sentences: Text of the validation benchmark.
        keep: Text files or folders.
        training: Which process goes first.

    Returns:
        The trimmed tokenizer, and the tables in its numbers.
    """
    used: set[int] = set()
    for table in tables.values():
        used |= piece_ids(table)
    lines = itertools.chain(sentences, *(_lines(Path(name)) for name in keep))
    while some := list(itertools.islice(lines, 10_000)):
        used |= pieces_of(tokenizer, some)
    kept = kept_pieces(tokenizer, used)
    print(f"vocabulary: {len(kept):,} of {len(tokenizer):,} pieces are used and kept")
    trim_model(model, kept)
    with training.main_process_first(local=False, desc="trim"):
        renumbered = {
            split: table.with_format("arrow").map(
                renumber,
                batched=True,
                features=token_features(len(kept)),
                fn_kwargs={"kept": kept},
                desc="renumber",
            )
            for split, table in tables.items()
        }
    return trim_tokenizer(tokenizer, kept), renumbered


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, or of all text files of a folder, plain or gzipped."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    texts = [f for f in files if set(f.suffixes) & TEXT_SUFFIXES and f.is_file()]
    if not texts:
        raise AlignmentError(
            f"{path} is or holds no text file. Legal: {', '.join(sorted(TEXT_SUFFIXES))}, "
            "or .gz of these."
        )
    for file in texts:
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8", errors="replace") as lines:
            yield from (line.strip() for line in lines)
