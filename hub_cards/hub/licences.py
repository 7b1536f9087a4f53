"""Whose text it is: what a corpus allows, as far as this project or the Hub can tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .card_check import legal
from .names import REPOSITORY
from .stage import PublishError


@dataclass(frozen=True)
class Licence:
    """A licence as a card names it.

    Attributes:
        identifier: The Hub's name; `other` and `unknown` are such names.
        name: What `other` stands for.
        link: Where its text is.
        settled: Whether the text may be published without the user's own word for it.
    """

    identifier: str
    name: str | None = None
    link: str | None = None
    settled: bool = True

    def __str__(self) -> str:
        return f"{self.name} ({self.link})" if self.name else self.identifier


UNKNOWN = Licence("unknown", settled=False)
# Babel carries the CLDR with this licence (locale-data/LICENSE.unicode, "UNICODE LICENSE V3", SPDX
# Unicode-3.0). It permits copies that carry its notice. The Hub has no name for it.
UNICODE = Licence("other", "unicode-3.0", "https://www.unicode.org/license.txt")
_HUB_SOURCE = re.compile(rf"({REPOSITORY})@([0-9a-f]{{40}})")


def stated(identifier: str, name: str | None = None, link: str | None = None) -> Licence:
    """Take a licence that the user states.

    Args:
        identifier: The Hub's name.
        name: For `other`, what it is called.
        link: For `other`, where its text is.

    Raises:
        PublishError: If the Hub has no such name, or the name says nothing.
    """
    if identifier == "other" and name and link:
        return Licence(identifier, name, link)
    if identifier not in legal("licences") or identifier in ("other", "unknown"):
        raise PublishError(
            f"license: came {identifier!r}; legal: a name that the Hub knows, such as cc-by-4.0, "
            "cc0-1.0, apache-2.0, mit (hub_cards/lists/licences.txt), or other with --license-name "
            "and --license-link"
        )
    if name or link:
        raise PublishError(
            f"license: {identifier} has a name and a text already; --license-name and "
            "--license-link belong to --license other"
        )
    return Licence(identifier)


def hub_source(source: str) -> tuple[str, str] | None:
    """Split the source of a record into dataset and commit, where it is one of the Hub."""
    match = _HUB_SOURCE.fullmatch(source)
    return (match[1], match[2]) if match else None


def of_source(source: str, *, ask: bool = True) -> Licence:
    """Say under which licence the text of a build stands.

    Args:
        source: As the build record has it: `cldr-47`, `org/name@<commit>`, `files:...`.
        ask: Whether the Hub may be asked.

    Returns:
        The licence; `UNKNOWN` where nothing is known, or the Hub cannot be asked.
    """
    if re.fullmatch(r"cldr-\d+(\.\d+)*", source):
        return UNICODE
    found = hub_source(source)
    return of_repository(found[0], "dataset", found[1]) if found and ask else UNKNOWN


def of_repository(repo_id: str, repo_type: str, revision: str | None = None) -> Licence:
    """Ask the Hub for the licence in the card of a repository.

    Returns:
        The licence; `UNKNOWN` where the card names none, or the Hub cannot be asked.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    from .patience import limit_waiting
    from .repository import NetworkError

    limit_waiting()
    try:
        info: Any = HfApi().repo_info(repo_id, repo_type=repo_type, revision=revision)
    except (HfHubHTTPError, OfflineModeIsEnabled, NetworkError, OSError):
        return UNKNOWN
    card = info.card_data.to_dict() if info.card_data else {}
    name = card.get("license")
    if not isinstance(name, str) or name not in legal("licences"):
        return UNKNOWN
    if name in ("other", "unknown"):
        return Licence(name, card.get("license_name"), card.get("license_link"), settled=False)
    return Licence(name)


def yaml_fields(licences: list[Licence]) -> dict[str, Any]:
    """Write licences as the YAML of a card."""
    distinct = list(dict.fromkeys(licences))
    names = list(dict.fromkeys(licence.identifier for licence in distinct))
    fields: dict[str, object] = {"license": names[0] if len(names) == 1 else names}
    others = [licence for licence in distinct if licence.identifier == "other"]
    if others:
        fields["license_name"] = ", ".join(x.name or "not stated" for x in others)
        fields["license_link"] = next((x.link for x in others if x.link), "LICENSE")
    return fields
