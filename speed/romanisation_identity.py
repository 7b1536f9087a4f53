"""Check that the romaniser gives what the uroman package gives, string for string.

    python -m speed.romanisation_identity --text DIR --sentences 10000 --random 100000

Real lines of a folder with and without their language code, and random strings of every script
named; each goes through ``uroman.Uroman().romanize_string`` and through ours, whose memo is emptied
now and then. Where the two differ, the package is asked again: for some strings it takes one of
several romanisations by memory address, and so differs from itself. Writes a JSON record.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import uroman

from corridor import user_errors_exit_2
from data_builders.errors import DataError
from data_builders.languages import romaniser_code
from data_builders.transliterators.uroman import UromanTransliterator
from hub_cards.environment import libraries, now, package_version
from hub_cards.records import write_atomically
from speed.romanisation_text import lines_by_language, random_strings, scripts

LANGUAGES = (
    None,
    "ell",
    "rus",
    "ukr",
    "bel",
    "kaz",
    "fas",
    "pus",
    "uig",
    "yid",
    "ben",
    "san",
    "tur",
)
"""Codes for random strings: those with rules of their own, or another inherent vowel."""
SCRIPTS = (
    "Thai Lao Myanmar Tibetan CJK Hangul Arabic Hebrew Ethiopic Greek Latin Cyrillic Devanagari "
    "Bengali Khmer Hiragana Katakana Armenian Georgian Gurmukhi Tamil Syriac Coptic Thaana"
).split()
FORGET_EVERY = 997
AGAIN = 40


class Comparison:
    """Compares the package with ours, and counts."""

    def __init__(self) -> None:
        self.reference = uroman.Uroman()
        self.plain = UromanTransliterator(language_code=False)
        self.coded = UromanTransliterator()
        self.compared = 0

    def package(self, text: str, lang: str | None) -> str:
        """Romanises with the package; an error becomes its name."""
        try:
            return str(self.reference.romanize_string(text, lcode=romaniser_code(lang)))
        except Exception as error:
            return f"raises {type(error).__name__}"

    def ours(self, text: str, lang: str | None) -> str:
        """Romanises with ours; an error becomes the name of the package's."""
        self.compared += 1
        if self.compared % FORGET_EVERY == 0:
            self.coded.forget()
        try:
            return (self.coded if lang else self.plain)([text], lang)[0]
        except DataError as error:
            return f"raises {type(error.__cause__).__name__}"

    def check(self, texts: Iterable[str], langs: Sequence[str | None]) -> dict[str, Any]:
        """Compares strings.

        Args:
            texts: the strings.
            langs: language codes, which the strings take in turn.

        Returns:
            Counts, and the strings that differ.
        """
        count, unstable, different = 0, 0, []
        for number, text in enumerate(texts):
            count += 1
            lang = langs[number % len(langs)]
            expected, found = self.package(text, lang), self.ours(text, lang)
            if expected != found:
                again = {self.package(text, lang) for _ in range(AGAIN)} | {expected}
                unstable += len(again) > 1
                if len(again) == 1:
                    different.append([text, lang, expected, found])
        return {"strings": count, "package_unstable": unstable, "different": different}


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print a line per part, write the record; 1 when any string differs."""
    args = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    begun = time.monotonic()
    comparison = Comparison()
    parts: list[dict[str, Any]] = []

    def add(kind: str, name: str, result: dict[str, Any]) -> None:
        parts.append({"kind": kind, "name": name, **result})
        print(
            f"{kind} {name}: {result['strings']:,} strings, {len(result['different'])} differ, "
            f"{result['package_unstable']} on which the package differs from itself",
            flush=True,
        )
        for row in result["different"][:3]:
            print("   ", row)

    for folder in args.text:
        for code, lines in lines_by_language(folder).items():
            for lang in (code, None):
                add(
                    f"text, {'with' if lang else 'without'} code",
                    code,
                    comparison.check(lines[: args.sentences], [lang]),
                )
    known = scripts()
    for script in args.scripts:
        if script not in known:
            raise DataError(f"unknown script {script}; legal are {', '.join(known)}")
        draws = itertools.islice(random_strings(script, args.seed), args.random)
        add("random", script, comparison.check(draws, LANGUAGES))
    record = {
        "kind": "romanisation identity",
        "version": package_version(),
        "created": now(),
        "libraries": libraries(("uroman", "regex")),
        "python": sys.version.split()[0],
        "settings": {
            "sentences": args.sentences,
            "random": args.random,
            "seed": args.seed,
            "folders": [folder.name for folder in args.text],
        },
        "seconds": round(time.monotonic() - begun, 1),
        "strings": sum(part["strings"] for part in parts),
        "different": sum(len(part["different"]) for part in parts),
        "package_unstable": sum(part["package_unstable"] for part in parts),
        "parts": parts,
    }
    data = json.dumps(record, indent=1, ensure_ascii=True) + "\n"
    write_atomically(args.out, data.encode())
    print(f"{record['strings']:,} strings, {record['different']} differ; {args.out}")
    return 1 if record["different"] else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m speed.romanisation_identity")
    add = parser.add_argument
    add("--text", type=Path, nargs="*", default=[], help="folders of text, files named by language")
    add("--sentences", type=int, default=10_000, help="lines per language (default: 10,000)")
    add("--random", type=int, default=100_000, help="strings per script (default: 100,000)")
    add("--scripts", nargs="*", default=SCRIPTS, metavar="NAME", help="as uroman names them")
    add("--seed", type=int, default=0, help="of the random strings")
    add("--out", type=Path, default=Path("runs/bench/romanisation_identity.json"))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
