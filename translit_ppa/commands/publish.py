"""`translit-ppa publish`: put pairs, models, sentence twins and the demo on the Hugging Face Hub.

    translit-ppa publish dataset runs/pairs org/my-pairs --dry-run
    translit-ppa publish model runs/aligned org/my-model --records runs/scores
    translit-ppa publish sentence-model runs/aligned org/my-model-sentence
    translit-ppa publish space org/my-demo --base org/base --aligned org/my-model
    translit-ppa publish card model runs/aligned org/my-model
    translit-ppa publish convert old-checkpoint

Each gathers what goes up in a folder and prints it: path, size, why. Then it sends everything as
one commit. The token is that of `hf auth login` or of HF_TOKEN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from translit_ppa import publish
from translit_ppa.commands.options import Options, Parser, given, modern
from translit_ppa.errors import TranslitError

__all__ = ["main"]

PROGRAM = "translit-ppa publish"
KINDS = {
    "dataset": "a folder of pairs",
    "model": "a checkpoint: weights, tokenizer, record, card",
    "sentence-model": "its sentence twin, cut at the alignment layer",
    "space": "the retrieval demo, a base beside an aligned model",
}
"""What can be published; each is a function of `translit_ppa.publish`, with an underscore."""

MORE = {
    "card": "print the card alone: card KIND ...",
    "convert": "a pickled checkpoint into safetensors",
}


def main(words: Sequence[str]) -> int:
    """Publish, print a card, or convert."""
    first, rest = (words[0], list(words[1:])) if words else ("", [])
    if first in ("-h", "--help"):
        print(_overview())
    elif first in KINDS:
        _publish(first, rest)
    elif first == "card" and rest and rest[0] in KINDS:
        _card(rest[0], rest[1:])
    elif first == "convert":
        _convert(rest)
    else:
        legal = ", ".join([*KINDS, *MORE] if first != "card" else KINDS)
        came = " ".join(words[:2]) or "nothing"
        raise TranslitError(f"{PROGRAM}: came {came}; legal: {legal}; see {PROGRAM} --help")
    return 0


def _publish(kind: str, words: Sequence[str]) -> None:
    parser = _parser(kind)
    _add_sending(Options(parser.add_argument_group("sending"), _function(kind)))
    done = _function(kind)(**given(parser.parse_args(modern(words))), announce=print)
    if done.dry_run:
        print("dry run: nothing was sent")
    else:
        all_there = f"{done.repo_id} holds all of it; nothing was sent"
        print(f"published {done.url}" if done.url else all_there)


def _card(kind: str, words: Sequence[str]) -> None:
    facts = given(_parser(kind, "card ").parse_args(modern(words)))
    order = [facts.pop(name) for name in ("folder", "checkpoint", "repo_id") if name in facts]
    print(publish.card(kind.replace("-", "_"), *order, **facts), end="")


def _convert(words: Sequence[str]) -> None:
    parser = Parser(f"{PROGRAM} convert", "Turn a pickled checkpoint into safetensors.")
    add = Options(parser, publish.convert)
    add("folder", metavar="FOLDER", help="has pytorch_model.bin")
    add("--out", metavar="DIR", help="new folder (default: FOLDER-safetensors)")
    _add_licence(add)
    done = publish.convert(**given(parser.parse_args(modern(words))))
    print(f"{done}\nwritten to {done.folder}")


def _function(kind: str) -> Callable[..., publish.Publication]:
    """Find the function behind a kind; one that needs torch loads it here, and no other does."""
    function: Callable[..., publish.Publication] = getattr(publish, kind.replace("-", "_"))
    return function


def _overview() -> str:
    kinds = "\n".join(f"  {name:<16}{text}" for name, text in {**KINDS, **MORE}.items())
    return f"usage: {PROGRAM} KIND ...\n\n{__doc__}\n{kinds}\n\n{PROGRAM} KIND --help tells more."


def _parser(kind: str, card: str = "") -> Parser:
    """Make the parser of what a kind is made of; with `card`, that of its card alone."""
    doing = "Print the card of" if card else "Publish"
    parser = Parser(f"{PROGRAM} {card}{kind}", f"{doing} {KINDS[kind]}.")
    add = Options(parser, _function(kind))
    if kind == "space":
        add("repo_id", metavar="ORG/NAME", help="name on the Hub")
        add("--base", required=True, metavar="MODEL", help="before: org/name, or a folder")
        add("--aligned", required=True, metavar="MODEL", help="after: org/name, or a folder")
        add("--group", help="languages")
        add("--corpus", metavar="BENCHMARK", help="what is searched: cldr, parallel:DIR, ...")
        add("--records", nargs="+", metavar="PATH", help="scores of both by direction, to show")
        return parser
    if kind == "dataset":
        add("folder", metavar="FOLDER", help="from `translit-ppa build`")
    else:
        add("checkpoint", metavar="CHECKPOINT", help="what `translit-ppa train` wrote")
    add("repo_id", metavar="ORG/NAME", help="name on the Hub")
    _add_licence(add)
    if kind == "dataset":
        _add_pairs(add)
    else:
        _add_checkpoint(add)
    if kind == "sentence-model":
        add("--full", metavar="ORG/NAME", help="the full model (default: without -sentence)")
        add("--max-length", type=int, metavar="TOKENS", help="longest input")
    return parser


def _add_pairs(add: Options) -> None:
    add(
        "--config",
        nargs="+",
        action="extend",
        metavar="GROUP",
        help="only these configs (default: all)",
    )
    add(
        "--recipe-only",
        action="store_true",
        help="no text: rows of the corpus by number and hash, for `translit-ppa rebuild`",
    )
    add(
        "--accept-source-license",
        action="store_true",
        help="you may publish this text although its licence is 'other' or unknown",
    )


def _add_checkpoint(add: Options) -> None:
    add(
        "--records",
        nargs="+",
        action="extend",
        metavar="PATH",
        help="records of scores (`translit-ppa eval --out`) and of the build, for results and "
        "languages",
    )
    add(
        "--other-seeds",
        nargs="+",
        action="extend",
        metavar="CHECKPOINT",
        help="further runs of the same training, for the spread; --records holds their scores too",
    )
    add(
        "--no-examples",
        action="store_false",
        dest="examples",
        help="no example outputs in the card",
    )


def _add_licence(add: Options) -> None:
    add("--license", metavar="NAME", help="licence, by its name on the Hub, such as cc-by-4.0")
    add("--license-name", metavar="TEXT", help="for --license other: what it is called")
    add("--license-link", metavar="URL", help="for --license other: where its text is")


def _add_sending(add: Options) -> None:
    add("--dry-run", action="store_true", help="stage and list, send nothing")
    add("--private", action="store_true", help="if the repository is created now, make it private")
    add("--revision", metavar="BRANCH", help="branch to commit to (default: main)")
    add("--create-pr", action="store_true", help="open a pull request instead of committing")
    add("--stage", metavar="DIR", help="gather the files here and keep them")
