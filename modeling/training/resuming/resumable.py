"""The stock Trainer with checkpoints that hold all of a training: it goes on as if never stopped.

The stock one loses, besides the clock, what it summed up and had not logged, what happens at the
end of an epoch behind the last save, and it makes a step too many behind the last one.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer import TRAINING_ARGS_NAME

from ...aligned.errors import AlignmentError
from ...checkpoints.saving import save_tokenizer
from ...writing import writing

__all__ = ["COURSE", "STATE", "ResumableTrainer", "file_digest", "seal"]

COURSE = "course"
"""Name, in the state of a checkpoint, of what this class keeps there."""
STATE = "trainer_state.json"
"""What the Trainer writes last into a checkpoint: it holds the digests of all else."""


def seal(state: dict[str, Any]) -> str:
    """Digest the state of a checkpoint: whatever changed it since, it is not to be believed.

    Args:
        state: Fields of `TrainerState`, as saved. Of callbacks only this module's part counts.
    """
    course = {name: x for name, x in state["stateful_callbacks"][COURSE].items() if name != "seal"}
    told = json.dumps({**state, "stateful_callbacks": course}, sort_keys=True)
    return f"sha256:{hashlib.sha256(told.encode()).hexdigest()}"


def file_digest(path: Path) -> str:
    """Digest a file.

    Args:
        path: The file.
    """
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


class _WholeCheckpoints(TrainerCallback):
    """Saves behind an epoch's end, with what is logged and evaluated there."""

    def __init__(self, trainer: ResumableTrainer) -> None:
        self.trainer = trainer
        self.postponed = False

    def on_train_begin(self, *args: Any, **kwargs: Any) -> None:
        self.trainer.restore_course()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        ends = float(state.epoch or 0).is_integer() or control.should_training_stop
        self.postponed = control.should_save and ends
        control.should_save = control.should_save and not ends

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        control.should_save = control.should_save or self.postponed
        self.postponed = False


class ResumableTrainer(Trainer):
    """Trains as `transformers.Trainer`, with named losses in the log."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set up as `transformers.Trainer`.

        Args:
            *args: As `transformers.Trainer`.
            **kwargs: As `transformers.Trainer`.
        """
        super().__init__(*args, **kwargs)
        self._sums: dict[str, torch.Tensor] = {}
        self._steps_before = 0
        self.add_callback(_WholeCheckpoints(self))

    def note(self, named: dict[str, torch.Tensor]) -> None:
        """Keep named losses for the log.

        Args:
            named: By name, what is added to its sum since the last entry. *Shape:* ().
        """
        if not self._sums:
            # Not what the last log said: a resumed run starts in the middle.
            self._steps_before = self.state.global_step
        for name, value in named.items():
            self._sums[name] = self._sums.get(name, torch.zeros_like(value)) + value

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add each named loss, averaged over the steps and ranks since the last entry."""
        steps = self.state.global_step - self._steps_before
        if "loss" in logs and steps > 0:
            for name, total in self._sums.items():
                mean = self.accelerator.reduce(total.float() / steps, reduction="mean")
                logs[name] = round(float(mean), 6)
            self._sums = {}
        if "train_loss" in logs:
            # Of all steps: the Trainer divides by those since the run was taken up.
            logs["train_loss"] = self._total_loss_scalar / max(self.state.global_step, 1)
        super().log(logs, start_time)

    def restore_course(self) -> None:
        """Take over what a checkpoint had summed up and not yet logged, and find its best step.

        With another number of processes the sums are not theirs: the next entry then tells of the
        steps since.

        Raises:
            AlignmentError: The best checkpoint so far is wanted at the end, and gone.
        """
        if not self.state.global_step:
            return
        # How often is said by the options, which a state from elsewhere would override.
        self.state.compute_steps(self.args, self.state.max_steps)
        self._find_best()
        kept: Any = self.state.stateful_callbacks
        course = kept.get(COURSE)
        if not course or len(course["sums"]) != self.accelerator.num_processes:
            return
        own = course["sums"][self.accelerator.process_index]
        loss, *sums = torch.tensor(own, device=self.args.device).unbind()
        self._tr_loss, self._sums = loss, dict(zip(course["parts"], sums, strict=True))
        self._steps_before = course["steps_before"]
        self._globalstep_last_logged = course["last_logged"]
        self._total_loss_scalar = course["total"]

    def _find_best(self) -> None:
        """The state names a folder as it was called then; it may have been moved since."""
        step, named = self.state.best_global_step, self.state.best_model_checkpoint
        if not (self.args.load_best_model_at_end and step):
            return
        place = Path(str(self.args.output_dir)) / f"checkpoint-{step}"
        if place.is_dir():
            self.state.best_model_checkpoint = str(place)
        elif named is None or not Path(named).is_dir():
            raise AlignmentError(
                f"{place} is gone, the best checkpoint so far; put it back, or begin again in "
                "another --output-dir"
            )

    def _save_rng_state(self, output_dir: str) -> None:
        """Keep the course in the state, which is saved next and last."""
        super()._save_rng_state(output_dir)
        parts = sorted(self._sums)
        sums = torch.stack([self._tr_loss, *(self._sums[part].float() for part in parts)])
        course: dict[str, Any] = {
            "parts": parts,
            "sums": self.accelerator.gather(sums[None]).tolist(),
            "steps_before": self._steps_before,
            "last_logged": self._globalstep_last_logged,
            "total": self._total_loss_scalar,
        }
        if self.args.should_save:
            # What begins with a dot, a kill left while a file was written aside.
            files = sorted(file for file in Path(output_dir).glob("[!.]*") if file.is_file())
            course["files"] = {file.name: file_digest(file) for file in files if file.name != STATE}
        kept: Any = self.state.stateful_callbacks
        kept[COURSE] = course
        course["seal"] = seal(vars(self.state))

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        """Save a checkpoint on the way, its tokenizer without what was embedded or cached before.

        Else `tokenizer.json` would depend on the cutting and padding of its last call. The pickled
        options go: no training reads them, and those of a resumed one would tell that it was.
        """
        super()._save(output_dir, state_dict)
        folder = Path(output_dir or str(self.args.output_dir))
        if self.processing_class is not None:
            save_tokenizer(self.processing_class, folder)
        if self.args.should_save:
            (folder / TRAINING_ARGS_NAME).unlink(missing_ok=True)

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        with writing(str(self.args.output_dir)):
            super()._save_checkpoint(*args, **kwargs)

    def _run_epoch(self, *args: Any, **kwargs: Any) -> None:
        """Make no step more where the checkpoint is that of the last step."""
        if self.state.global_step < self.state.max_steps:
            super()._run_epoch(*args, **kwargs)
