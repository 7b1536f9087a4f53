"""A training that is watched: the base is asked before the first step, the model at the end."""

from __future__ import annotations

import shutil
import sys
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import PreTrainedTokenizerBase

from translit_ppa.data_builders import load_group
from translit_ppa.hub_cards.records.record_types import HarmCheck
from translit_ppa.modeling import SentenceEncoder
from translit_ppa.modeling.checkpoints.interpolate import line_from, save_base
from translit_ppa.modeling.training.arguments import InputArguments, PostTrainingArguments
from translit_ppa.training.bases.own_place import Place
from translit_ppa.training.harm.questions import FEWEST, Lines, Questions
from translit_ppa.training.harm.verdict import best_point, compared, in_one_line, warnings
from translit_ppa.training.inputs import PAIRS_NAME, named_pairs

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks import Benchmark

BASE_WEIGHTS = ".base"


class Watch:
    """What the base found, and where its weights are kept meanwhile."""

    def __init__(
        self,
        questions: Questions,
        before: Lines,
        tokenizer: PreTrainedTokenizerBase,
        max_length: int,
        kept: Path | None,
        place: Place,
    ) -> None:
        """Keep what was found; `begin` finds it."""
        self._questions = questions
        self._before = before
        self._tokenizer = tokenizer
        self._max_length = max_length
        self._kept = kept
        self._place = place

    @classmethod
    def begin(
        cls,
        model: Any,
        tokenizer: PreTrainedTokenizerBase,
        inputs: InputArguments,
        training: PostTrainingArguments,
        output: Path,
        validation: tuple[Benchmark, list[tuple[str, str]], str] | None,
        place: Place,
    ) -> Watch | None:
        """Ask the base, before the first step.

        Args:
            model: The base, as it was loaded.
            tokenizer: Its tokenizer.
            inputs: Of the run.
            training: Of the run.
            output: Folder of the run.
            validation: The validation benchmark, if there is one.
            place: How the base makes embeddings.

        Returns:
            The watch; None, and a line that says so, where there is too little text to ask for.
        """
        named = named_pairs(inputs.pairs or [str(output / PAIRS_NAME)], inputs.group)
        columns = (inputs.text_column, inputs.transliteration_column)
        more: dict[str, Any] = {}
        if validation is not None:
            benchmark, _, split = validation
            codes = load_group(inputs.group).scored_codes
            more = {"benchmark": benchmark, "codes": codes, "split": split}
        revision, seed = inputs.pairs_revision, training.seed
        questions = Questions.of_pairs(named, columns, revision, seed, **more)
        if not questions:
            why = f"the pairs have no validation split of {FEWEST} rows or more"
            if inputs.keep_if_better:
                print(
                    f"WARNING: --keep-if-better cannot choose: {why}, and there is no "
                    "--validation-benchmark. The trained weights are saved as they are.",
                    file=sys.stderr,
                )
            else:
                print(f"harm is not measured: {why}")
            return None
        model.to(training.device)
        kept = output / BASE_WEIGHTS / "weights.safetensors" if inputs.keep_if_better else None
        if kept is not None:
            save_base(model, kept)
        # A copy: encoding sets how a tokenizer cuts and pads, which would be saved with it.
        watch = cls(questions, {}, deepcopy(tokenizer), inputs.max_length, kept, place)
        watch._before = watch._ask(model)
        return watch

    def end(self, model: Any) -> HarmCheck:
        """Ask the trained model, and say what rose and fell; the best point is kept if asked for.

        Args:
            model: The trained one; it may be moved towards the base.
        """
        if self._kept is None:
            lines = compared(self._before, self._ask(model))
            worse = [line.name for line in lines if line.verdict == "worse"]
            check = HarmCheck(lines, 1.0, worse, [])
        else:
            line = line_from(model, self._kept)

            def ask_at(alpha: float) -> Lines:
                line.move(alpha)
                return self._ask(model)

            check = best_point(self._before, ask_at)
            line.move(check.alpha)
            shutil.rmtree(self._kept.parent)
            print(f"kept: {check.alpha:g} of the way from the base to the trained weights")
        print(in_one_line(check))
        for warning in warnings(check, self._kept is not None):
            print(warning, file=sys.stderr)
        return check

    def _ask(self, model: Any) -> Lines:
        was_training = model.training
        encoder = SentenceEncoder(
            model.eval(),
            self._tokenizer,
            max_length=self._max_length,
            way=self._place.way,
            prompt=self._place.prompt,
        )
        lines = self._questions.ask(encoder)
        model.train(was_training)
        return lines
