"""Datasets for the loopback Hub: files of any layout, and how they come to lie there."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loopback_hub import LoopbackHub
from loopback_store import Blob


def parquet(**columns: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def lines(*rows: Mapping[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def serve(hub: LoopbackHub, files: Mapping[str, bytes], name: str = "org/name") -> None:
    repo = hub.store.create("dataset", name, False)
    blobs = {path: Blob(data, not path.endswith(".md")) for path, data in files.items()}
    hub.store.objects.update((blob.etag, blob.data) for blob in blobs.values())
    repo.add("main", "text", blobs)
