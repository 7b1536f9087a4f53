"""Sentences that are given themselves, written where a build finds the same file again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import load_group, resolve_code
from translit_ppa.pairs import config_name

__all__ = ["write_sentences"]


def write_sentences(
    sentences: Iterable[str], language: str | None, group: str, out: Path
) -> tuple[str, list[str]]:
    """Write sentences where the next call finds the same file, so that a build can go on.

    Args:
        sentences: One by one.
        language: Code of their language.
        group: Its group, a name or a TSV.
        out: Dataset folder.

    Returns:
        The source, and the language as a list.

    Raises:
        DataError: The language is not given or not one of the group, or something is no string.
    """
    if language is None:
        raise DataError('sentences need their language; legal is a code such as "ell_Grek"')
    code = resolve_code(language)
    legal = load_group(group).codes
    if code not in legal:
        raise DataError(
            f"{code} is no language of {group}, which has {', '.join(legal)}; give another group, "
            "or the path of a TSV of your own"
        )
    folder = out / ".text" / config_name(group) / code
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{code}.txt"
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("w", encoding="utf-8", errors="surrogatepass", newline="\n") as file:
            for number, sentence in enumerate(sentences):
                file.write(f"{_one_line(sentence, number)}\n")
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return f"files:{folder}", [code]


def _one_line(sentence: Any, number: int) -> str:
    if not isinstance(sentence, str):
        raise DataError(f"sentence {number} is {type(sentence).__name__}; legal are strings")
    # A build makes one space of every run of white space too.
    return " ".join(sentence.split())
