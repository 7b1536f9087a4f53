"""Finds tagged files by the names under which they are released.

`CODE/train.iob2`, `CODE/valid.txt` (MasakhaNER), `CODE/train` (PAN-X), `train-CODE.tsv` (Glot500),
`zh_gsdsimp-ud-test.iob2` (Universal NER), `NER-de-train.tsv` (GermEval), `eng.testa` (CoNLL-2003),
`de/val.conllu` (WikiNEuRal), `DE-German/de_dev.conll`, `de-dev.conll` (MultiCoNER).
"""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import DataError
from ...languages.aliases import WIKIPEDIA_LANGUAGES
from ...packed import unpacked_name
from ..files import by_code, code_of
from .base import SPLITS, one_arabic

__all__ = ["find_splits"]

_SPLIT_NAMES = {
    **{split: split for split in SPLITS},
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
}
_UNIVERSAL = re.compile(r"([a-z]{2,3})_\w+-ud-(train|dev|test)")
_GERMEVAL = re.compile(r"NER-([a-z]{2,3})-(train|dev|test)")
_MULTICONER = re.compile(r"([a-z]{2})[_-](train|dev|test)")
_KLUE = re.compile(r"klue-ner-v[0-9.]+_(train|dev|test)")
_CONLL = re.compile(r"([a-z]{2,3})\.(train|testa|testb)")
_CONLL_CODES = {"esp": "spa", "ned": "nld"}
_CONLL_SPLITS = {"train": "train", "testa": "dev", "testb": "test"}

Found = dict[str, dict[str, list[Path]]]


def find_splits(folder: Path, endings: tuple[str, ...]) -> tuple[Found, dict[str, str]]:
    """Find the files of each language and split.

    Args:
        folder: Where to look, and in folders there.
        endings: Legal ends of file names before `.gz`, `.xz`, `.zst`.

    Returns:
        Paths by split by code, sorted; and why other files are passed over, by their place.

    Raises:
        DataError: Two files are the same split of a language, and not two treebanks.
    """
    paths: Found = {}
    passed_over: dict[str, str] = {}
    for path in sorted(folder.glob("*")):
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            place = _place(file, path, endings)
            told = file.relative_to(folder).as_posix()
            if place is None:
                passed_over[told] = "its name tells no language and split"
            elif code_of(place[0]) is None:
                passed_over[told] = f"{place[0]!r} is no language code"
            else:
                code, split, many = place
                before = paths.setdefault(code, {}).setdefault(split, [])
                if before and not many:
                    raise DataError(f"{before[0]} and {file} are the same data; remove one")
                before.append(file)
    spelling = one_arabic(by_code(paths, str(folder)))
    return {code: paths[stem] for code, stem in sorted(spelling.items())}, passed_over


def _place(file: Path, path: Path, endings: tuple[str, ...]) -> tuple[str, str, bool] | None:
    """Read language and split out of a name; and whether a language may have several such files."""
    name = unpacked_name(file)
    if conll := _CONLL.fullmatch(name):
        return _CONLL_CODES.get(conll[1], conll[1]), _CONLL_SPLITS[conll[2]], False
    for ending in sorted(endings, key=len, reverse=True):
        stem = name.removesuffix(ending)
        if not name.endswith(ending):
            continue
        if universal := _UNIVERSAL.fullmatch(stem):
            return universal[1], universal[2], True
        if germeval := _GERMEVAL.fullmatch(stem):
            return germeval[1], germeval[2], False
        if ending == ".conll" and (multiconer := _MULTICONER.fullmatch(stem)):
            return multiconer[1], multiconer[2], False
        if klue := _KLUE.fullmatch(stem):
            return "kor", klue[1], False
        if file is not path and stem in _SPLIT_NAMES:
            # PAN-X, whose files have no ending, names languages as Wikipedia does.
            code = path.name if ending else WIKIPEDIA_LANGUAGES.get(path.name, path.name)
            return code, _SPLIT_NAMES[stem], False
        first, dash, code = stem.partition("-")
        if file is path and ending and dash and first in _SPLIT_NAMES:
            return code, _SPLIT_NAMES[first], False
    return None
