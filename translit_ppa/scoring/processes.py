"""Several processes of one scoring: each measures whole cells on a device of its own.

`torchrun` (or `accelerate launch`) starts the same command several times. A fine-tuning is never
parted: its gradient would be another, by the order of sums and the draws of dropout. Processes
share out the fine-tunings instead, so that each record is the one that a single process writes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from tqdm import tqdm

from translit_ppa.hub_cards.records.files import EvalRecord, TaskRecord
from translit_ppa.scoring.models import Model
from translit_ppa.scoring.store import Pair, Store

_LAUNCHED = (
    *("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_RANK", "ROLE_RANK"),
    *("GROUP_WORLD_SIZE", "ROLE_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"),
)
"""What a launcher tells a process; the Trainer would take it as a call to part the batch."""
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Job:
    """A part of the work that one process does.

    Attributes:
        run: Does it, and yields records.
        cells: How many, where they are counted.
    """

    run: Callable[[], Iterator[EvalRecord | TaskRecord]]
    cells: int = 0


@dataclass(frozen=True)
class Processes:
    """This process among those that score together.

    Attributes:
        rank: Its number, from 0; the first writes reports.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this process speaks for all."""
        return self.rank == 0

    def share(self, jobs: Sequence[_Found]) -> list[tuple[int, _Found]]:
        """Give this process's jobs, with their places among all."""
        return [(place, job) for place, job in enumerate(jobs) if place % self.size == self.rank]

    def gather(self, found: dict[int, _Found]) -> list[_Found]:
        """Put the results of all processes together, in the order of the jobs.

        Args:
            found: By place, of this process.
        """
        parts: list[dict[int, _Found]] = [found]
        if self.size > 1:
            import torch.distributed as dist

            parts = [{} for _ in range(self.size)]
            dist.all_gather_object(parts, found)
        whole = {place: result for part in parts for place, result in part.items()}
        return [whole[place] for place in sorted(whole)]


@cache
def joined() -> Processes:
    """Join the processes of a launcher, once; a program that was started alone is alone.

    From then on this process sees one GPU, where there are any, and no launcher.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size < 2:
        return Processes()
    import torch.distributed as dist

    from translit_ppa.training.processes import leaving_process_group

    place = int(os.environ.get("LOCAL_RANK", "0"))
    devices = os.environ.get("CUDA_VISIBLE_DEVICES")
    visible = devices.split(",") if devices else list(map(str, range(place + 1)))
    # More processes than GPUs share them; without any the name of one does no harm.
    os.environ["CUDA_VISIBLE_DEVICES"] = visible[place % len(visible)]
    with leaving_process_group():
        # Records and barriers only, on whatever machine: gloo.
        dist.init_process_group("gloo")
    found = Processes(dist.get_rank(), size)
    for name in _LAUNCHED:
        os.environ.pop(name, None)
    return found


@dataclass(frozen=True)
class Prepared:
    """One benchmark, checked: what there is to do, and what a complete row of it has.

    Attributes:
        name: Of the benchmark, for the bar.
        benchmark: Its signature.
        jobs: Models, and where records go -> the work.
        expected: Cells of a complete row; None where the records tell.
        missing: Languages that it lacks.
    """

    name: str
    benchmark: str
    jobs: Callable[[Sequence[Model], Store], Iterator[Job]]
    expected: tuple[Pair, ...] | None = None
    missing: tuple[str, ...] = ()


def measured(
    one: Prepared,
    opened: Sequence[Model],
    store: Store,
    processes: Processes,
    disable: bool | None,
) -> dict[int, list[EvalRecord | TaskRecord]]:
    """Do this process's jobs of a benchmark.

    Args:
        one: The benchmark.
        opened: The models.
        store: Where records are found and put.
        processes: Who does which job.
        disable: Whether the bar is hidden; None shows it on a terminal.

    Returns:
        Records by the place of the job among all.
    """
    mine = processes.share(list(one.jobs(opened, store)))
    cells = sum(job.cells for _, job in mine)
    hide = True if not cells or not processes.first else disable
    done: dict[int, list[EvalRecord | TaskRecord]] = {}
    with tqdm(total=cells, desc=one.name, unit=" cells", disable=hide) as bar:
        for place, job in mine:
            done[place] = []
            for record in job.run():
                done[place].append(record)
                bar.update()
    return done
