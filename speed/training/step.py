"""The post-training step: forward, loss and backward of one micro-batch, without the optimiser.

Both ways use the same weights, the same batches and the same masks.
"""

from __future__ import annotations

import copy
import itertools
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from speed import authors_way
from speed.settings import (
    GLOT500,
    MMBERT_SMALL,
    MODERNBERT,
    SMALL,
    TINY,
    TINY_MODERNBERT,
    NotMeasured,
    Settings,
    Shape,
)
from speed.timing import compare, single
from translit_ppa.modeling import AlignmentConfig
from translit_ppa.modeling.aligned.alignment_config import AlignmentError
from translit_ppa.modeling.aligned.modeling_families import FAMILIES
from translit_ppa.modeling.training.compiled import check_compiler, compile_layers
from translit_ppa.modeling.training.cpu import has_bf16

GIB = 1024**3
STATUS = Path("/proc/self/status")
WAYS = ("authors", "ours")
SHAPES = {
    "12x256": (SMALL, TINY),
    "12x768": (GLOT500, TINY),
    "modernbert-12x256": (MODERNBERT, TINY_MODERNBERT),
    "mmbert-small": (MMBERT_SMALL, TINY_MODERNBERT),
}
"""Name in a benchmark -> the shape, and a tiny one for a quick look."""
# As the authors' code: half the contrastive loss, equal texts not told apart.
ALIGNMENT = AlignmentConfig(weights={"seq": 0.5}, mask_equal_texts=False)


def build(shape: Shape, dropout: float = 0.1) -> Any:
    """Return an alignment model of random weights in training mode; it is a stock model too."""
    torch.manual_seed(0)
    config: Any = shape.config(dropout)
    config.alignment = ALIGNMENT.to_dict()
    return FAMILIES[config.model_type](config).train()


def gradient_step(
    way: str, model: Any, batch: dict[str, torch.Tensor], precision: str = "fp32"
) -> torch.Tensor:
    """Run one micro-batch forwards and backwards; gradients stay in the parameters.

    Returns:
        The loss.
    """
    layer = ALIGNMENT.resolve_layer(model.config.num_hidden_layers)
    half = precision == "bf16"
    with torch.autocast(model.device.type, torch.bfloat16) if half else nullcontext():
        if way == "authors":
            loss = authors_way.step_loss(model, batch, layer)
        else:
            loss = model(**batch).loss
    loss.backward()
    return loss.detach()


def require(precision: str) -> None:
    """Refuse bf16 on a processor that would only emulate it.

    Raises:
        NotMeasured: If the processor has no bf16 arithmetic.
    """
    if precision == "bf16" and not has_bf16():
        raise NotMeasured("skipped: this processor has no bf16 arithmetic")


def shape_of(name: str, settings: Settings) -> Shape:
    """Return the shape that a benchmark's name holds, or a tiny one for a quick look."""
    large, quick = SHAPES[name]
    return quick if settings.quick else large


def time_step(settings: Settings, size: str, precision: str) -> list[dict[str, object]]:
    """Time the step at one shape and precision."""
    require(precision)
    shape = shape_of(size, settings)
    batches = settings.batches(settings.rounds + 1)
    model = build(shape)
    authors, ours = (
        over_batches(partial(gradient_step, way, precision=precision), model, batches)
        for way in WAYS
    )
    result = compare(authors, ours, settings.rounds)
    return [result.row(f"step, {shape}, {precision}, 16 pairs", "s", note=_filled(batches))]


def _filled(batches: list[dict[str, torch.Tensor]]) -> str:
    """Say how much of the padded batches is read, and how much of that is predicted."""

    def counts(column: str, empty: int) -> tuple[int, int]:
        tensors = [t for b in batches for name, t in b.items() if name.endswith(column)]
        return sum(int((t != empty).sum()) for t in tensors), sum(t.numel() for t in tensors)

    (real, places), (predicted, _) = counts("attention_mask", 0), counts("labels", -100)
    read, asked = real / places, predicted / real
    return f"{read:.0%} of the places hold a token, {asked:.0%} of the tokens are predicted"


def over_batches(
    work: Callable[[Any, dict[str, torch.Tensor]], object],
    model: Any,
    batches: list[dict[str, torch.Tensor]],
) -> Callable[[], None]:
    """Return what does `work(model, batch)` with the next batch at each call, for ever."""
    turn = itertools.cycle(batches)

    def step() -> None:
        work(model, next(turn))
        model.zero_grad(set_to_none=True)

    return step


def time_compiled(settings: Settings) -> list[dict[str, object]]:
    """Time our step with stock layers, and with the dense parts of the layers compiled."""
    try:
        check_compiler(None, None)
    except AlignmentError as error:
        raise NotMeasured(f"skipped: {error}") from error
    shape = shape_of("12x256", settings)
    batches = settings.batches(settings.rounds + 1)
    plain = build(shape)
    compiled = copy.deepcopy(plain)
    compile_layers(compiled)
    step = partial(gradient_step, "ours")
    ways = over_batches(step, plain, batches), over_batches(step, compiled, batches)
    what = f"step, {shape}, fp32, 16 pairs, torch.compile"
    note = "both ours: left without, right with --torch_compile; compiling is not counted"
    return [compare(*ways, settings.rounds).row(what, "s", note=note)]


def measure_memory(settings: Settings, size: str, precision: str) -> list[dict[str, object]]:
    """Measure the peak memory of each way in a process of its own: two steps of 16 pairs."""
    require(precision)
    shape = shape_of(size, settings)
    authors, ours = (peak_of(shape, way, precision, settings) for way in WAYS)
    what = f"peak memory of the step, {shape}, {precision}, 16 pairs"
    return [single(what, "GiB", authors, ours, "whole process, no optimiser")]


def peak_of(shape: Shape, way: str, precision: str, settings: Settings) -> float:
    """Measure the peak memory of two steps of 16 pairs in a process of its own, in GiB.

    Raises:
        NotMeasured: If this system does not tell it.
    """
    if not STATUS.is_file():
        raise NotMeasured("skipped: this system does not tell a process's peak memory")
    path = settings.folder / "text" / "batch.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: t.contiguous() for name, t in settings.batches(1)[0].items()}, path)
    sizes = (shape.layers, shape.hidden, shape.heads, shape.vocabulary)
    words = [str(word) for word in (settings.threads, path, *sizes)]
    child = subprocess.run(
        [sys.executable, "-m", "speed.training.step", way, precision, *words],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(child.stdout) / GIB


def peak_memory() -> int:
    """Return the most memory that this process ever held, in bytes (Linux)."""
    # Not ru_maxrss: that counts the parent's memory at the time of the fork.
    lines = STATUS.read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _main(words: list[str]) -> None:
    way, precision, threads, path, *shape = words
    torch.set_num_threads(int(threads))
    batch = load_file(path)
    model = build(Shape(*(int(n) for n in shape)))
    for _ in range(2):
        gradient_step(way, model, batch, precision)
        model.zero_grad(set_to_none=True)
    print(peak_memory())


if __name__ == "__main__":
    _main(sys.argv[1:])
