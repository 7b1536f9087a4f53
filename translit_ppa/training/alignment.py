"""`align`: post-train an encoder on pairs, from Python or under the command `train`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_reading import reads_hub
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.training.arguments import make_arguments
from translit_ppa.training.build_options import gathered
from translit_ppa.training.checks import check_options
from translit_ppa.training.post_training import post_train
from translit_ppa.training.processes import leaving_process_group
from translit_ppa.training.recipes import AUTO, with_recipe
from translit_ppa.training.runs import Run


@raises_translit_error
@reads_hub
def align(
    base: str | Path | None = None,
    pairs: Any = None,
    *,
    objectives: Sequence[str] | None = None,
    output_dir: str | Path | None = None,
    group: str | Path | None = None,
    recipe: str | None = None,
    paper_compat: bool = False,
    max_length: int | None = None,
    **training_arguments: Any,
) -> Run:
    """Align a multilingual encoder across scripts, by post-training it on pairs.

    Without arguments: the embedded example, a small model on the names of the CLDR. Under
    `torchrun` every process calls it; each has `per_device_train_batch_size` pairs of a step.

    Args:
        base: Hub id or folder of the model to start from: a masked language model of the families
            xlm-roberta, bert or modernbert. None: a small stand-in is trained first.
        pairs: Of original and romanised text: what `build_pairs` returns, a Hub id, or a folder;
            or a list of such, which are trained on together. None: pairs are built from `source`
            (`cldr`) into `output_dir/pairs`.
        objectives: Any of `mlm` (masked language modelling on each script), `seq` (sentences of a
            pair are drawn together) and `tlm` (language modelling on the joined pair); the paper,
            sections 3.1 to 3.3, trains all three. And `anchor`: the romanised sentence is drawn to
            where the frozen base has the original. None: the recipe's, else the paper's three.
        output_dir: Folder of the checkpoint. None: the recipe's, else `runs/train`.
        group: Language group: a name, or a TSV of one's own. None: that of the pairs or of the
            recipe, else `mediterranean`.
        recipe: Named defaults: `mediterranean` and `sea`, the paper's two runs; `anchor`, for a
            sentence encoder; `embedded`, which holds where no base is given. `auto`: `anchor` for a
            sentence encoder, the paper's for a masked language model; says which. None: as `auto`,
            unless `objectives` or `paper_compat` are given.
        paper_compat: Do as the authors' code where it differs from the paper or is wrong.
        max_length: Longest sequence in tokens, special tokens included. None: the recipe's, else
            512 (appendix A).
        **training_arguments: All other options that `translit-ppa train --help` lists, with
            underscores, and every field of `transformers.TrainingArguments`. Of ours:
            `base_revision`, `pairs_revision`: commit, tag or branch on the Hub.
            `source`, `count`: what pairs are built from; phrases per language of the CLDR.
            All further options of `build_pairs`, for pairs that are built: `fraction`, `floor`,
            `cap`, `languages`, `transliterator`, `exclude_benchmark` and so on; its `temperature`
            is `sampling_temperature` here.
            `text_column`, `transliteration_column`: columns of the pairs, or of the source.
            `max_train_samples`: train on so many pairs, drawn by the seed.
            `mlm_weight`, `seq_weight`, `tlm_weight`, `anchor_weight`: factors in the loss
            (equation 2: 1).
            `anchor_temperature` (0.05), `anchor_bank` (4096 negatives), `anchor_originals` (0.25:
            share of the pairs whose original is anchored too), `anchor_hold` (20: how strongly it
            is held in place), `freeze_embeddings`: of `anchor`.
            `language_batches`: share of the pairs that come in batches of one language (0).
            `check_harm`: ask base and trained model on the pairs' validation split (True).
            `keep_if_better`: keep the best point between their weights (False; True in `anchor`).
            `layer`: what `seq` and `anchor` align, counted from 1 (section 4: 8 of 12; None: 2/3
            of them, and for `anchor` all of a sentence encoder's).
            `similarity`: `dot` (section 3.2) or `cosine`; `temperature` divides it (1).
            `pooling`: of embeddings outside the loss, `attended` (section 4.2) or `content`.
            `mlm_probability`: share of tokens masked (appendix A: 0.15).
            `tokens_per_batch`: most tokens encoded at a time, which bounds memory; the gradient is
            that of the whole batch.
            `lora_rank`: train LoRA adapters of this rank, merged at the end (None: all weights).
            `trim_vocabulary`, `trim_keep`: leave unused pieces out of the vocabulary.
            `validation_benchmark`, `benchmark_dir`: chooses the best checkpoint by top-10.
            `stand_in_layers` and so on: the model that is trained where no base is given.
            Of the Trainer's, defaults are appendix A's: `learning_rate` 2e-5 (peak),
            `per_device_train_batch_size` 16 pairs, `gradient_accumulation_steps` 8,
            `num_train_epochs` 2, `seed` 42. `resume_from_checkpoint="last"` goes on with a run that
            was cut.

    Returns:
        The finished run. In the folder lie a stock checkpoint, which needs none of this code to be
        opened, and `train_record.json`.

    Raises:
        TranslitError: An option is unknown or illegal, pairs or base cannot be opened, or the
            folder already holds a run. All of this shows before anything is written.

    Source:
        arXiv 2406.19759, section 3 and appendix A.
    """
    values: dict[str, Any] = {"paper_compat": paper_compat}
    if objectives is not None:
        values["objectives"] = list(objectives)
    if max_length is not None:
        values["max_length"] = max_length
    values |= named_values(base, pairs, output_dir, group, recipe) | gathered(training_arguments)
    with leaving_process_group():
        if base:
            # What is wrong shows before the base is looked at for its recipe.
            plain = {k: v for k, v in values.items() if (k, v) != ("recipe", AUTO)}
            inputs, _, _, training = make_arguments(plain)
            check_options(inputs, training)
        values = with_recipe(values, told=os.environ.get("RANK", "0") == "0")
        return post_train(make_arguments(values))


def named_values(
    base: str | Path | None,
    pairs: Any,
    output_dir: str | Path | None,
    group: str | Path | None,
    recipe: str | None,
) -> dict[str, Any]:
    """Return those options of `align` that were given, as words.

    Raises:
        AlignmentError: If the pairs are in memory only.
    """
    several = list(pairs) if isinstance(pairs, list | tuple) else [pairs]
    if not several:
        raise AlignmentError("pairs are an empty list. Legal: one or more folders or Hub ids.")
    if group is None and pairs is not None:
        group = getattr(several[0], "config", None)
    given = {"base": base, "output_dir": output_dir, "group": group, "recipe": recipe}
    values: dict[str, Any] = {n: str(value) for n, value in given.items() if value is not None}
    if pairs is not None:
        values["pairs"] = [_name_of(each) for each in several]
    return values


def _name_of(pairs: Any) -> str:
    """Folder or Hub id of pairs."""
    if isinstance(pairs, str | Path):
        return str(pairs)
    if (folder := getattr(pairs, "folder", None)) is None:
        raise AlignmentError(
            "pairs lie in no folder. Legal: what build_pairs(..., out=FOLDER) returns, the "
            "folder, or a Hub id."
        )
    return str(folder)
