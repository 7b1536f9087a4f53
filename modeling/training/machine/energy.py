"""The energy of a training, where the machine has counters for it; no estimate where it has none.

CPU packages count in microjoules (RAPL, read through Linux's powercap folder, often by root only),
CUDA devices in millijoules (NVML, where `pynvml` is installed). Both count whole devices: what else
ran on them is in the figure.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerState

POWERCAP = Path("/sys/class/powercap")


@dataclass
class Counter:
    """An energy counter, summed over its wraps.

    Attributes:
        read: Gives the counter in joules.
        span: Joules at which it starts again from 0; None where it never does.
        joules: Counted since the start.
    """

    kind: str
    read: Callable[[], float]
    span: float | None = None
    joules: float = 0.0
    _last: float = field(init=False, default=0.0)

    def start(self) -> None:
        """Count from now on."""
        self.joules, self._last = 0.0, self.read()

    def update(self) -> None:
        """Add what was used since the last call; at most one wrap may lie between two calls."""
        now = self.read()
        step = now - self._last
        self.joules += step + (self.span or 0.0) if step < 0 else step
        self._last = now


def cpu_counters(folder: Path = POWERCAP) -> list[Counter]:
    """Find the counters of the CPU packages that this user may read."""
    counters = []
    for zone in sorted(folder.glob("intel-rapl:*")):
        energy = zone / "energy_uj"
        # Other zones lie within a package, or overlap with it.
        with suppress(OSError, ValueError):
            if (zone / "name").read_text().startswith("package"):
                span = _from_microjoules(zone / "max_energy_range_uj")
                _from_microjoules(energy)
                counters.append(
                    Counter("CPU packages (RAPL)", partial(_from_microjoules, energy), span)
                )
    return counters


def gpu_counters() -> list[Counter]:
    """Find the counters of the CUDA devices that this process sees."""
    if not torch.cuda.is_available():
        return []
    try:
        import pynvml
    except ImportError:
        return []
    counters = []
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        for index in range(torch.cuda.device_count()):
            uuid = torch.cuda.get_device_properties(index).uuid
            handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
            read = partial(_from_millijoules, pynvml, handle)
            read()
            counters.append(Counter("CUDA devices (NVML)", read))
    return counters


def _from_microjoules(path: Path) -> float:
    return int(path.read_text()) / 1e6


def _from_millijoules(pynvml: Any, handle: Any) -> float:
    return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1e3


class EnergyCallback(TrainerCallback):
    """Reads the counters after each step, so that none can wrap twice in between."""

    def __init__(self, counters: list[Counter] | None = None) -> None:
        """Take these counters; None takes all that the machine has."""
        self.counters = cpu_counters() + gpu_counters() if counters is None else counters
        self.since_step = 0

    def on_train_begin(self, args: Any, state: TrainerState, *more: Any, **kwargs: Any) -> None:
        """Start counting; a resumed training counts from where it was taken up."""
        self.since_step = state.global_step
        for counter in self.counters:
            counter.start()

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        """Add what the step used."""
        for counter in self.counters:
            counter.update()

    on_train_end = on_step_end

    def joules(self) -> dict[str, float]:
        """Return joules by kind of counter; empty without counters."""
        total: dict[str, float] = {}
        for counter in self.counters:
            total[counter.kind] = total.get(counter.kind, 0.0) + counter.joules
        return {kind: round(joules, 1) for kind, joules in total.items()}
