"""What a training reads: pairs, base model, tokens. What is not given is built first."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Sequence
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import PreTrainedTokenizerBase

from translit_ppa.data_builders import load_group
from translit_ppa.data_builders.benchmarks import BENCHMARKS, LABELLED, open_benchmark
from translit_ppa.data_builders.benchmarks.base import Form
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.reading.lines import read_lines
from translit_ppa.modeling.aligned.alignment_config import AlignmentError
from translit_ppa.modeling.training.anchored.language_batches import LANG_COLUMN
from translit_ppa.modeling.training.arguments import (
    InputArguments,
    PostTrainingArguments,
    StandInArguments,
)
from translit_ppa.modeling.training.stand_in import (
    unknown_rate,
)
from translit_ppa.modeling.training.token_table import (
    piece_ids,
    renumber,
    token_features,
    tokenize_pairs,
)
from translit_ppa.modeling.vocabulary.trim import kept_pieces, pieces_of, trim_model, trim_tokenizer
from translit_ppa.pairs import config_name, open_pairs
from translit_ppa.training.bases.own_place import Place
from translit_ppa.training.bases.small_base import make_stand_in
from translit_ppa.training.build_options import build_for

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

UNK_SAMPLE = 20_000
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
    base = inputs.base
    if base is None:
        base = str(make_stand_in(output / BASE_NAME, pairs["train"], inputs, stand_in, training))
    return pairs, base


def load_or_build_pairs(
    inputs: InputArguments, folder: Path, training: PostTrainingArguments
) -> DatasetDict:
    """Open the pairs that the arguments name, or build them from `source` into `folder`.

    Raises:
        DataError: If the pairs cannot be opened, or lack a column or the train split.
    """
    names = inputs.pairs
    if names is None:
        names = [str(folder)]
        build_for(inputs, folder, training)
    columns = (inputs.text_column, inputs.transliteration_column)
    found = [
        open_pairs(name, config, inputs.pairs_revision, "train", columns).dataset
        for name, config in named_pairs(names, inputs.group)
    ]
    return found[0] if len(found) == 1 else _together(found, columns)


def named_pairs(names: Sequence[str], group: str) -> list[tuple[str, str]]:
    """Return name and config of each of several pairs.

    The config is the group. Text in other languages may be trained on together with a group's:
    where one of several folders has the group, another that has one config alone gives that.
    """
    records = {name: sorted(Path(name).glob("*/build_record.json")) for name in names}
    there = {name: [path.parent.name for path in paths] for name, paths in records.items()}
    wanted = config_name(group)
    if not any(wanted in configs for configs in there.values()):
        return [(name, group) for name in names]
    return [
        (name, there[name][0] if len(there[name]) == 1 and wanted not in there[name] else group)
        for name in names
    ]


def _together(found: Sequence[DatasetDict], columns: Sequence[str]) -> DatasetDict:
    """Put pairs one behind the other, split by split; of other columns the language stays."""
    from datasets import DatasetDict, concatenate_datasets

    kept = list(columns)
    if all(LANG_COLUMN in pairs["train"].column_names for pairs in found):
        kept.append(LANG_COLUMN)
    splits = dict.fromkeys(split for pairs in found for split in pairs)
    return DatasetDict(
        {
            split: concatenate_datasets(
                [pairs[split].select_columns(kept) for pairs in found if split in pairs]
            )
            for split in splits
        }
    )


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
    place: Place,
) -> Any:
    """Tokenise one split of the pairs into `datasets`' cache: later runs read it from there."""
    read = {"prompt": place.prompt, "lower_case": place.lower_case}
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
                **{name: value for name, value in read.items() if value},
            },
        )


def trim(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    tables: dict[str, Any],
    texts: Iterator[str],
    training: PostTrainingArguments,
) -> tuple[PreTrainedTokenizerBase, dict[str, Any]]:
    """Leave out of the vocabulary what neither pairs nor benchmarks use.

    Args:
        model: Trimmed in place.
        tokenizer: Of the full vocabulary.
        tables: The tokenised pairs by split.
        texts: From `texts_to_keep`.
        training: Which process goes first.

    Returns:
        The trimmed tokenizer, and the tables in its numbers.
    """
    used: set[int] = set().union(*map(piece_ids, tables.values()))
    while some := list(itertools.islice(texts, 10_000)):
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


def texts_to_keep(inputs: InputArguments, validation: Form | None) -> Iterator[str]:
    """Yield the text, besides the pairs, whose pieces a trimmed vocabulary keeps.

    Args:
        inputs: Of `trim_keep`, files are read whole, benchmarks in the group's languages.
        validation: The validation benchmark; its test split is kept too.
    """
    codes = load_group(inputs.group).scored_codes
    given = [kept_source(name) for name in inputs.trim_keep or []]
    for source in given if validation is None else [validation, *given]:
        if isinstance(source, list):
            yield from lines_of(source)
            continue
        texts = [t for split in source.splits for code in codes for t in source.texts(code, split)]
        print(f"vocabulary: {len(texts):,} texts of {source.name} are kept")
        yield from texts


def kept_source(name: str) -> list[Path] | Form:
    """Open the benchmark, or find the file or the files of the folder, that `trim_keep` names.

    Raises:
        AlignmentError: If there is nothing of that name, or no text in it.
        DataError: If the benchmark cannot be opened.
    """
    legal = [*BENCHMARKS, *LABELLED]
    if name.partition(":")[0] in legal:
        return open_benchmark(name)
    # Leaves out what is hidden, as Path.rglob does not.
    below = [""] if Path(name).is_file() else sorted(glob("**", root_dir=name, recursive=True))
    files = [file for place in below if (file := Path(name, place)).is_file()]
    if all(_read(file) is None for file in files):
        raise AlignmentError(
            f"trim_keep {name} is or holds no text file. Legal: UTF-8 text, plain or .gz, folders "
            f"of such, and {', '.join(legal)}, alone or with :DIR."
        )
    return files


def lines_of(files: list[Path]) -> Iterator[str]:
    """Yield the lines of those files that are text; say which are not."""
    skipped = []
    for file in files:
        if (lines := _read(file)) is None:
            skipped.append(str(file))
        else:
            yield from (line.strip() for line in lines)
    told = f"; skipped, because they are no UTF-8 text: {', '.join(skipped)}" if skipped else ""
    print(f"vocabulary: {len(files) - len(skipped):,} files are kept{told}")


def _read(file: Path) -> list[str] | None:
    """The lines of a plain or gzipped text file; None where it is something else."""
    try:
        lines = read_lines(file)
    except (DataError, zlib.error):
        return None
    # An archive of texts is UTF-8 as well, but for its zeros.
    return None if any("\0" in line for line in lines) else lines
