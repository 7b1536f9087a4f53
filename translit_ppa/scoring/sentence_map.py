"""Sentences of several languages as points in the plane, before and after alignment."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from translit_ppa.data_builders import get_benchmark, load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sentences.sampling import evenly
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import write_record
from translit_ppa.hub_cards.figures.sentence_map import sentence_map as draw
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.figure_records import MappedModel, MapRecord
from translit_ppa.hub_reading import reads_hub
from translit_ppa.identity import LIBRARIES
from translit_ppa.modeling import SentenceEncoder
from translit_ppa.modeling.embedding.sentence_map import map_sentences
from translit_ppa.scoring.models import Model, open_models

__all__ = ["sentence_map"]


@raises_translit_error
@reads_hub
def sentence_map(
    models: Sequence[str],
    benchmark: str,
    *,
    group: str,
    languages: Sequence[str] | None = None,
    split: str = "test",
    count: int = 60,
    revision: str | None = None,
    out: str | os.PathLike[str] | None = None,
) -> MapRecord:
    """Place sentences by the first two principal components of their embeddings, model by model.

    Args:
        models: Hub ids or folders, before and after.
        benchmark: `cldr`, `srb:DIR`, `tatoeba:DIR`, `parallel:DIR`.
        group: `mediterranean`, `sea`, or a group's TSV.
        languages: Only these languages of the group.
        split: Of the benchmark.
        count: Sentences of each language.
        revision: Commit, tag or branch on the Hub, for every model.
        out: Folder for `map.json` and `map.png`.

    Returns:
        The coordinates of each sentence for each model, and how far languages stay apart.

    Raises:
        TranslitError: A model is not there, or the benchmark covers no two of the languages.
    """
    chosen = load_group(group, languages)
    source = get_benchmark(benchmark)
    source.check_split(split)
    codes = list(dict.fromkeys(map(source.own_code, chosen.scored_codes)))
    texts = {code: evenly(list(source.texts(code, split)), count) for code in codes}
    texts = {code: sentences for code, sentences in texts.items() if sentences}
    if len(texts) < 2:
        raise DataError(f"{benchmark} covers no two languages of {chosen.name}.")
    record = MapRecord(
        kind="map",
        version=package_version(),
        created=now(),
        benchmark=source.signature(),
        split=split,
        n=max(map(len, texts.values())),
        models=[_mapped(model, texts, revision) for model in open_models(models, revision)],
        libraries=libraries((*LIBRARIES, "scikit-learn")),
    )
    if out is not None:
        write_record(Path(out) / "map.json", record)
        draw(record, Path(out) / "map.png")
    return record


def _mapped(model: Model, texts: dict[str, list[str]], revision: str | None) -> MappedModel:
    encoder = SentenceEncoder.from_pretrained(model.name, revision=revision)
    found = map_sentences({code: encoder.encode(sentences) for code, sentences in texts.items()})
    return MappedModel(
        model=model.name,
        model_digest=model.digest,
        layer=encoder.layer,
        pooling=encoder.label,
        explained=[round(share, 2) for share in found.explained],
        same_language=round(found.same_language, 2),
        points={
            code: [[round(float(x), 4), round(float(y), 4)] for x, y in rows]
            for code, rows in found.points.items()
        },
    )
