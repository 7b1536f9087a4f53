"""Command line of this room: ``python -m data_builders build``, ``rebuild`` and ``check``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .errors import DataError

__all__ = ["main"]

_INTERRUPTED = 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="translit-build",
        description="Build romanised pairs, or see what a romaniser does to a text.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _add_build(commands.add_parser("build", help="text -> pairs of original and romanised text"))
    _add_rebuild(commands.add_parser("rebuild", help="recipe + its corpus -> the same pairs again"))
    _add_check(commands.add_parser("check", help="what a romaniser does to a text"))
    return parser


def _add_build(build: argparse.ArgumentParser) -> None:
    add = build.add_argument
    add("--group", required=True, help="mediterranean, sea, or the path of a TSV of languages")
    add("--source", default="cldr", help="cldr, hub, hub:ORG/NAME or files:DIR (default: cldr)")
    add("--out", required=True, help="dataset folder; other groups in it stay")
    add("--languages", nargs="+", metavar="CODE", help="only these (aliases are understood)")
    add("--transliterator", default="uroman", help="uroman, identity or module:function")
    add(
        "--paper-compat",
        action="store_true",
        help="no language code for uroman, as the authors' code (paper: 'Uroman'); "
        "the default hands it over",
    )
    add("--seed", type=int, default=42, help="of sample, split and cldr phrases (default: 42)")
    add("--num-proc", type=int, default=1, help="processes that romanise (default: 1)")
    add("--shard-rows", type=int, default=1000, help="sentences per shard of work")
    add("--quiet", action="store_true", help="no plan, bar and table on stderr")

    sampling = build.add_argument_group(
        "sampling", "n = max(fraction * available, floor), at most cap (paper, Table 1)"
    )
    add = sampling.add_argument
    add("--fraction", type=float, help="share of the rows (default: 0.1; 1 for ready pairs)")
    add("--floor", type=int, default=10_000, help="least sentences per language (default: 10000)")
    add("--cap", type=int, help="most sentences per language (default: none)")
    add("--temperature", type=float, help="T: targets become proportional to n^(1/T)")
    add(
        "--validation",
        type=float,
        default=0.01,
        help="share of each language's pairs, chosen by hash, for the split 'validation' "
        "(default: 0.01)",
    )
    add("--validation-cap", type=int, default=2000, help="at most so many (default: 2000)")

    filters = build.add_argument_group("filters")
    add = filters.add_argument
    add("--min-chars", type=int, default=1, help="fewest characters (default: 1)")
    add("--max-chars", type=int, default=2000, help="most characters (default: 2000)")
    add(
        "--min-script-share",
        type=float,
        default=0.5,
        help="least share of letters in the language's script (default: 0.5)",
    )
    add(
        "--exclude-benchmark",
        action="append",
        default=[],
        metavar="NAME",
        help="drop sentences of this benchmark: cldr, srb:DIR, tatoeba:DIR, parallel:DIR, "
        "sib200:DIR, taxi1500:DIR, ner:DIR, pos:DIR; can be given again",
    )

    source = build.add_argument_group("source")
    add = source.add_argument
    add("--text-column", metavar="NAME|INDEX", help="column of the text; positions count from 0")
    add(
        "--transliteration-column",
        metavar="NAME|INDEX",
        help="files: column of a ready romanisation, which is taken as it is; files with the "
        "header text,transliteration need no option",
    )
    add("--exclude-ids", metavar="FILE", help="files: leave out rows with these ids, one a line")
    add("--include-ids", metavar="FILE", help="files: leave out rows without one of these ids")
    add("--revision", help="hub: branch, tag or commit (default: main)")
    add("--hub-config", help="hub: config of a language (default: {code})")


def _add_rebuild(rebuild: argparse.ArgumentParser) -> None:
    add = rebuild.add_argument
    add("recipe", metavar="REPO_OR_FOLDER", help="ORG/NAME on the Hub, or a folder")
    add("config", metavar="CONFIG", help="which recipe of it, such as mediterranean")
    add("--out", required=True, help="dataset folder; other groups in it stay")
    add("--revision", help="of the recipe: branch, tag or commit (default: main)")
    add("--source", help="where the corpus is: files:PATH or hub:ORG/NAME (default: as recorded)")
    add("--text-column", metavar="NAME|INDEX", help="column of the text (default: as recorded)")
    add("--transliteration-column", metavar="NAME|INDEX", help="files: of a ready romanisation")
    add("--hub-config", help="hub: config of a language (default: as recorded)")
    add("--num-proc", type=int, default=1, help="processes that romanise (default: 1)")
    add("--shard-rows", type=int, default=1000, help="sentences per shard of work")
    add("--quiet", action="store_true", help="no plan and bar on stderr")


def _add_check(check: argparse.ArgumentParser) -> None:
    add = check.add_argument
    add("path", metavar="FILE_OR_DIR", help=".txt, .tsv, .csv or .parquet, optionally .gz")
    add("--language", metavar="CODE", help="language, where the file name does not say it")
    add("--transliterator", default="uroman", help="uroman, identity or module:function")
    add("--paper-compat", action="store_true", help="no language code for uroman")
    add("--text-column", metavar="NAME|INDEX", help="column of the text; positions count from 0")
    add("--limit", type=int, default=1000, help="sentences per file, 0 for all (default: 1000)")
    add("--examples", type=int, default=3, help="examples per file (default: 3)")


def _build(args: argparse.Namespace) -> None:
    from .build.pairs import build_pairs
    from .sentences.filters import FilterOptions

    build_pairs(
        args.group,
        args.source,
        args.out,
        languages=args.languages,
        transliterator=args.transliterator,
        paper_compat=args.paper_compat,
        seed=args.seed,
        fraction=args.fraction,
        floor=args.floor,
        cap=args.cap,
        temperature=args.temperature,
        filters=FilterOptions(args.min_chars, args.max_chars, args.min_script_share),
        validation=args.validation,
        validation_cap=args.validation_cap,
        exclude_benchmarks=args.exclude_benchmark,
        num_proc=args.num_proc,
        shard_rows=args.shard_rows,
        progress=not args.quiet,
        text_column=args.text_column,
        transliteration_column=args.transliteration_column,
        exclude_ids=args.exclude_ids,
        include_ids=args.include_ids,
        revision=args.revision,
        hub_config=args.hub_config,
    )


def _rebuild(args: argparse.Namespace) -> None:
    from .build.rebuild import rebuild

    rebuild(
        args.recipe,
        args.config,
        args.out,
        revision=args.revision,
        source=args.source,
        num_proc=args.num_proc,
        shard_rows=args.shard_rows,
        progress=not args.quiet,
        text_column=args.text_column,
        transliteration_column=args.transliteration_column,
        hub_config=args.hub_config,
    )


def _check(args: argparse.Namespace) -> None:
    from .build.check import check

    reports = check(
        args.path,
        language=args.language,
        transliterator=args.transliterator,
        paper_compat=args.paper_compat,
        text_column=args.text_column,
        limit=args.limit,
        examples=args.examples,
    )
    for report in reports:
        print(report)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        argv: arguments without the program's name; None takes those of the process.

    Returns:
        Exit status: 0, 2 for a user's error, 130 after Ctrl-C.
    """
    args = _parser().parse_args(argv)
    try:
        {"build": _build, "rebuild": _rebuild, "check": _check}[args.command](args)
    except DataError as error:
        print("error: " + " ".join(str(error).split("\n")), file=sys.stderr)
        return 2
    except OSError as error:
        # The system's message names the file: not writable, no space, a file in a folder's place.
        print(f"error: {error}; give another --out or make room and run it again", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from the finished shards", file=sys.stderr)
        return _INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
