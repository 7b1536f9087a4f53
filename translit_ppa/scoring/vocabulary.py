"""What originals and transliterations use of a tokenizer's pieces.

Out: a record, which `vocabulary_table` shows; with `out` also the table as Markdown and CSV, and a
figure.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from translit_ppa.data_builders.schema import LANG, SCRIPT, TEXT, TRAIN, TRANSLITERATION
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import to_markdown, write_record
from translit_ppa.hub_cards.figures.vocabulary import vocabulary_figure, vocabulary_table
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.figure_records import VocabularyRecord
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_reading import reads_hub
from translit_ppa.identity import LIBRARIES, tokenizer_digest, training_of
from translit_ppa.modeling.vocabulary import usage
from translit_ppa.pairs import Pairs, build_facts, open_pairs

if TYPE_CHECKING:
    from datasets import Dataset

__all__ = ["RECORD_NAME", "vocabulary_use"]

RECORD_NAME = "vocabulary_record.json"
WHOLE = "all"
SAMPLE_SEED = 42


@raises_translit_error
@reads_hub
def vocabulary_use(
    model: str | os.PathLike[str],
    pairs: Pairs | str | os.PathLike[str],
    *,
    group: str = "mediterranean",
    revision: str | None = None,
    pairs_revision: str | None = None,
    split: str = TRAIN,
    text_column: str = TEXT,
    transliteration_column: str = TRANSLITERATION,
    max_samples: int | None = None,
    out: str | os.PathLike[str] | None = None,
) -> VocabularyRecord:
    """Count the pieces that originals and transliterations use, by language.

    Args:
        model: Hub id or folder with a tokenizer.
        pairs: Hub id or folder of paired data, or what `build_pairs` returned.
        group: Of `pairs`: the language group, or a group's TSV.
        revision: Commit, tag or branch of the model on the Hub.
        pairs_revision: Commit, tag or branch of the pairs on the Hub.
        split: Of the pairs.
        text_column: Column of the originals.
        transliteration_column: Column of the Latin forms.
        max_samples: Count over so many rows, drawn with a fixed seed; None for all.
        out: Folder for the record, the table and the figure.

    Returns:
        Distinct pieces, tokens, words and unknown ones by language and in all.

    Raises:
        TranslitError: The tokenizer or the pairs cannot be opened, or lack a column or the split.
    """
    columns = (text_column, transliteration_column)
    if isinstance(pairs, Pairs):
        opened = open_pairs(pairs.name, pairs.config, pairs.revision, split, columns)
    else:
        opened = open_pairs(pairs, group, pairs_revision, split, columns)
    rows = opened[split]
    if max_samples is not None and max_samples < len(rows):
        rows = rows.shuffle(seed=SAMPLE_SEED).select(range(max_samples))
    by_view = {"original": text_column, "latin": transliteration_column}
    record = _count(os.fspath(model), revision, opened, rows, split, by_view)
    if out is not None:
        folder = Path(out)
        vocabulary_figure(record, folder / "vocabulary.png")
        write_atomically(folder / "vocabulary.md", to_markdown(vocabulary_table(record)).encode())
        write_record(folder / RECORD_NAME, record)
    return record


def _count(
    model: str,
    revision: str | None,
    pairs: Pairs,
    rows: Dataset,
    split: str,
    columns: dict[str, str],
) -> VocabularyRecord:
    tokenizer = _open_tokenizer(model, revision)
    languages: list[dict[str, Any]] = []
    whole = {side: usage.VocabularyUse() for side in columns}
    for code, part in tqdm(_by_language(rows).items(), desc="languages", disable=None):
        entry: dict[str, Any] = {"code": code, "sentences": len(part)}
        for side, column in columns.items():
            use = usage.vocabulary_use(tokenizer, part[column])
            whole[side] += use
            entry[side] = use.counts()
        languages.append(entry)
    everything: dict[str, Any] = {"code": WHOLE, "sentences": len(rows)}
    everything |= {side: use.counts() for side, use in whole.items()}
    built = build_facts(pairs.name, pairs.config, pairs.revision)
    trained = training_of(model)  # its pieces come from the base
    return VocabularyRecord.from_dict(
        {
            "kind": "vocabulary",
            "version": package_version(),
            "created": now(),
            "model": model,
            "base": trained.base if trained else model,
            "tokenizer_digest": tokenizer_digest(tokenizer),
            "vocabulary": len(tokenizer),
            "data": {
                "name": pairs.name,
                "config": pairs.config,
                "digest": built.get("digest"),
                "rows": len(rows),
            },
            "split": split,
            "transliterator": built.get("transliterator"),
            "languages": languages,
            "whole": everything,
            "libraries": libraries(LIBRARIES),
        }
    )


def _open_tokenizer(model: str, revision: str | None) -> Any:
    from transformers import AutoTokenizer

    from translit_ppa.modeling.opening import OWN_CODE, opening, require_pieces

    with opening(model, "tokenizer"):
        tokenizer = AutoTokenizer.from_pretrained(model, revision=revision, **OWN_CODE)
    require_pieces(tokenizer, model)
    return tokenizer


def _by_language(rows: Dataset) -> dict[str, Dataset]:
    """Part rows by language and script, in the order of first appearance of the sorted codes."""
    if not {LANG, SCRIPT} <= set(rows.column_names):
        return {"mul_Zyyy": rows}
    codes = [f"{a}_{b}" for a, b in zip(rows[LANG], rows[SCRIPT], strict=True)]
    places: dict[str, list[int]] = {}
    for place, code in enumerate(codes):
        places.setdefault(code, []).append(place)
    return {code: rows.select(places[code]) for code in sorted(places)}
