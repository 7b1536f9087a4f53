"""What trimming the vocabulary brings: the same step with fewer pieces."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from speed.settings import GLOT500, TINY, Settings
from speed.timing import compare, single
from speed.training.step import build, gradient_step, over_batches, peak_of

# The paper's Table 6: the SEA group uses 120K pieces of Glot500 in its originals, 88K in their
# transliteration; together these at most.
TRIMMED = 208_000
NOTE = (
    f"left: ours with the full vocabulary; {TRIMMED:,} pieces are an example size, the sum of two "
    "figures of the paper's Table 6 (SEA, originals and transliteration), not a group's trimmed one"
)


def measure_trimming(settings: Settings) -> list[dict[str, object]]:
    """Time our own step with the full and with a trimmed vocabulary, and compare the sizes."""
    full = TINY if settings.quick else GLOT500
    trimmed = replace(full, vocabulary=1_500 if settings.quick else TRIMMED)
    batches = settings.batches(settings.rounds + 1)
    models = [build(shape) for shape in (full, trimmed)]

    step = partial(gradient_step, "ours")
    whole, less = (over_batches(step, model, batches) for model in models)
    result = compare(whole, less, settings.rounds)
    before, after = (4 * model.num_parameters() / 1024**3 for model in models)
    high, low = (peak_of(shape, "ours", "fp32", settings) for shape in (full, trimmed))
    pieces = f"{full.vocabulary:,} -> {trimmed.vocabulary:,} pieces"
    return [
        result.row(f"trimmed vocabulary, step, fp32, {pieces}", "s", 1, NOTE),
        single(f"trimmed vocabulary, peak memory, fp32, {pieces}", "GiB", high, low, NOTE),
        single(f"trimmed vocabulary, weights, {pieces}", "GiB", before, after, NOTE),
    ]
