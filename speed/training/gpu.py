"""The post-training step on a CUDA GPU: pairs a second, and the share of its arithmetic in use.

Wall time here, because a GPU works on while Python goes on. Both ways in bf16, at the shape of
Glot500; the authors' at their 16 pairs, ours at 16 and at as many as fill a large GPU.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from speed.settings import GLOT500, NotMeasured, Settings, Shape
from speed.timing import Comparison, alternate
from speed.training.step import build, gradient_step

MANY = 128
STEPS = 10
PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "RTX 4090": 165e12}
"""Dense bf16 operations a second by the makers' data sheets; H100 and H200 as SXM modules."""


def model_flops(shape: Shape, batch: dict[str, torch.Tensor]) -> float:
    """Count the operations that a forward and backward pass needs, padding left out.

    Six for each weight of the layers and token, twelve times the width for each pair of tokens of
    a sequence and layer, six for each weight of the vocabulary and predicted token. Of the last
    layer only keys and values are needed of tokens that are not predicted.

    Args:
        shape: Of the encoder.
        batch: As `PairCollator` makes it.
    """
    total = 0.0
    for prefix in ("", "transliteration_", "joint_"):
        lengths = batch[f"{prefix}attention_mask"].sum(dim=1).double()
        predicted = (batch[f"{prefix}labels"] != -100).sum(dim=1).double()
        below, wide = shape.layers - 1, 6 * shape.hidden**2
        total += wide * (12 * below + 2) * float(lengths.sum())
        total += wide * 10 * float(predicted.sum())
        total += 12 * shape.hidden * float((lengths * (below * lengths + predicted)).sum())
        total += 6 * shape.hidden * shape.vocabulary * float(predicted.sum())
    return total


def measure_cuda(settings: Settings) -> list[dict[str, object]]:
    """Time the step on a CUDA GPU.

    Raises:
        NotMeasured: If there is none.
    """
    if not torch.cuda.is_available():
        raise NotMeasured("skipped: torch finds no CUDA GPU")
    return time_on(
        torch.device("cuda"), GLOT500, settings, (16, MANY), torch.cuda.get_device_name()
    )


def time_on(
    device: torch.device, shape: Shape, settings: Settings, sizes: Sequence[int], name: str
) -> list[dict[str, object]]:
    """Time the authors' way at the first size, and ours at every size.

    Args:
        device: Where to run.
        shape: Of the encoder.
        settings: Text, rounds.
        sizes: Pairs at a time.
        name: Of the device; if its peak is known, the note tells how much of it is used.

    Returns:
        One row per size, in milliseconds a pair, without the optimiser.
    """
    model: Any = build(shape).to(device)

    def clock() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter()

    ways: dict[tuple[str, int], Callable[[], None]] = {}
    flops = {}
    for way, size in [("authors", sizes[0]), *(("ours", size) for size in sizes)]:
        batches = [
            {key: tensor.to(device) for key, tensor in batch.items()}
            for batch in settings.batches(2 if settings.quick else STEPS, size)
        ]

        def steps(way: str = way, batches: list[dict[str, torch.Tensor]] = batches) -> None:
            for batch in batches:
                gradient_step(way, model, batch, "bf16")
                model.zero_grad(set_to_none=True)

        ways[way, size] = steps
        pairs = size * len(batches)
        flops[way, size] = (pairs, sum(model_flops(shape, batch) for batch in batches) / pairs)
    samples = alternate(ways, settings.rounds, clock=clock)
    peak = next((peak for part, peak in PEAKS.items() if part in name), None)

    def told(key: tuple[str, int]) -> str:
        pairs, each = flops[key]
        rate = pairs / statistics.median(samples[key])
        share = f" ({rate * each / peak:.1%} of {peak / 1e12:.0f} TFLOP/s)" if peak else ""
        return f"{rate:,.0f} pairs a second{share}"

    rows = []
    for size in sizes:
        keys = ("authors", sizes[0]), ("ours", size)
        found = Comparison(*([s / flops[key][0] for s in samples[key]] for key in keys))
        note = f"{name}, without optimiser; {size} pairs at a time, {told(keys[1])}; "
        note += f"authors' way {sizes[0]} pairs at a time, {told(keys[0])}"
        what = f"step on a GPU, {shape}, bf16, {size} pairs"
        rows.append(found.row(what, "ms per pair", 1000, note))
    return rows
