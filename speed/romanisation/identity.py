"""Check that the romaniser gives what the uroman package gives, string for string.

    python -m speed.romanisation.identity --text DIR --sentences 10000 --random 100000

Real lines of a folder with and without their language code, and random strings of every script
named; each goes through ``uroman.Uroman().romanize_string`` and through ours, whose memo is emptied
now and then. Where the package fails (a fraction that lacks a number) and ours does not, that is
counted apart. Where the two differ, the package is asked again: for some strings it takes one of
several romanisations by memory address, and so differs from itself; ours must be one of them.
Writes a JSON record (into ``docs/identity`` for the page). Called again after an interruption, it
goes on after the last finished part. Text alone (``--scripts`` without names) and random strings
alone (no ``--text``) may go to two processes, each with its own ``--out``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import uroman
from tqdm import tqdm

from speed.mistakes import one_line
from speed.romanisation.text import (
    distinct_lines,
    language_codes,
    random_strings,
    scripts,
    text_files,
)
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import romaniser_code
from translit_ppa.data_builders.transliterators.uroman.romaniser import UromanTransliterator
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.files import write_atomically

SCRIPTS = (
    "Thai Lao Myanmar Tibetan CJK Hangul Arabic Hebrew Ethiopic Greek Latin Cyrillic Devanagari "
    "Bengali Gujarati Oriya Telugu Kannada Malayalam Sinhala Khmer Hiragana Katakana Armenian "
    "Georgian Gurmukhi Tamil Syriac Coptic Thaana"
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
            Counts, and the strings for which ours is none of the package's answers.
        """
        count, unstable, fails, different = 0, 0, 0, []
        for number, text in enumerate(texts):
            count += 1
            lang = langs[number % len(langs)]
            expected, found = self.package(text, lang), self.ours(text, lang)
            if expected.startswith("raises ") and not found.startswith("raises "):
                fails += 1
            elif expected != found:
                answers = {expected}
                # Without something new in between, the same addresses may come round again.
                moving = []
                for again in range(AGAIN):
                    answers.add(self.package(text, lang))
                    moving.append([object() for _ in range(again % 7)])
                unstable += len(answers) > 1
                if found not in answers:
                    different.append([text, lang, expected, found])
        return {
            "strings": count,
            "package_unstable": unstable,
            "package_fails": fails,
            "different": different,
        }


class Part(NamedTuple):
    """What is compared in one go: a language with or without its code, or a script."""

    kind: str
    name: str
    texts: Callable[[], list[str]]
    langs: Sequence[str | None]


@one_line
def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print a line per part, write the record; 1 when any string differs."""
    args = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    begun = time.monotonic()
    parts = _parts(args)
    conditions = {
        "version": package_version(),
        "libraries": libraries(("uroman", "regex")),
        "python": sys.version.split()[0],
        "settings": {
            "sentences": args.sentences,
            "random": args.random,
            "seed": args.seed,
            "folders": [folder.name for folder in args.text],
        },
    }
    plan = [str(folder) for folder in args.text] + [f"{part.kind} {part.name}" for part in parts]
    aside = args.out.with_name(f"{args.out.name}.part")
    state = _resume(aside, {**conditions, "plan": plan})
    done, earlier = state["parts"], state["seconds"]
    comparison = Comparison()
    for part in parts[len(done) :]:
        texts = tqdm(part.texts(), f"{part.kind} {part.name}", leave=False, disable=None)
        done.append({"kind": part.kind, "name": part.name, **comparison.check(texts, part.langs)})
        state["seconds"] = round(earlier + time.monotonic() - begun, 1)
        write_atomically(aside, _bytes(state))
        _show(done[-1])
    record = {
        "kind": "romanisation identity",
        "created": now(),
        **conditions,
        "seconds": state["seconds"],
        "strings": sum(part["strings"] for part in done),
        "different": sum(len(part["different"]) for part in done),
        "package_unstable": sum(part["package_unstable"] for part in done),
        "package_fails": sum(part["package_fails"] for part in done),
        "parts": done,
    }
    write_atomically(args.out, _bytes(record))
    aside.unlink(missing_ok=True)
    print(f"{record['strings']:,} strings, {record['different']} differ; {args.out}")
    return 1 if record["different"] else 0


def _parts(args: argparse.Namespace) -> list[Part]:
    """Plans the work, so that whatever is wrong with the arguments is said at once."""
    parts = []
    for folder in args.text:
        for code, files in text_files(folder).items():
            texts = partial(_first_lines, files, args.sentences)
            parts.append(Part("text, with code", code, texts, [code]))
            parts.append(Part("text, without code", code, texts, [None]))
    if args.scripts:
        known, langs = scripts(), language_codes()
        for script in args.scripts:
            if script not in known:
                raise DataError(f"unknown script {script}; legal are {', '.join(known)}")
            texts = partial(_first_random, script, args.seed, args.random)
            parts.append(Part("random", script, texts, langs))
    if not parts:
        raise DataError("nothing to compare: neither text nor scripts; name --text or --scripts")
    return parts


def _first_lines(files: Sequence[Path], count: int) -> list[str]:
    return distinct_lines(files)[:count]


def _first_random(script: str, seed: int, count: int) -> list[str]:
    return list(islice(random_strings(script, seed), count))


def _resume(aside: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Reads what an interrupted call finished, if it was asked for the same."""
    if aside.is_file():
        state: dict[str, Any] = json.loads(aside.read_text(encoding="utf-8"))
        if state["wanted"] == wanted:
            print(f"parts done already: {len(state['parts'])} ({aside})")
            return state
        print(f"{aside} is of other settings or versions; all parts are compared anew")
    return {"wanted": wanted, "seconds": 0.0, "parts": []}


def _show(part: dict[str, Any]) -> None:
    print(
        f"{part['kind']} {part['name']}: {part['strings']:,} strings, "
        f"{len(part['different'])} differ, "
        f"{part['package_unstable']} on which the package differs from itself, "
        f"{part['package_fails']} on which it fails",
        flush=True,
    )
    for row in part["different"][:3]:
        print("   ", row)


def _bytes(fields: dict[str, Any]) -> bytes:
    return (json.dumps(fields, indent=1, ensure_ascii=True) + "\n").encode()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m speed.romanisation.identity")
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
