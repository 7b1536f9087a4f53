"""The offline check of every card before it goes up: YAML, codes, tasks, licences, model-index.

The Hub itself checks a card only over the network. The legal values are vendored in `lists/`, each
with its source and date.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import Any

from .names import is_hub_id
from .stage import PublishError

MOST_CHARACTERS = 1 << 22
"""Of a card; YAML takes a second for some 100,000."""
_COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")


@cache
def legal(name: str) -> frozenset[str]:
    """Read a vendored list: `languages`, `licences` or `pipeline_tags`."""
    text = (files(__package__) / "lists" / f"{name}.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(" ".join(lines).split())


def front_matter(text: str) -> dict[str, Any]:
    """Read the YAML at the head of a card.

    Raises:
        PublishError: If it cannot be read.
    """
    from huggingface_hub import RepoCard

    try:
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"longer than {MOST_CHARACTERS:,} characters, the limit")
        card = RepoCard(text, ignore_metadata_errors=False)
        data: dict[str, Any] = card.data.to_dict()
    except Exception as error:
        # yaml's own errors, which this room need not know by name, and ValueError.
        reason = " ".join(str(error).split())
        raise PublishError(f"README.md: its YAML cannot be read ({reason})") from error
    return data


def check_card(text: str, repo_type: str) -> None:
    """Check a card.

    Args:
        text: The whole README.md.
        repo_type: `model`, `dataset` or `space`.

    Raises:
        PublishError: Names everything that is wrong.
    """
    data = front_matter(text)
    wrong = [*_codes(data), *_licence(data)]
    if repo_type == "model":
        wrong += [*_model(data), *_widget(data), *_model_index(data)]
    elif repo_type == "space":
        wrong += _space(data)
    else:
        wrong += _configs(data)
    if wrong:
        raise PublishError(f"README.md: {'; '.join(wrong)}")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _codes(data: dict[str, Any]) -> list[str]:
    bad = [code for code in _list(data.get("language")) if code not in legal("languages")]
    wrong = [f"language {code!r} is no ISO 639 code" for code in bad]
    tags = [data.get("pipeline_tag"), *_list(data.get("task_categories"))]
    return wrong + [
        f"task {tag!r} is unknown to the Hub"
        for tag in tags
        if tag is not None and tag not in legal("pipeline_tags")
    ]


def _licence(data: dict[str, Any]) -> list[str]:
    licences = _list(data.get("license"))
    if not licences:
        return ["license is missing"]
    wrong = [f"license {x!r} is unknown" for x in licences if x not in legal("licences")]
    if "other" in licences and not (data.get("license_name") and data.get("license_link")):
        wrong.append("license other needs license_name and license_link")
    return wrong


def _model(data: dict[str, Any]) -> list[str]:
    wrong = [
        f"{key} is missing" for key in ("pipeline_tag", "library_name", "tags") if not data.get(key)
    ]
    for key in ("base_model", "datasets"):
        bad = [name for name in _list(data.get(key)) if not is_hub_id(name)]
        wrong += [f"{key} {name!r} is no org/name" for name in bad]
    return wrong


def _space(data: dict[str, Any]) -> list[str]:
    needed = ("title", "sdk", "sdk_version", "app_file", "tags")
    wrong = [f"{key} is missing" for key in needed if not data.get(key)]
    wrong += [
        f"{key} {data.get(key)!r} is none of {', '.join(_COLOURS)}"
        for key in ("colorFrom", "colorTo")
        if data.get(key) not in (None, *_COLOURS)
    ]
    if len(data.get("short_description") or "") > 60:
        wrong.append("short_description is longer than 60 characters")
    bad = [name for name in _list(data.get("models")) if not is_hub_id(name)]
    return wrong + [f"models {name!r} is no org/name" for name in bad]


def _widget(data: dict[str, Any]) -> list[str]:
    wrong = []
    for i, example in enumerate(_list(data.get("widget"))):
        if data.get("pipeline_tag") == "sentence-similarity":
            sentences, scores = example.get("sentences"), example.get("output")
            fits = bool(example.get("source_sentence")) and bool(sentences)
            fits = fits and (scores is None or len(scores) == len(sentences))
        else:
            fits = "<mask>" in example.get("text", "") or "[MASK]" in example.get("text", "")
        if not fits:
            wrong.append(f"widget[{i}] does not fit {data.get('pipeline_tag')}")
    return wrong


def _model_index(data: dict[str, Any]) -> list[str]:
    if "model-index" not in data:
        return []
    wrong = []
    for model in _list(data["model-index"]):
        if not model.get("name") or not model.get("results"):
            wrong.append("model-index has no name or no results")
        wrong += _told_apart(model.get("results", []))
        for result in model.get("results", []):
            if result.get("task", {}).get("type") not in legal("pipeline_tags"):
                wrong.append("model-index: task type is unknown")
            if not {"name", "type"} <= set(result.get("dataset", {})):
                wrong.append("model-index: dataset needs name and type")
            for metric in result.get("metrics", []):
                value = metric.get("value")
                number = isinstance(value, int | float) and math.isfinite(value)
                if not metric.get("type") or not number:
                    wrong.append("model-index: a metric needs type and a number")
    return wrong


def _told_apart(results: list[dict[str, Any]]) -> list[str]:
    """See that no two results are one to the Hub, which would mix their metrics."""
    seen = set()
    wrong = []
    for result in results:
        dataset = result.get("dataset", {})
        place = [dataset.get(name) for name in ("type", "config", "split", "revision")]
        same = json.dumps([result.get("task", {}).get("type"), *place])
        if same in seen:
            told = " ".join(str(part) for part in place if part)
            wrong.append(f"model-index: two results are both {told}")
        seen.add(same)
    return wrong


def _configs(data: dict[str, Any]) -> list[str]:
    wrong = [] if data.get("tags") else ["tags are missing"]
    configs = [config.get("config_name") for config in _list(data.get("configs"))]
    infos = [info.get("config_name") for info in _list(data.get("dataset_info"))]
    if not configs or len(set(configs)) != len(configs) or set(configs) != set(infos):
        wrong.append(f"configs {configs} and dataset_info {infos} must name the same, each once")
    for config in _list(data.get("configs")):
        for entry in _list(config.get("data_files")):
            if not {"split", "path"} <= set(entry):
                wrong.append(f"config {config.get('config_name')}: data_files need split and path")
    return wrong
