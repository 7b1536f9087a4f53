"""The state of a fast tokenizer: what `tokenizer.json` holds, taken out, changed, and put back."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer
from transformers import PreTrainedTokenizerBase as Tokenizer

from ..aligned.errors import AlignmentError
from ..checkpoints.saving import save_tokenizer
from ..writing import writing

__all__ = ["state_of", "with_state"]


def state_of(tokenizer: Tokenizer, legal: Sequence[str], done: str) -> dict[str, Any]:
    """Read a tokenizer's state.

    Args:
        tokenizer: Of transformers.
        legal: Types of vocabulary that can be changed so.
        done: What is done to them, such as `trimmed`; for the message.

    Raises:
        AlignmentError: The vocabulary is of another type.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    state: dict[str, Any] = json.loads(backend.to_str()) if backend is not None else {}
    kind = state.get("model", {}).get("type")
    if kind not in legal:
        raise AlignmentError(
            f"a vocabulary of type {kind or 'slow tokenizer'} cannot be {done}. "
            f"Legal: {', '.join(legal)}."
        )
    return state


def with_state(tokenizer: Tokenizer, state: dict[str, Any]) -> Tokenizer:
    """Return a tokenizer of another state, with the settings of the old one.

    Args:
        tokenizer: Gives the settings.
        state: As `state_of` gives it, changed.
    """
    with tempfile.TemporaryDirectory() as folder, writing(folder):
        save_tokenizer(tokenizer, folder)
        path = Path(folder) / "tokenizer.json"
        path.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
        changed: Tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    return changed
