"""Datasets as the Hub serves them, a card with configs and files, put on a loopback Hub."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loopback_hub import LoopbackHub
from loopback_store import Blob, Repo


def parquet(**columns: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def card(configs: dict[str, dict[str, str]]) -> bytes:
    """A README with the path of each split of each config."""
    told = "---\nconfigs:\n"
    for name, splits in configs.items():
        told += f"- config_name: {name}\n  data_files:\n"
        told += "".join(f"  - split: {split}\n    path: {path}\n" for split, path in splits.items())
    return f"{told}---\n".encode()


def serve(hub: LoopbackHub, repository: str, files: dict[str, bytes]) -> Repo:
    repo = hub.store.create("dataset", repository, False)
    blobs = {path: Blob(data, path.endswith(".parquet")) for path, data in files.items()}
    hub.store.objects.update((blob.etag, blob.data) for blob in blobs.values())
    repo.add("main", "data", blobs)
    return repo
