"""A finished training, as a user holds it: folder, record, model and tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import TrainRecord
from translit_ppa.identity import training_of
from translit_ppa.modeling import AlignmentError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from translit_ppa.encoder import Encoder


@dataclass(frozen=True)
class Run:
    """A finished training.

    Attributes:
        folder: Of a stock checkpoint, which `AutoModel.from_pretrained(run.folder)` opens too.
        record: What was trained on what, how, and with which course; `train_record.json`.
    """

    folder: Path
    record: TrainRecord

    @classmethod
    @raises_translit_error
    def open(cls, folder: str | Path) -> Run:
        """Open a training that `align` finished, now or long ago.

        Args:
            folder: Its `output_dir`.

        Raises:
            TranslitError: No finished training lies there.
        """
        record = training_of(str(folder))
        if record is None:
            raise AlignmentError(
                f"{folder} holds no finished training: train_record.json is not there. Legal: the "
                "output_dir of a run that was finished."
            )
        return cls(Path(folder), record)

    @property
    def steps(self) -> int:
        """Optimiser steps that were made, those before an interruption included."""
        return self.record.steps

    @cached_property
    def model(self) -> PreTrainedModel:
        """The masked language model, of transformers' own class; its `base_model` is the encoder.

        The encoder alone, where the base had no head and none was trained. Read from the folder on
        first use, to the CPU, in evaluation mode.
        """
        from translit_ppa.modeling.checkpoints.stock import open_stock

        model: PreTrainedModel = open_stock(str(self.folder), dtype="auto")[0].eval()
        return model

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The tokenizer beside the model, trimmed where its vocabulary is; read on first use."""
        from transformers import AutoTokenizer

        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            self.folder, trust_remote_code=False
        )
        return tokenizer

    def encoder(self, **options: Any) -> Encoder:
        """Open the checkpoint for embedding and search.

        Args:
            **options: As `Encoder` takes them, such as `layer` or `pooling`.

        Returns:
            The same as `Encoder(run)`.
        """
        from translit_ppa.encoder import Encoder

        return Encoder(self.folder, **options)
