"""A checkpoint between a base and what it was trained into."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from translit_ppa.data_builders import get_benchmark, load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.schema import TEXT, TRANSLITERATION
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import TrainRecord, write_record
from translit_ppa.hub_cards.records.record_types import HarmCheck
from translit_ppa.hub_reading import reads_hub
from translit_ppa.identity import model_digest, training_of
from translit_ppa.training.outputs import RECORD_NAME

__all__ = ["interpolate"]

AUTO = "auto"


@raises_translit_error
@reads_hub
def interpolate(
    base: str | os.PathLike[str],
    trained: Any,
    alpha: float | str,
    out: str | os.PathLike[str],
    *,
    pairs: Any = None,
    group: str | None = None,
    validation_benchmark: str | None = None,
    revision: str | None = None,
) -> Path:
    """Write the weights (1 - alpha) base + alpha trained: part of the gain, less of the change.

    Args:
        base: Name on the Hub or folder of the model that training began from.
        trained: Name on the Hub or folder of what it ended with, or the run that `align` returns.
        alpha: 0 is the base, 1 the trained model; `auto` tries several on the validation split of
            the pairs and takes the best of those that make nothing worse than the base.
        out: A folder that is not there yet.
        pairs: For `auto`: folder or Hub id of pairs, or several. None: those of the training.
        group: For `auto`: config of the pairs, and languages of the benchmark. None: that of the
            training, else `mediterranean`.
        validation_benchmark: For `auto`: parallel text that is asked too, as `score` takes it.
        revision: Commit, tag or branch of the base.

    Returns:
        The folder: a stock checkpoint, with the record of the training, which tells alpha, and what
        was tried.

    Raises:
        TranslitError: Alpha is outside 0 to 1, the two have other shapes or tokenizers, `out` is
            there, or there is nothing to choose by.

    Source:
        Wortsman et al. 2022 (WiSE-FT), arXiv 2109.01903.
    """
    # Not above: these load torch, which whoever asks for help does not need.
    from translit_ppa.modeling.checkpoints.interpolate import check_alpha, open_line
    from translit_ppa.modeling.checkpoints.saving import save_checkpoint
    from translit_ppa.modeling.checkpoints.sentence_files import carry_sentence_files
    from translit_ppa.modeling.checkpoints.tokenizer_check import carry_sentencepiece

    folder = Path(out)
    if folder.exists():
        raise DataError(f"{folder} exists; give another --out, or remove it")
    if isinstance(alpha, str) and alpha != AUTO:
        raise DataError(f"alpha is {alpha!r}; legal: 0 (the base) to 1 (the trained), or {AUTO}")
    end = os.fspath(getattr(trained, "folder", trained))
    record = training_of(end)
    questions = None
    if isinstance(alpha, str):
        questions = _questions(record, pairs, group, validation_benchmark)
    else:
        check_alpha(alpha)
    line, tokenizer = open_line(os.fspath(base), end, revision=revision)
    check = None
    if questions is not None:
        check = _best(line, tokenizer, questions, end)
        alpha = check.alpha
    line.move(float(alpha))
    aside = folder.with_name(f".{folder.name}.saving")
    shutil.rmtree(aside, ignore_errors=True)
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        save_checkpoint(line.model, tokenizer, aside)
        carry_sentence_files(end, aside)
        carry_sentencepiece(end, tokenizer, aside)
        if record is not None:
            told: dict[str, Any] = {"alpha": alpha, "trained": model_digest(end)}
            told["base"] = model_digest(os.fspath(base), revision)
            if check is not None:
                told["tried"] = [asdict(point) for point in check.tried]
            arguments = {**record.arguments, "interpolated": told}
            # What was measured of the trained weights is not true of these.
            write_record(aside / RECORD_NAME, replace(record, arguments=arguments, harm=check))
        os.replace(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _questions(
    record: TrainRecord | None, pairs: Any, group: str | None, validation_benchmark: str | None
) -> Any:
    """Take what is asked from the validation split of the pairs, given or of the training.

    Raises:
        DataError: There are no pairs, or too few rows, and no benchmark.
    """
    from translit_ppa.training.alignment import named_values
    from translit_ppa.training.harm.questions import FEWEST, Questions
    from translit_ppa.training.inputs import named_pairs

    named: Sequence[tuple[str, str]] = []
    if pairs is not None:
        values = named_values(None, pairs, None, group, None)
        named = named_pairs(values["pairs"], values.get("group", "mediterranean"))
    elif record is not None:
        data = {"name": record.data.name, "config": record.data.config}
        parts = record.arguments.get("pairs") or [data]
        named = [(part["name"], part["config"] or group or "mediterranean") for part in parts]
    more: dict[str, Any] = {}
    if validation_benchmark is not None:
        benchmark = get_benchmark(validation_benchmark)
        split = "validation" if "validation" in benchmark.splits else benchmark.splits[0]
        codes = load_group(group or "mediterranean").scored_codes
        more = {"benchmark": benchmark, "codes": codes, "split": split}
    questions = Questions.of_pairs(named, (TEXT, TRANSLITERATION), **more)
    if not questions:
        raise DataError(
            f"--alpha {AUTO} has nothing to choose by; give --pairs with a validation split of "
            f"{FEWEST} rows or more, or --validation-benchmark"
        )
    return questions


def _best(line: Any, tokenizer: Any, questions: Any, trained: str) -> HarmCheck:
    """Ask the model along the line, print what was found, and return it."""
    from translit_ppa.modeling import SentenceEncoder
    from translit_ppa.modeling.checkpoints.sentence_way import read_way
    from translit_ppa.training.harm.verdict import best_point, in_one_line

    # A copy: encoding sets how a tokenizer cuts and pads, which would be saved with it.
    encoder = SentenceEncoder(line.model, deepcopy(tokenizer), way=read_way(trained))

    def ask_at(alpha: float) -> Any:
        line.move(alpha)
        return questions.ask(encoder)

    check = best_point(ask_at(0.0), ask_at)
    for point in check.tried:
        told = f"; worse than the base: {', '.join(point.worse)}" if point.worse else ""
        print(f"alpha {point.alpha:g}: mean top-10 {point.mean:.1f}{told}")
    print(in_one_line(check))
    return check
