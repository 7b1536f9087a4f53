"""Several post-trainings of one base: the same pairs, order and steps, other objectives.

The paper's ablation (arXiv 2406.19759, Tables 4 and 5) and the demo's two rows. A run that is
finished is not repeated; a run is known by its settings and its base's weights, not by how it was
typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.whole_folder import put_in_place, remove
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_reading import reads_hub
from translit_ppa.identity import model_digest
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.aligned.objectives import PAPER_OBJECTIVES
from translit_ppa.modeling.json_file import read_json
from translit_ppa.modeling.training.arguments import make_arguments
from translit_ppa.modeling.training.resuming.whole_checkpoint import last_whole_checkpoint
from translit_ppa.training.alignment import named_values
from translit_ppa.training.build_options import columns_of, gathered
from translit_ppa.training.inputs import PAIRS_NAME, prepare
from translit_ppa.training.outputs import RECORD_NAME
from translit_ppa.training.post_training import check, post_train
from translit_ppa.training.processes import leaving_process_group
from translit_ppa.training.recipes import AUTO
from translit_ppa.training.runs import Run

if TYPE_CHECKING:
    from translit_ppa.modeling.training.arguments import Arguments

ABLATION = (("mlm",), ("mlm", "seq"), ("mlm", "tlm"), ("mlm", "seq", "tlm"))
OF_ANCHOR = (("seq",), ("anchor",), ("seq", "anchor"))
"""Of a sentence encoder, without a head that predicts words: the paper's contrast, ours, both."""
MARK_NAME = "run.json"
# Where a run lies and how far it came does not make it another run.
NOT_SETTINGS = ("output_dir", "resume_from_checkpoint", "hub_token", "disable_tqdm")
# As 0.1.0 named them: a folder that it left is the same run.
NAMES_IN_MARK = {
    "base": "model_name_or_path",
    "base_revision": "model_revision",
    "pairs": "dataset_name",
    "pairs_revision": "dataset_revision",
    "group": "dataset_config",
    "source": "dataset_source",
    "count": "dataset_count",
}
# Options that came later: a run of then has what is usual today.
SINCE_0_1_0 = {
    "anchor_temperature": 0.05,
    "anchor_hold": 20.0,
    "anchor_bank": 4096,
    "anchor_originals": 0.25,
    "freeze_embeddings": False,
    "language_batches": 0.0,
    "check_harm": True,
    "keep_if_better": False,
    "build": {},
}


@raises_translit_error
@reads_hub
def ablate(
    base: str | Path | None = None,
    pairs: Any = None,
    *,
    output_dir: str | Path | None = None,
    group: str | Path | None = None,
    recipe: str | None = None,
    **training_arguments: Any,
) -> dict[str, Run]:
    """Align one base four times: MLM, MLM+SEQ, MLM+TLM and MLM+SEQ+TLM.

    With the recipe `anchor` three times: SEQ, ANCHOR and SEQ+ANCHOR. All see the same pairs in the
    same order. Pairs and base that are not given are made once, in `OUTPUT_DIR/pairs` and
    `OUTPUT_DIR/base`. A run that is finished is not repeated; one that was cut goes on with
    `resume_from_checkpoint="last"`.

    Args:
        base: As `align`.
        pairs: As `align`.
        output_dir: The runs lie below it, in `mlm`, `mlm+seq` and so on.
        group: As `align`.
        recipe: As `align`; the objectives are chosen already, so that `auto` is the paper's.
        **training_arguments: As `align`, but for the objectives.

    Returns:
        `mlm`, `mlm+seq`, `mlm+tlm` and `mlm+seq+tlm`, or `seq`, `anchor` and `seq+anchor`, each
        with its run.

    Raises:
        TranslitError: As `align`; or an option is given that the ablation sets itself; or a folder
            holds a run of other settings.

    Source:
        arXiv 2406.19759, tables 4 and 5.
    """
    recipe = None if recipe == AUTO else recipe
    values = named_values(base, pairs, output_dir, group, recipe) | gathered(training_arguments)
    with leaving_process_group():
        return _ablate(values)


def _ablate(values: dict[str, Any]) -> dict[str, Run]:
    arguments = inputs, objectives, stand_in, training = make_arguments(values)
    resume = training.resume_from_checkpoint
    anchored = inputs.recipe == "anchor"
    if tuple(objectives.objectives) != (("anchor",) if anchored else PAPER_OBJECTIVES):
        raise AlignmentError("--ablation sets --objectives itself, several times; leave it out.")
    check(arguments)
    if resume not in (None, "last"):
        raise AlignmentError(
            f"--ablation goes on from the last checkpoint of the run that was cut, not from "
            f"{resume}: --resume-from-checkpoint last"
        )
    output = Path(str(training.output_dir))
    _, base = prepare(inputs, stand_in, training)
    # The recipe that holds without a model must hold with one.
    common = {**values, "recipe": inputs.recipe, "base": base}
    common["pairs"] = inputs.pairs or [str(output / PAIRS_NAME)]
    for done in ("resume_from_checkpoint", "build"):
        common.pop(done, None)
    common |= columns_of(inputs)
    runs = {}
    for chosen in OF_ANCHOR if anchored else ABLATION:
        name = "+".join(chosen)
        run = {**common, "objectives": list(chosen)}
        runs[name] = train_once(output / name, run, base, resume=resume is not None)
    return runs


def train_once(
    folder: Path, values: Mapping[str, Any], base: str, *, resume: bool | None = None
) -> Run:
    """Train into `folder`, unless the same run lies there finished.

    Args:
        folder: Of this run.
        values: Options of a training but for the folder.
        base: Hub id or folder of the base that the values name.
        resume: Whether a run that was cut goes on from its last checkpoint; without, it is an
            error. None: it begins again, and a run of other settings is replaced.

    Raises:
        DataError: The folder holds something else.
    """
    arguments = make_arguments(values)
    training = arguments[-1]
    wanted = _settings(arguments, base)
    mark = folder / MARK_NAME
    # Of several processes the first looks, deletes and marks; the others wait, and touch nothing.
    with training.main_process_first(local=False, desc="run folder"):
        finished = (folder / RECORD_NAME).is_file()
        same = _read_mark(mark) == wanted
        # What takes the place of an older run is trained aside: until it is whole, that one stays.
        place = folder.with_name(f".{folder.name}.training") if resume is None else folder
        if training.process_index == 0 and not (same and finished):
            _make_room(folder, place, same, finished, resume)
            content = json.dumps(wanted, indent=1, sort_keys=True).encode()
            write_atomically(place / MARK_NAME, content)
    if same and finished:
        if training.process_index == 0:
            print(f"{folder} is finished")
        return Run.open(folder)
    # A run that was cut before its first checkpoint just begins.
    again = resume and last_whole_checkpoint(folder)
    more = {"resume_from_checkpoint": "last"} if again else {}
    run = post_train(make_arguments({**values, "output_dir": str(place), **more}), folder)
    with training.main_process_first(local=False, desc="run folder"):
        if place != folder and training.process_index == 0:
            put_in_place(place, folder)
            remove(place)
    return run


def _read_mark(mark: Path) -> Any:
    """The settings of the run in a folder; None where there are none, or none that can be read."""
    try:
        return read_json(mark)
    except (OSError, ValueError):
        return None


def _make_room(folder: Path, place: Path, same: bool, finished: bool, resume: bool | None) -> None:
    """Refuse a folder that holds something else, or clear the place of a new run."""
    mark = folder / MARK_NAME
    if resume is None:
        if folder.exists() and not mark.is_file():
            raise DataError(f"{folder} is not a run of this program; move it away.")
        remove(place)
    elif not same and (finished or mark.is_file()):
        raise DataError(
            f"{folder} is a run of other settings or of another base; give another --output-dir "
            "or move it away."
        )


def _settings(arguments: Arguments, base: str) -> dict[str, Any]:
    """Everything that decides a run, in full, the base's weights, and how many processes."""
    inputs, objectives, _, training = arguments
    settings = {NAMES_IN_MARK.get(name, name): value for name, value in vars(inputs).items()}
    settings |= vars(objectives) | training.to_dict()
    settings |= {f"{name}_weight": value for name, value in settings.pop("weights").items()}
    for name, usual in SINCE_0_1_0.items():
        if settings[name] == usual:
            del settings[name]
    if inputs.pairs is not None and len(inputs.pairs) == 1:
        settings[NAMES_IN_MARK["pairs"]] = inputs.pairs[0]
    settings["ablation"] = False  # an option of 0.1.0, false for every single run
    settings = {name: v for name, v in settings.items() if name not in NOT_SETTINGS}
    settings["base"] = model_digest(base, inputs.base_revision)
    # Each process adds its own batch to a step.
    if training.world_size > 1:
        settings["world_size"] = training.world_size
    plain: dict[str, Any] = json.loads(json.dumps(settings))
    return plain
