"""How close languages are by every signal there is: what `recommend_source` ranks by.

In: text by language, models. Out: closeness of candidate sources to a target by kind and signal,
and the conditions under which it was measured. Here text, tensors and records meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from translit_ppa.data_builders.closeness import typology
from translit_ppa.data_builders.closeness.language_samples import LanguageSamples, Sample
from translit_ppa.data_builders.closeness.lexical_overlap import (
    LexicalProfile,
    lexical_profile,
    trigram_similarity,
    word_overlap,
)
from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards.records.source_records import Conditions
from translit_ppa.scoring.models import open_models

KINDS = ("lexical", "embedding", "typology")
Values = dict[str, float | None]


class Relatedness:
    """Closeness of languages by kind and signal, with what is not known and why.

    Attributes:
        conditions: What everything is computed from.
        missing: Reasons, by signal or language.
    """

    def __init__(
        self, kinds: Sequence[str], samples: LanguageSamples, models: Sequence[str]
    ) -> None:
        """Open what the kinds need; a kind that cannot be had is named in `missing`.

        Args:
            kinds: Of `KINDS`.
            samples: Text by language.
            models: Hub ids or folders; the last one counts.

        Raises:
            AlignmentError: One of the models is not there.
            DataError: No kind can be had.
        """
        self.missing: dict[str, str] = {}
        self.kinds = [kind for kind in KINDS if kind in kinds]
        self.samples = samples
        version = self._typology() if "typology" in self.kinds else None
        if "embedding" in self.kinds and not models:
            self._without("embedding", "no --model")
        opened = open_models(models, None) if "embedding" in self.kinds else []
        self.models = [model.name for model in opened]
        with_text = bool({"lexical", "embedding"} & set(self.kinds))
        self._conditions = Conditions(
            texts=[reader.signature() for reader in samples.readers] if with_text else [],
            transliterator=samples.signature() if with_text else "none",
            sentences=samples.sentences,
            models=[f"{Path(model.name).name}@{model.digest}" for model in opened],
            typology=version,
        )
        if not self.kinds:
            told = "; ".join(f"{kind}: {why}" for kind, why in self.missing.items())
            raise DataError(f"no signal is left to rank by ({told})")
        self._profile = cache(self._read_profile)
        self._centroids = cache(self._read_centroids)

    @property
    def conditions(self) -> Conditions:
        """What everything was computed from so far: text that is read may turn out to be folded."""
        if self._conditions.transliterator == "none":
            return self._conditions
        return replace(self._conditions, transliterator=self.samples.signature())

    def _typology(self) -> str | None:
        try:
            return typology.signature()
        except DataError as error:
            self._without("typology", str(error))
            return None

    def _without(self, kind: str, why: str) -> None:
        self.kinds.remove(kind)
        self.missing[kind] = why

    def signals(self, target: str, sources: Sequence[str]) -> dict[str, dict[str, Values]]:
        """Measure how close each source is to the target.

        Returns:
            Kind -> signal -> source -> closeness; of several models, those before the last are
            shown by `beside` and take no part.
        """
        measured: dict[str, dict[str, Values]] = {}
        if "lexical" in self.kinds:
            mine = self._profile(target)
            theirs = {source: self._profile(source) for source in sources}
            measured["lexical"] = {
                name: {
                    source: None if mine is None or its is None else compare(mine, its)
                    for source, its in theirs.items()
                }
                for name, compare in (("words", word_overlap), ("trigrams", trigram_similarity))
            }
        if "embedding" in self.kinds:
            last = self.models[-1]
            measured["embedding"] = {_label(last): self._embedding(last, target, sources)}
        if "typology" in self.kinds:
            measured["typology"] = {
                kind: {s: typology.closeness(target, s, kind) for s in sources}
                for kind in typology.KINDS
            }
        return measured

    def beside(self, target: str, sources: Sequence[str]) -> dict[str, Values]:
        """Give the closeness that models before the last show: before the alignment."""
        return {_label(m): self._embedding(m, target, sources) for m in self.models[:-1]}

    def _embedding(self, model: str, target: str, sources: Sequence[str]) -> Values:
        from translit_ppa.modeling.embedding.language_similarity import centroid_similarity

        found = {code: self._centroids(model, code) for code in (target, *sources)}
        mine = found[target]
        return {
            s: None if mine is None or (its := found[s]) is None else centroid_similarity(mine, its)
            for s in sources
        }

    def _read_profile(self, code: str) -> LexicalProfile | None:
        sample = self._sample(code)
        return None if sample is None else lexical_profile(sample.latin)

    def _read_centroids(self, model: str, code: str) -> np.ndarray | None:
        from translit_ppa.modeling.embedding.language_similarity import language_centroid

        sample = self._sample(code)
        return None if sample is None else language_centroid(_encoder(model), sample.texts)

    def _sample(self, code: str) -> Sample | None:
        sample = self.samples[code]
        if sample is None:
            self.missing.setdefault(code, self.samples.why_missing(code))
        elif sample.failed:
            whole = sample.failed + len(sample.texts)
            self.missing[code] = f"{sample.failed} of {whole} sentences could not be romanised"
        return sample


@cache
def _encoder(model: str) -> Any:
    from translit_ppa.modeling import SentenceEncoder

    return SentenceEncoder.from_pretrained(model)


def _label(model: str) -> str:
    return f"cosine {model}"
