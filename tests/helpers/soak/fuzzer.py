"""A second engine: atheris, which looks for inputs that reach new branches of our readers.

    PYTHONPATH=tests/helpers python -m soak.fuzzer "benchmark files" 8 --runs 20000

In: a row of `targets` and the number of its target, whose command needs no torch. It ends at the
first wrong case, which it keeps as a file: give it as the target's file to see it again. The extra
`fuzz` installs atheris.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from soak.kinds.inputs import half_written
from soak.kinds.targets import TARGETS
from soak.verdict import WRONG, Watched, judged
from soak.worker import command
from soak.world import copy, make_texts, remove


class Wrong(Exception):
    """Ends the fuzzer; the text is why."""


def main() -> None:
    """Read the options and fuzz one target."""
    parser = argparse.ArgumentParser(prog="python -m soak.fuzzer", description=__doc__)
    parser.add_argument("row", choices=TARGETS)
    parser.add_argument("target", type=int)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--folder", type=Path, default=Path("runs/soak/fuzz"), help="what it keeps")
    args = parser.parse_args()
    try:
        import atheris
    except ImportError:
        parser.exit(2, "error: atheris is not there; install the extra fuzz\n")
    target = TARGETS[args.row][args.target]
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["translit_ppa.data_builders"]):
        import translit_ppa.building
        import translit_ppa.data_builders.benchmarks  # noqa: F401

    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        world, place = Path(temporary) / "world", Path(temporary) / "place"
        make_texts(world)
        corpus = Path(temporary) / "corpus"
        corpus.mkdir()
        (corpus / "good").write_bytes(next(world.glob(target.file)).read_bytes())

        def one(data: bytes) -> None:
            for old in place.glob("*"):
                remove(old)
            place.mkdir(exist_ok=True)
            copy(world, sorted(target.places()), place)
            next(place.glob(target.file)).write_bytes(data)
            os.chdir(place)
            watched = Watched(place / target.out)
            outcome = command(target.words)
            verdict = judged(outcome, watched, whole=lambda: half_written(place / target.out))
            if verdict.name == WRONG:
                raise Wrong(f"{verdict.why}\n{verdict.tail}")

        limits = [f"-runs={args.runs}", f"-seed={args.seed}", "-timeout=60", "-rss_limit_mb=3000"]
        words = [sys.argv[0], *limits, f"-artifact_prefix={folder}/", str(corpus)]
        atheris.Setup(words, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
