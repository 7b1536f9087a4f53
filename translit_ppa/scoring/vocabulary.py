"""`eval.py vocabulary`: what originals and transliterations use of a tokenizer's pieces.

    python eval.py vocabulary --model runs/train --dataset_name runs/pairs \
        --dataset_config mediterranean --out runs/vocabulary

Out: a table in the terminal; with --out also the record, the table as Markdown and CSV, a figure.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from translit_ppa.data_builders.schema import LANG, SCRIPT, TEXT, TRANSLITERATION
from translit_ppa.errors import user_errors_exit_2
from translit_ppa.hub_cards import to_markdown, to_terminal, write_record
from translit_ppa.hub_cards.figures.vocabulary import vocabulary_figure, vocabulary_table
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_cards.records.vocabulary_record import VocabularyRecord
from translit_ppa.identity import LIBRARIES, tokenizer_digest, training_of
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.vocabulary.usage import VocabularyUse, vocabulary_use
from translit_ppa.pairs import build_facts, config_name, open_pairs

if TYPE_CHECKING:
    from datasets import Dataset

RECORD_NAME = "vocabulary_record.json"
WHOLE = "all"


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Count, record, print; see the module's text for the command line."""
    args = _parser().parse_args(argv)
    columns = (args.text_column, args.transliteration_column)
    pairs = open_pairs(
        args.dataset_name, args.dataset_config, args.dataset_revision, args.split, columns
    )
    rows = pairs[args.split]
    if args.max_samples is not None and args.max_samples < len(rows):
        rows = rows.shuffle(seed=42).select(range(args.max_samples))
    record = analyse(args, rows)
    table = vocabulary_table(record)
    print(to_terminal(table))
    if args.out is not None:
        vocabulary_figure(record, args.out / "vocabulary.png")
        write_atomically(args.out / "vocabulary.md", to_markdown(table).encode())
        write_record(args.out / RECORD_NAME, record)
        print(f"{args.out}: {RECORD_NAME}, vocabulary.md, vocabulary.csv, vocabulary.png")
    return 0


def analyse(args: argparse.Namespace, rows: Dataset) -> VocabularyRecord:
    """Count over the rows of some pairs, language by language."""
    tokenizer = _open_tokenizer(args.model, args.revision)
    languages: list[dict[str, Any]] = []
    whole = {"original": VocabularyUse(), "latin": VocabularyUse()}
    columns = (("original", args.text_column), ("latin", args.transliteration_column))
    for code, part in tqdm(_by_language(rows).items(), desc="languages", disable=None):
        entry: dict[str, Any] = {"code": code, "sentences": len(part)}
        for side, column in columns:
            use = vocabulary_use(tokenizer, part[column])
            whole[side] += use
            entry[side] = use.counts()
        languages.append(entry)
    everything: dict[str, Any] = {"code": WHOLE, "sentences": len(rows)}
    everything |= {side: use.counts() for side, use in whole.items()}
    built = build_facts(args.dataset_name, args.dataset_config)
    trained = training_of(args.model)  # its pieces come from the base
    return VocabularyRecord.from_dict(
        {
            "kind": "vocabulary",
            "version": package_version(),
            "created": now(),
            "model": args.model,
            "base": trained.base if trained else args.model,
            "tokenizer_digest": tokenizer_digest(tokenizer),
            "vocabulary": len(tokenizer),
            "data": {
                "name": args.dataset_name,
                "config": config_name(args.dataset_config),
                "digest": built.get("digest"),
                "rows": len(rows),
            },
            "split": args.split,
            "transliterator": built.get("transliterator"),
            "languages": languages,
            "whole": everything,
            "libraries": libraries(LIBRARIES),
        }
    )


def _open_tokenizer(model: str, revision: str | None) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(model, revision=revision)
    except (OSError, ValueError) as error:
        raise AlignmentError(f"cannot open the tokenizer of {model}: {error}") from error


def _by_language(rows: Dataset) -> dict[str, Dataset]:
    """Part rows by language and script, in the order of first appearance of the sorted codes."""
    if not {LANG, SCRIPT} <= set(rows.column_names):
        return {"mul_Zyyy": rows}
    codes = [f"{a}_{b}" for a, b in zip(rows[LANG], rows[SCRIPT], strict=True)]
    places: dict[str, list[int]] = {}
    for place, code in enumerate(codes):
        places.setdefault(code, []).append(place)
    return {code: rows.select(places[code]) for code in sorted(places)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eval.py vocabulary",
        description="Count the distinct pieces, pieces per word, coverage and unknown rate of "
        "originals and of transliterations, by language (Table 6 of arXiv 2406.19759).",
    )
    add = parser.add_argument
    add("--model", required=True, help="Hub id or folder with a tokenizer")
    add("--revision", help="commit, tag or branch of the model on the Hub")
    add("--dataset_name", required=True, help="Hub id or folder of paired data")
    add("--dataset_config", default="mediterranean", help="language group, or a group's TSV")
    add("--dataset_revision", help="commit, tag or branch of the dataset")
    add("--split", default="train", help="split of the pairs (default: train)")
    add("--text_column", default=TEXT, help="column of the originals")
    add("--transliteration_column", default=TRANSLITERATION, help="column of the Latin forms")
    add("--max_samples", type=int, help="count over this many rows, drawn with a fixed seed")
    add("--out", type=Path, help="folder for the record, the table and the figure")
    return parser
