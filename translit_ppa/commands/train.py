"""Align an encoder on pairs of original and romanised text.

translit-ppa train                                   the embedded example, on a laptop
translit-ppa train --recipe mediterranean            the paper's run, on a CUDA GPU
torchrun --nproc_per_node 4 train.py ...             several GPUs
translit-ppa train --ablation ...                    MLM, MLM+SEQ, MLM+TLM, MLM+SEQ+TLM in turn
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from transformers import HfArgumentParser, TrainingArguments

from translit_ppa.commands.options import Options, Parser, given, modern
from translit_ppa.commands.pairs.build import add_building
from translit_ppa.modeling.training.arguments import (
    PostTrainingArguments,
    StandInArguments,
    kinds_of_options,
)
from translit_ppa.training import ablate, align
from translit_ppa.training.build_options import BUILD_OPTIONS

FIRST = (
    "base pairs group objectives output_dir recipe num_train_epochs max_steps "
    "per_device_train_batch_size learning_rate bf16 seed"
).split()
GROUPS = {
    "pairs": "source count pairs_revision base_revision text_column transliteration_column "
    "max_train_samples max_length preprocessing_num_proc",
    "objectives": "paper_compat",
    "vocabulary": "trim_vocabulary trim_keep",
    "validation": "validation_benchmark benchmark_dir",
    "Trainer (transformers.TrainingArguments)": "",
    "the stand-in model, where no base is given": "",
}
"""Groups of `--help` in order; what is not named goes where its kind goes."""
*_, TRAINER, STAND_IN = GROUPS
OLD = {
    "--model-name-or-path": "--base",
    "--model-revision": "--base-revision",
    "--dataset-name": "--pairs",
    "--dataset-revision": "--pairs-revision",
    "--dataset-config": "--group",
    "--dataset-source": "--source",
    "--dataset-count": "--count",
}


def main(words: Sequence[str]) -> int:
    """Train once, or with `--ablation` several times."""
    options = training_options(words)
    if options.pop("ablation", False):
        ablate(**options)
    else:
        align(**options)
    return 0


def training_options(words: Sequence[str], prog: str = "translit-ppa train") -> dict[str, Any]:
    """Read options of a training, as keyword arguments of `align`.

    Underscores of transformers' own options are as good as hyphens; our own get a notice.

    Raises:
        TranslitError: An option does not exist, or its value is none.
    """
    return given(_parser(prog).parse_args(modern(list(_hyphens(words)), OLD)))


def _hyphens(words: Sequence[str]) -> Iterator[str]:
    theirs = {field.name for field in fields(TrainingArguments)}
    for word in words:
        name, equals, value = word.partition("=")
        if name.startswith("--") and name[2:].removeprefix("no_") in theirs:
            name = name.replace("_", "-")
        yield name + equals + value


def _parser(prog: str) -> Parser:
    parser = Parser(
        prog,
        "Align an encoder across scripts by post-training on text and its transliteration "
        "(arXiv 2406.19759). Without options: the embedded example.",
        usage=f"{prog} [--base MODEL] [--pairs PAIRS] [--OPTION VALUE ...]",
    )
    places: dict[str, Any] = {title: parser.add_argument_group(title) for title in GROUPS}
    homes = {name: title for title, names in GROUPS.items() for name in names.split()}
    homes |= {field.name: STAND_IN for field in fields(StandInArguments)}
    homes |= {f.name: homes.get(f.name, TRAINER) for f in fields(PostTrainingArguments)}
    # Kinds and legal values are read off the fields by transformers, as for every training.
    known = HfArgumentParser(kinds_of_options())._actions
    known = [action for action in known if action.dest not in ("help", "weights", "build")]
    known.sort(key=lambda a: FIRST.index(a.dest) if a.dest in FIRST else len(FIRST))
    for action in known:
        first = action.dest in FIRST
        _add(parser if first else places[homes.get(action.dest, "objectives")], action)
    add_building(parser, _OfTraining, what=True)
    parser.add_argument(
        "--ablation",
        action="store_true",
        default=argparse.SUPPRESS,
        help="train mlm, mlm+seq, mlm+tlm and mlm+seq+tlm in turn (the paper's tables 4 and 5); "
        "with the recipe anchor seq, anchor and seq+anchor",
    )
    return parser


class _OfTraining(Options):
    """Adds those options of building that a training has not, by the names it has for them."""

    def __call__(self, *names: str, help: str, **more: Any) -> None:
        """Add one option, or leave it out."""
        name = more.get("dest") or names[-1].lstrip("-").replace("-", "_")
        if name not in BUILD_OPTIONS:
            return
        told = BUILD_OPTIONS[name]
        if told != name:
            names, more["dest"] = (f"--{told.replace('_', '-')}",), told
        super().__call__(*names, help=help, **more)


def _add(place: Any, action: argparse.Action) -> None:
    """Add an option as it is, but with hyphens alone, and left out of what was not given."""
    name = action.option_strings[0].replace("_", "-")
    if action.nargs == 0:  # --no-X of a switch that is on
        place.add_argument(
            name,
            dest=action.dest,
            action="store_const",
            const=False,
            default=argparse.SUPPRESS,
            help=argparse.SUPPRESS,
        )
        return
    told = action.help or ""
    if action.default is True:
        told += f" (default: on; --no-{name[2:]} switches it off)"
    elif action.default not in (None, False, ""):
        default = action.default
        told += f" (default: {' '.join(default) if isinstance(default, list) else default})"
    place.add_argument(
        name,
        dest=action.dest,
        action="extend" if action.nargs == "+" else "store",
        nargs=action.nargs,
        const=action.const,
        type=action.type,
        choices=action.choices,
        default=argparse.SUPPRESS,
        help=told.replace("%", "%%"),
    )
