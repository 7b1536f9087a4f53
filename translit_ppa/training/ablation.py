"""Several post-trainings of one base: the same pairs, order and steps, other objectives.

The paper's ablation (arXiv 2406.19759, Tables 4 and 5) and the demo's two rows. A run that is
finished is not repeated; a run is known by its settings and its base's weights, not by how it was
typed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.identity import model_digest
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.aligned.alignment_config import OBJECTIVE_NAMES
from translit_ppa.modeling.training.arguments import parse_arguments
from translit_ppa.training.inputs import PAIRS_NAME, prepare
from translit_ppa.training.outputs import RECORD_NAME, last_whole_checkpoint

if TYPE_CHECKING:
    from translit_ppa.modeling.training.arguments import Arguments

ABLATION = (("mlm",), ("mlm", "seq"), ("mlm", "tlm"), ("mlm", "seq", "tlm"))
MARK_NAME = "run.json"
# Where a run lies and how far it came does not make it another run.
NOT_SETTINGS = ("output_dir", "resume_from_checkpoint", "hub_token", "disable_tqdm")

Train = Callable[[Sequence[str]], int]


def train_ablation(train: Train, words: Sequence[str], arguments: Arguments) -> int:
    """Train MLM, MLM+SEQ, MLM+TLM and MLM+SEQ+TLM into `OUTPUT_DIR/mlm`, `mlm+seq` and so on.

    Pairs and base that are not given are made once, in `OUTPUT_DIR/pairs` and `OUTPUT_DIR/base`.

    Args:
        train: The `main` of train.py.
        words: The command line that asked for the ablation.
        arguments: The same, parsed.

    Returns:
        The exit status of the first run that failed, else 0.

    Raises:
        AlignmentError: An option is set that the ablation sets itself.
    """
    inputs, objectives, stand_in, training = arguments
    resume = training.resume_from_checkpoint
    if tuple(objectives.objectives) != OBJECTIVE_NAMES:
        raise AlignmentError("--ablation sets --objectives itself, four times; leave it out.")
    if resume not in (None, "last"):
        raise AlignmentError(
            f"--ablation goes on from the last checkpoint of the run that was cut, not from "
            f"{resume}: --resume_from_checkpoint last"
        )
    output = Path(str(training.output_dir))
    _, base = prepare(inputs, stand_in, training)
    pairs = inputs.dataset_name or str(output / PAIRS_NAME)
    common = [*_without_resuming(words), "--ablation", "false"]
    common += ["--model_name_or_path", base, "--dataset_name", pairs]
    if inputs.recipe:  # the one that holds without a model must hold with one
        common += ["--recipe", inputs.recipe]
    for chosen in ABLATION:
        run = [*common, "--objectives", *chosen]
        status = post_train(train, output / "+".join(chosen), run, base, resume=resume is not None)
        if status:
            return status
    return 0


def post_train(
    train: Train, folder: Path, words: Sequence[str], base: str, *, resume: bool | None = None
) -> int:
    """Train into `folder`, unless the same run lies there finished.

    Args:
        train: The `main` of train.py.
        folder: Of this run.
        words: Options of train.py but for the folder.
        base: Hub id or folder of the base that the words name.
        resume: Whether a run that was cut goes on from its last checkpoint; without, it is an
            error. None: it begins again, and a run of other settings is replaced.

    Returns:
        The exit status of train.py.

    Raises:
        DataError: The folder holds something else.
    """
    arguments = parse_arguments(list(words))
    training = arguments[-1]
    wanted = _settings(arguments, base)
    mark = folder / MARK_NAME
    # Of several processes the first looks, deletes and marks; the others wait, and touch nothing.
    with training.main_process_first(local=False, desc="run folder"):
        finished = (folder / RECORD_NAME).is_file()
        same = mark.is_file() and mark.read_text(encoding="utf-8") == wanted
        if training.process_index == 0 and not (same and finished):
            _make_room(folder, same, finished, resume)
            write_atomically(mark, wanted.encode())
    if same and finished:
        if training.process_index == 0:
            print(f"{folder} is finished")
        return 0
    # A run that was cut before its first checkpoint just begins.
    again = ["--resume_from_checkpoint", "last"] if resume and last_whole_checkpoint(folder) else []
    return int(train([*words, "--output_dir", str(folder), *again]))


def _make_room(folder: Path, same: bool, finished: bool, resume: bool | None) -> None:
    """Refuse a folder that holds something else, or empty it; see `post_train`."""
    mark = folder / MARK_NAME
    if resume is None:
        if folder.exists() and not mark.is_file():
            raise DataError(f"{folder} is not a run of this program; move it away.")
        shutil.rmtree(folder, ignore_errors=True)
    elif not same and (finished or mark.is_file()):
        raise DataError(
            f"{folder} is a run of other settings or of another base; give another --output_dir "
            "or move it away."
        )


def _without_resuming(words: Sequence[str]) -> list[str]:
    """Leave out the option that holds for a cut run only, in any of its spellings."""
    kept: list[str] = []
    value = False
    for word in words:
        if not value and word.partition("=")[0].replace("-", "_") == "__resume_from_checkpoint":
            value = "=" not in word
        elif value:
            value = False
        else:
            kept.append(word)
    return kept


def _settings(arguments: Arguments, base: str) -> str:
    """Everything that the words decide, in full, the base's weights, and how many processes."""
    inputs, objectives, _, training = arguments
    settings = vars(inputs) | vars(objectives) | training.to_dict()
    settings = {name: v for name, v in settings.items() if name not in NOT_SETTINGS}
    settings["base"] = model_digest(base, inputs.model_revision)
    # Each process adds its own batch to a step.
    if training.world_size > 1:
        settings["world_size"] = training.world_size
    return json.dumps(settings, indent=1, sort_keys=True)
