"""The card of a dataset of romanised pairs: from build records and the folder's own YAML alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..hub.licences import Licence, yaml_fields
from ..hub.stage import TAG, PublishError
from ..records.files import BuildRecord, LanguageCount
from .citation import CITATION
from .rendering import Raw, code, number, render, table

_SIZES = (
    (1e3, "n<1K"),
    (1e4, "1K<n<10K"),
    (1e5, "10K<n<100K"),
    (1e6, "100K<n<1M"),
    (1e7, "1M<n<10M"),
    (1e8, "10M<n<100M"),
    (1e9, "100M<n<1B"),
)
_MANY = ("1B<n<10B",)


def dataset_card(
    repo_id: str,
    records: Mapping[str, BuildRecord],
    licences: Mapping[str, Licence],
    metadata: Mapping[str, Any],
) -> str:
    """Render the card.

    Args:
        repo_id: `org/name`.
        records: Build record by config.
        licences: Licence of the text by config.
        metadata: `configs` and `dataset_info` as lists, of exactly these configs.

    Returns:
        The whole README.md, YAML first.
    """
    from huggingface_hub import DatasetCardData

    rows = sum(sum(record.splits.values()) for record in records.values())
    languages = sorted({lang.code for record in records.values() for lang in record.languages})
    data = DatasetCardData(
        **yaml_fields([licences[name] for name in records]),
        language=sorted({code.partition("_")[0] for code in languages} - {"mul"}),
        pretty_name=repo_id.partition("/")[2],
        task_categories=["fill-mask", "sentence-similarity"],
        size_categories=[next((name for most, name in _SIZES if rows < most), *_MANY)],
        tags=[TAG, "transliteration", "romanization", *languages],
        configs=metadata["configs"],
        dataset_info=metadata["dataset_info"],
    )
    recipes = {info["config_name"] for info in metadata["dataset_info"] if is_recipe(info)}
    configs = [
        _config(name, record, licences[name], name in recipes) for name, record in records.items()
    ]
    facts = {
        "title": repo_id.partition("/")[2],
        "repo_id": Raw(repo_id),
        "summary": table(
            ["config", "holds", "languages", "train", "validation"],
            [
                [
                    code(name),
                    "recipe" if name in recipes else "text",
                    len(r.languages),
                    r.splits.get("train"),
                    r.splits.get("validation"),
                ]
                for name, r in records.items()
            ],
        ),
        "configs": configs,
        "any_recipe": bool(recipes),
        "any_text": len(recipes) < len(records),
        "accepted": any(not licences[name].settled for name in set(records) - recipes),
        "citation": CITATION,
    }
    return f"---\n{data.to_yaml()}\n---\n\n{render('dataset.md', facts)}"


def is_recipe(info: Mapping[str, Any]) -> bool:
    """Tell a recipe from pairs, by the `dataset_info` of a config: a recipe has no text.

    Raises:
        PublishError: It names no columns: what it would be is not to be guessed.
    """
    found = info.get("features")
    features = found if isinstance(found, list) else []
    names = [each.get("name") if isinstance(each, Mapping) else None for each in features]
    if not names or not all(isinstance(name, str) for name in names):
        raise PublishError(
            f"README.md: dataset_info of {info.get('config_name')} names no columns (features); "
            "build it again"
        )
    return "text" not in names


def _config(name: str, record: BuildRecord, licence: Licence, recipe: bool) -> dict[str, Any]:
    sampling = record.sampling
    rule = f"max({sampling.fraction:g} x available, {number(sampling.floor)})"
    if sampling.cap is not None:
        rule += f", at most {number(sampling.cap)}"
    if sampling.temperature is not None:
        rule += f", temperature {sampling.temperature:g}"
    return {
        "name": Raw(name),
        "recipe": recipe,
        "from_files": record.source.startswith("files:"),
        "source": record.source,
        "licence": str(licence),
        "transliterator": record.transliterator,
        "sampling": rule,
        "seed": str(record.seed),
        "filters": ", ".join(f"{key} {_plain(value)}" for key, value in record.filters.items()),
        "created": record.created,
        "version": record.version,
        "seconds": number(record.seconds),
        "digest": record.digest,
        "languages": _languages(record.languages),
        "missing": table(["language", "why"], record.missing_languages.items())
        if record.missing_languages
        else None,
    }


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _languages(languages: Sequence[LanguageCount]) -> Raw:
    header = "language script available target train validation short dropped as~is unmapped"
    rows = []
    for entry in languages:
        language, _, script = entry.code.partition("_")
        dropped = ", ".join(f"{why} {number(n)}" for why, n in entry.dropped.items()) or "none"
        counts = [entry.available, entry.target, entry.train, entry.validation, entry.shortfall]
        share = f"{100 * entry.identity_rate:.1f} %"
        rows.append([language, script, *counts, dropped, share, entry.unmapped_characters])
    return table([word.replace("~", " ") for word in header.split()], rows)
