"""Romanising: `uroman-fast`, a wrapper of uroman-rs in Rust, against ours on unseen text.

It keeps no memory of earlier sentences. Its strings are not those of the uroman package everywhere:
each row tells the share that is. It is not installed with this project.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import uroman

from speed.romanisation.romaniser import SENTENCES, romanisable
from speed.settings import NotMeasured, Settings
from speed.text import sentences_by_language
from speed.timing import compare
from translit_ppa.data_builders.languages.groups import romaniser_code
from translit_ppa.data_builders.transliterators.uroman.romaniser import UromanTransliterator

WANTED = "uroman-fast==0.1.0b0"


def measure_rival(settings: Settings) -> list[dict[str, object]]:
    """Time the sentences of each language through `uroman-fast` and through ours.

    Args:
        settings: Text, rounds.

    Returns:
        Two rows per language, in milliseconds a sentence, CPU time of one process: ours with what
        it learns from the text, and with its memo emptied before every sentence.

    Raises:
        NotMeasured: It is not installed.
    """
    try:
        from uroman_fast import romanize
    except ImportError as error:
        raise NotMeasured(f"skipped: not installed, pip install --pre {WANTED}") from error
    count = 8 if settings.quick else SENTENCES
    package, ours = uroman.Uroman(), UromanTransliterator()
    rows = []
    for code, found in sentences_by_language(settings.text, count).items():
        lcode = romaniser_code(code)
        texts = [text for text in found if romanisable(package, text, lcode)]
        expected = [package.romanize_string(text, lcode=lcode) for text in texts]

        def rival(texts: Sequence[str] = texts, lcode: str | None = lcode) -> list[str]:
            return [romanize(text, lcode) for text in texts]

        def unseen(texts: Sequence[str] = texts, code: str = code) -> list[str]:
            ours.forget()
            return ours(texts, code)

        def forgetful(texts: Sequence[str] = texts, code: str = code) -> None:
            for text in texts:
                ours.forget()
                ours([text], code)

        if unseen() != expected:
            raise AssertionError(f"{code}: ours differs from the package")
        equal = sum(one == other for one, other in zip(rival(), expected, strict=True))
        note = f"left: uroman-fast {version('uroman-fast')}, whose strings are the package's in "
        note += f"{equal} of {len(texts)} sentences; ours in all"
        for ways, what in ((unseen, "uroman-fast"), (forgetful, "uroman-fast, no memo")):
            result = compare(rival, ways, settings.rounds)
            rows.append(result.row(f"{what}, {code}", "ms per sentence", 1000 / len(texts), note))
    return rows
