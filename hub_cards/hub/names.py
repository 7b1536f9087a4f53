"""The kinds of names that a card, a record or the Hub may bring, each checked where it comes in."""

from __future__ import annotations

import re
from typing import Any

CONFIG = r"(?!(?:data|default)\Z)[A-Za-z0-9][A-Za-z0-9_-]{0,95}"
REPOSITORY = r"(?!.*(?:\.\.|--))[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
"""tests/house/test_doors.py compares both with those of `data_builders`."""
BRANCH = r"(?!.*(?:\.\.|//|@\{))[^\s~^:?*\[\\\x00-\x1f\x7f]{1,255}"
"""What git takes as the name of a branch, and a server as part of an address."""


def is_config_name(text: Any) -> bool:
    """Tell the name of a config from anything else: it becomes a folder."""
    return isinstance(text, str) and re.fullmatch(CONFIG, text) is not None


def is_hub_id(text: Any) -> bool:
    """Tell `org/name` from a folder, a description or anything else."""
    return isinstance(text, str) and re.fullmatch(REPOSITORY, text) is not None


def is_branch(text: Any) -> bool:
    """Tell the name of a branch, or a commit, from what no repository can have."""
    return isinstance(text, str) and re.fullmatch(BRANCH, text) is not None
