"""The stock Trainer with three additions: exact accumulation, named losses, retrieval scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ..aligned.objectives import (
    OBJECTIVES,
    VIEW_PREFIXES,
    contrasted_parts,
    predicted_parts,
)
from .anchored.language_batches import LanguageBatches
from .machine.cpu import ReturnMemoryCallback
from .machine.energy import EnergyCallback
from .pair_dataset import PairDataset
from .resuming.resumable import ResumableTrainer
from .token_budget import CachedContrast, split_by_tokens


def _counts_of(batch: dict[str, Any]) -> dict[str, torch.Tensor]:
    """How many tokens are masked in each view of a batch."""
    return {
        view: (batch[key] != -100).sum()
        for view, prefix in VIEW_PREFIXES.items()
        if (key := f"{prefix}labels") in batch
    }


def _divisors(counts: dict[str, torch.Tensor], contrasts: torch.Tensor) -> dict[str, torch.Tensor]:
    """What each part of the loss is divided by: masked tokens of its view, or contrasts."""
    parts = predicted_parts(OBJECTIVES)
    predicted = {
        part: counts[view].clamp(min=1).float()
        for part, (_, view) in parts.items()
        if view in counts
    }
    return {**predicted, **dict.fromkeys(contrasted_parts(OBJECTIVES), contrasts)}


class _EpochCallback(TrainerCallback):
    """Tells the dataset its epoch, also after a resume, so that masks are drawn anew."""

    def __init__(self, dataset: PairDataset) -> None:
        self.dataset = dataset

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.dataset.set_epoch(int(state.epoch or 0))


class AlignmentTrainer(ResumableTrainer):
    """Trains an alignment model on `PairDataset` rows.

    Language-modelling losses are sums over the masked tokens of a whole optimiser step, all
    micro-batches and all ranks, divided by their number: accumulating 2 x 4 pairs equals 1 x 8. The
    contrastive loss is the mean of its micro-batches, each over the pairs of all ranks.
    """

    # The stock masked LM swallows `num_items_in_batch` unused, which would double the gradient at
    # two micro-batches; this class normalises itself and says so.
    loss_is_scaled_for_ga = True

    def __init__(
        self,
        *args: Any,
        retrieval_metrics: Callable[[torch.nn.Module], dict[str, float]] | None = None,
        **kwargs: Any,
    ) -> None:
        """Set up as `transformers.Trainer`.

        Args:
            *args: As `transformers.Trainer`.
            retrieval_metrics: Scores the live model on a validation benchmark; its numbers are
                logged as `eval_<name>` and can choose the best checkpoint.
            **kwargs: As `transformers.Trainer`; `train_dataset` is a `PairDataset`.
        """
        config: Any = getattr(kwargs.get("model"), "config", None)
        use_cache = getattr(config, "use_cache", None)
        super().__init__(*args, **kwargs)
        if use_cache is not None:
            config.use_cache = use_cache  # the Trainer changes what the base says
        self.retrieval_metrics = retrieval_metrics
        self.energy = EnergyCallback()
        self.add_callback(self.energy)
        self.add_callback(ReturnMemoryCallback())
        if isinstance(self.train_dataset, PairDataset):
            self.add_callback(_EpochCallback(self.train_dataset))

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        """Order the pairs as the Trainer does, or so that batches are of one language."""
        share = getattr(self.args, "language_batches", 0.0)
        dataset = self.train_dataset if train_dataset is None else train_dataset
        if not share or not isinstance(dataset, PairDataset):
            return super()._get_train_sampler(train_dataset)
        return LanguageBatches(dataset, self.args.train_batch_size, share, self.args.seed)

    def get_batch_samples(
        self, epoch_iterator: Iterator[Any], num_batches: int, device: torch.device
    ) -> tuple[list[Any], Any]:
        """Collect the micro-batches of one optimiser step and count their masked tokens.

        Returns:
            The batches, and for each loss part the number its sum is divided by.
        """
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        world = self.accelerator.num_processes
        if not batches:
            return batches, {}
        found = [_counts_of(batch) for batch in batches]
        counts = {}
        for view in found[0]:
            count = torch.stack([of_batch[view] for of_batch in found]).sum().to(device)
            counts[view] = self.accelerator.reduce(count, reduction="sum") if world > 1 else count
        normalizers = _divisors(counts, torch.tensor(float(len(batches)), device=device))
        # Data-parallel training averages over ranks; a share of the total undoes it.
        for part in predicted_parts(OBJECTIVES).keys() & normalizers.keys():
            normalizers[part] /= world
        return batches, normalizers

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Run the model on one micro-batch and keep its named losses for the log.

        Returns:
            The loss, already a share of the whole step's; with `return_outputs`, the output too.
        """
        normalizers = num_items_in_batch if isinstance(num_items_in_batch, dict) else None
        outputs = model(**inputs, normalizers=normalizers)
        if model.training:
            self.note({name: value for name, value in outputs.items() if name != "loss"})
        return (outputs.loss, outputs) if return_outputs else outputs.loss

    def training_step(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        num_items_in_batch: Any = None,
    ) -> torch.Tensor:
        """Train on one micro-batch, in parts of at most `tokens_per_batch` tokens.

        Returns:
            The loss, already a share of the whole step's. *Shape:* ().
        """
        budget: int | None = getattr(self.args, "tokens_per_batch", None)
        if not budget:
            return super().training_step(model, inputs, num_items_in_batch)
        # Ranks exchange embeddings: all of them must go the same way, however long their text.
        alone = self.accelerator.num_processes == 1
        batch = self._prepare_inputs(inputs)
        parts = split_by_tokens(batch, budget)
        if alone and len(parts) == 1:
            return super().training_step(model, batch, num_items_in_batch)
        model.train()
        one = torch.ones((), device=batch["input_ids"].device)
        normalizers = num_items_in_batch or _divisors(_counts_of(batch), one)
        contrast = None
        bare = self.accelerator.unwrap_model(model)
        alignment = bare.alignment
        predicted = predicted_parts(alignment.objectives)
        if contrasted_parts(alignment.objectives):
            with self.compute_loss_context_manager():
                contrast = CachedContrast(bare, parts, batch, normalizers)
        total = torch.zeros((), device=self.args.device)
        for index, part in enumerate(parts):
            last = index + 1 == len(parts)
            with nullcontext() if last else self.accelerator.no_sync(model):
                given = contrast.part(index) if contrast else nullcontext()
                with given as gradients, self.compute_loss_context_manager():
                    outputs = model(**part, normalizers=normalizers, sentence_gradients=gradients)
                self.accelerator.backward(outputs.loss)
            named = {name: value for name, value in outputs.items() if name != "loss"}
            self.note(named)
            total += sum(
                alignment.weights[predicted[name][0]] * value for name, value in named.items()
            )
        if contrast:
            self.note(contrast.values)
            total += contrast.loss
        return total

    def evaluate(
        self, *args: Any, metric_key_prefix: str = "eval", **kwargs: Any
    ) -> dict[str, float]:
        """Score the validation benchmark, if there is one, besides the validation loss."""
        kwargs["metric_key_prefix"] = metric_key_prefix
        metrics: dict[str, float] = super().evaluate(*args, **kwargs)
        if self.retrieval_metrics is not None:
            model = self.accelerator.unwrap_model(self.model)
            was_training = model.training
            scores = self.retrieval_metrics(model.eval())
            model.train(was_training)
            named = {f"{metric_key_prefix}_{name}": value for name, value in scores.items()}
            self.log(dict(named))
            metrics.update(named)
        return metrics

    def _issue_warnings_after_load(self, load_result: Any) -> None:
        """Be quiet about weights that are another name of one that was loaded."""
        tied = self.accelerator.unwrap_model(self.model).all_tied_weights_keys
        missing = [name for name in load_result.missing_keys if name not in tied]
        super()._issue_warnings_after_load(load_result._replace(missing_keys=missing))
