"""The Xet store of the loopback Hub: a folder that the clients' `hf_xet` reads and writes.

A commit names a large file by the SHA-256 of its content alone; the Hub learns the Xet hash from
the store's index, which is not public. Here the test says beforehand which files to expect.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path


class XetStore:
    """Content by SHA-256, kept as Xet keeps it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.url = f"local://{folder}"
        self.hashes: dict[str, tuple[str, int]] = {}

    def expect(self, *paths: Path) -> None:
        """Learn the Xet hashes of files that clients are going to send."""
        import hf_xet

        for path, found in zip(paths, hf_xet.hash_files([str(p) for p in paths]), strict=True):
            content = path.read_bytes()
            self.hashes[hashlib.sha256(content).hexdigest()] = (found.hash, len(content))

    def read(self, oid: str) -> bytes | None:
        """Restore content from what arrived in the store; None where it is not there whole."""
        import hf_xet

        if oid not in self.hashes:
            return None
        xet_hash, size = self.hashes[oid]
        with tempfile.TemporaryDirectory() as aside:
            # The client may still hold the store's lock.
            copy, target = Path(aside) / "store", Path(aside) / "content"
            shutil.copytree(self.folder, copy)
            try:
                with hf_xet.XetSession().new_file_download_group(
                    endpoint=f"local://{copy}"
                ) as group:
                    group.start_download_file(hf_xet.XetFileInfo(xet_hash, size), str(target))
            except (RuntimeError, hf_xet.XetObjectNotFoundError):
                return None
            content = target.read_bytes()
        return content if hashlib.sha256(content).hexdigest() == oid else None
