"""What a model and a tokenizer are, as content: digests, commits, the record of a training."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from translit_ppa.hub_cards import RecordError, TrainRecord, load_records

LIBRARIES = ("torch", "transformers", "tokenizers", "datasets", "accelerate", "uroman", "babel")


def model_digest(name_or_path: str, revision: str | None = None) -> str:
    """Identify a model's weights: a Hub commit, or `sha256:` and 12 hex digits of a folder's files.

    Args:
        name_or_path: Hub id or folder.
        revision: Commit, tag or branch on the Hub; None is `main`.

    Returns:
        The digest; `unknown` where neither the cache nor the Hub tells the commit.
    """
    folder = Path(name_or_path)
    if not folder.is_dir():
        return _hub_commit(name_or_path, revision) or "unknown"
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]):
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return f"sha256:{digest.hexdigest()[:12]}"


def _hub_commit(repo_id: str, revision: str | None) -> str | None:
    """Tell the commit of a model as it was loaded, or else as it would be loaded now."""
    from huggingface_hub import HfApi, try_to_load_from_cache

    from translit_ppa.hub_cards.hub.repository import NetworkError

    # The cache comes first: `main` may have moved on since these weights were loaded.
    cached = try_to_load_from_cache(repo_id, "config.json", revision=revision)
    if isinstance(cached, str):
        return Path(cached).parent.name
    try:
        return HfApi().model_info(repo_id, revision=revision).sha
    except (NetworkError, OSError):
        return None


def training_of(folder: str) -> TrainRecord | None:
    """Read the record of the training that made a checkpoint; None where there is none.

    Raises:
        RecordError: It is a record of something else.
    """
    path = Path(folder) / "train_record.json"
    if not path.is_file():
        return None
    records = load_records(path)
    if len(records) != 1 or not isinstance(records[0], TrainRecord):
        kinds = ", ".join(record.kind for record in records)
        raise RecordError(f"{path}: holds records of kind {kinds}; legal: one train record")
    return records[0]


def tokenizer_digest(tokenizer: Any) -> str:
    """Identify what a tokenizer does to text: `sha256:` and 12 hex digits of its content.

    Args:
        tokenizer: Of transformers. Cutting and padding are left out: they are set by each use.
    """
    if tokenizer.is_fast:
        rules = json.loads(tokenizer.backend_tokenizer.to_str())
        rules = {
            name: rule for name, rule in rules.items() if name not in ("truncation", "padding")
        }
    else:
        rules = {"vocab": tokenizer.get_vocab(), "class": type(tokenizer).__name__}
    text = json.dumps([rules, tokenizer.model_max_length], sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"
