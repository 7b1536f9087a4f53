"""Publish to the Hugging Face Hub: datasets of pairs, checkpoints, sentence twins, the demo.

    python publish.py dataset runs/pairs org/my-pairs --dry-run
    python publish.py model runs/aligned org/my-model --records runs/scores
    python publish.py sentence-model runs/aligned org/my-model-sentence
    python publish.py space org/my-demo --base org/base --aligned org/my-model
    python publish.py card model runs/aligned org/my-model
    python publish.py convert old-checkpoint

Each command gathers what goes up in a folder and prints it: path, size, why. Then it sends
everything as one commit. The token is that of `hf auth login` or of HF_TOKEN.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path

from translit_ppa import data_builders
from translit_ppa.data_builders.sources.cldr.source import licence_file
from translit_ppa.errors import user_errors_exit_2
from translit_ppa.hub_cards.cards.dataset_stage import RECORD, chosen_configs, stage_dataset
from translit_ppa.hub_cards.hub.card_check import front_matter
from translit_ppa.hub_cards.hub.licences import UNICODE, of_source, stated
from translit_ppa.hub_cards.hub.repository import Remote, deletions, look, publish, refuse_exposure
from translit_ppa.hub_cards.hub.stage import PublishError, Stage
from translit_ppa.publish.space import fill_space

Fill = Callable[[argparse.Namespace, Stage, Remote], None]


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; see the module's text for the command lines."""
    args = _parser().parse_args(argv)
    status: int = args.run(args)
    return status


def fill_dataset(args: argparse.Namespace, stage: Stage, remote: Remote) -> None:
    """Stage configs of a dataset folder, or their recipes; other configs of the repository stay."""
    from translit_ppa.data_builders.dataset.recipe import write_recipe

    licence = stated(args.license, args.license_name, args.license_link) if args.license else None
    with tempfile.TemporaryDirectory(prefix="translit-recipe-") as made:
        folder: Path = args.folder
        if args.recipe_only:
            folder = Path(made)
            for name in chosen_configs(args.folder, args.config):
                write_recipe(args.folder, name, folder)
        stage_dataset(
            stage,
            folder,
            args.config,
            remote,
            Path(data_builders.__file__).parent,
            stated=licence,
            accept=args.accept_source_license,
            licence_of=partial(of_source, ask=args.ask_hub),
        )
    card = front_matter((stage.folder / "README.md").read_text(encoding="utf-8"))
    if str(UNICODE.name) in card.get("license_name", ""):
        # This licence asks that its notice goes with every copy of the data.
        stage.add_file("LICENSE", licence_file(), "licence of the CLDR's text")


# publish_model loads torch, which text and records can do without.


def _fill_model(args: argparse.Namespace, stage: Stage, remote: Remote) -> None:
    from translit_ppa.publish.model import fill_model

    fill_model(args, stage, remote)


def _fill_sentence_model(args: argparse.Namespace, stage: Stage, remote: Remote) -> None:
    from translit_ppa.publish.model import fill_sentence_model

    fill_sentence_model(args, stage, remote)


KINDS: dict[str, tuple[str, Fill]] = {
    "dataset": ("dataset", fill_dataset),
    "model": ("model", _fill_model),
    "sentence-model": ("model", _fill_sentence_model),
    "space": ("space", fill_space),
}


def _publish(args: argparse.Namespace) -> int:
    repo_type, fill = KINDS[args.kind]
    with _stage(args.stage, args.repo_id, repo_type) as stage:
        remote = _look(args, repo_type)
        refuse_exposure(args.repo_id, remote, args.private)
        fill(args, stage, remote)
        print(stage.listing())
        for path in deletions(stage, remote):
            print(f"  deletes {path}")
        if args.dry_run:
            print("dry run: nothing was sent")
            return 0
        url = publish(
            stage, remote, private=args.private, revision=args.revision, create_pr=args.create_pr
        )
        print(f"published {url}" if url else f"{args.repo_id} holds all of it; nothing was sent")
    return 0


def _look(args: argparse.Namespace, repo_type: str) -> Remote:
    """Look at the repository; a dry run without the Hub goes on as if there were none."""
    try:
        return look(args.repo_id, repo_type, args.revision, f"*/{RECORD}")
    except PublishError as error:
        if not args.dry_run:
            raise
        print(f"the Hub was not asked what {args.repo_id} holds: {error}")
        return Remote()


def _card(args: argparse.Namespace) -> int:
    """Print the card that a publication would carry; asks the Hub nothing."""
    repo_type, fill = KINDS[args.kind]
    with _stage(None, args.repo_id, repo_type) as stage:
        # What staging has to say must not end up in the card.
        with redirect_stdout(sys.stderr):
            fill(args, stage, Remote())
        print((stage.folder / "README.md").read_text(encoding="utf-8"), end="")
    return 0


def _convert(args: argparse.Namespace) -> int:
    from translit_ppa.publish.model import fill_converted

    folder: Path = args.folder.resolve()
    out: Path = args.out or folder.with_name(f"{folder.name}-safetensors")
    if out.exists():
        raise PublishError(f"{out} exists; give another --out, or remove it")
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        # A name that Stage takes: it is not published from here.
        stage = Stage("local/converted", "model", aside)
        fill_converted(args, stage, folder, out.name)
        listing = stage.listing()
        aside.chmod(0o755)
        os.replace(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    print(f"{listing}\nwritten to {out}")
    return 0


@contextmanager
def _stage(folder: Path | None, repo_id: str, repo_type: str) -> Iterator[Stage]:
    """Open a stage in a folder, or in one that is gone afterwards."""
    if folder is not None:
        yield Stage(repo_id, repo_type, folder)
        return
    with tempfile.TemporaryDirectory(prefix="translit-publish-") as made:
        yield Stage(repo_id, repo_type, Path(made))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="translit-publish", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    helps = {
        "dataset": "a folder of pairs",
        "model": "a checkpoint: weights, tokenizer, record, card",
        "sentence-model": "its sentence twin, cut at the alignment layer",
        "space": "the retrieval demo, a base beside an aligned model",
    }
    for kind, text in helps.items():
        command = commands.add_parser(kind, help=text)
        _add_input(command, kind)
        _add_sending(command)
        command.set_defaults(run=_publish, kind=kind, ask_hub=True)
    card = commands.add_parser("card", help="print the card alone")
    kinds = card.add_subparsers(required=True, metavar="KIND")
    for kind, text in helps.items():
        command = kinds.add_parser(kind, help=text)
        _add_input(command, kind)
        command.set_defaults(run=_card, kind=kind, ask_hub=False)
    convert = commands.add_parser("convert", help="a pickled checkpoint into safetensors")
    convert.add_argument("folder", type=Path, metavar="FOLDER", help="has pytorch_model.bin")
    convert.add_argument(
        "--out", type=Path, metavar="DIR", help="new folder (default: FOLDER-safetensors)"
    )
    _add_licence(convert)
    convert.set_defaults(run=_convert)
    return parser


def _add_input(command: argparse.ArgumentParser, kind: str) -> None:
    add = command.add_argument
    if kind == "space":
        add("repo_id", metavar="ORG/NAME")
        add("--base", required=True, metavar="MODEL", help="before: org/name, or a folder")
        add("--aligned", required=True, metavar="MODEL", help="after: org/name, or a folder")
        add("--group", default="mediterranean", help="languages (default: mediterranean)")
        return
    if kind == "dataset":
        add("folder", type=Path, metavar="FOLDER", help="from `python -m data_builders build`")
    else:
        add("folder", type=Path, metavar="CHECKPOINT", help="what train.py wrote")
    add("repo_id", metavar="ORG/NAME")
    _add_licence(command)
    if kind == "dataset":
        add("--config", nargs="+", metavar="GROUP", help="only these configs (default: all)")
        add(
            "--recipe-only",
            action="store_true",
            help="no text: rows of the corpus by number and hash, for `data_builders rebuild`",
        )
        add(
            "--accept-source-license",
            action="store_true",
            help="you may publish this text although its licence is 'other' or unknown",
        )
        return
    add(
        "--records",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="records of scores (eval.py --out) and of the build, for results and languages",
    )
    add(
        "--other-seeds",
        type=Path,
        nargs="+",
        default=[],
        metavar="CHECKPOINT",
        help="further runs of the same training, for the spread; --records holds their scores too",
    )
    add("--no-examples", action="store_true", help="no example outputs in the card")
    if kind == "sentence-model":
        add("--full", metavar="ORG/NAME", help="the full model (default: without -sentence)")
        add("--max-length", type=int, default=512, metavar="TOKENS", help="longest input")


def _add_licence(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--license", metavar="NAME", help="licence, by its name on the Hub, such as cc-by-4.0")
    add("--license-name", metavar="TEXT", help="for --license other: what it is called")
    add("--license-link", metavar="URL", help="for --license other: where its text is")


def _add_sending(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--dry-run", action="store_true", help="stage and list, send nothing")
    add("--private", action="store_true", help="if the repository is created now, make it private")
    add("--revision", metavar="BRANCH", help="branch to commit to (default: main)")
    add("--create-pr", action="store_true", help="open a pull request instead of committing")
    add("--stage", type=Path, metavar="DIR", help="gather the files here and keep them")


if __name__ == "__main__":
    raise SystemExit(main())
