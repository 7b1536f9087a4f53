"""The scores of a run as a notebook wants them: tables, data frames, comparisons, files."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import EvalRecord, Table, load_records
from translit_ppa.hub_cards.records.files import TaskRecord
from translit_ppa.hub_cards.records.folder import write_folder, write_lines
from translit_ppa.hub_cards.scores import scores as room
from translit_ppa.hub_cards.scores.comparing.evidence import Comparison
from translit_ppa.hub_cards.scores.counterparts import paper_counterparts
from translit_ppa.hub_cards.scores.directions import has_directions, in_one_script
from translit_ppa.hub_cards.scores.labels import METRICS
from translit_ppa.hub_cards.scores.layers import layers_of
from translit_ppa.hub_cards.table import with_gaps
from translit_ppa.hub_cards.tables.direction_tables import direction_tables
from translit_ppa.hub_cards.tables.retrieval_tables import (
    layer_table,
    retrieval_matrix,
    retrieval_table,
)
from translit_ppa.hub_cards.tables.task_tables import task_matrix, task_table

if TYPE_CHECKING:
    from pandas import DataFrame


class Scores(room.Scores):
    """Scores of models on benchmarks; `print(scores)` shows all tables.

    `where(model=..., input=..., ...)` keeps some of them. `compare` holds one model against
    another.
    """

    @raises_translit_error
    def table(self, benchmark: str | None = None, model: str | None = None) -> Table:
        """Make the table of one benchmark.

        Args:
            benchmark: Its name, where there are several.
            model: A model or a row: all its cells, sources down and targets across. By default a
                row per model, with means.

        Returns:
            A table that prints as text; `to_markdown` and `to_csv` of `translit_ppa.hub_cards`
            write it otherwise.

        Raises:
            TranslitError: There is no such benchmark or model.
        """
        mine = in_one_script(self.of_benchmark(benchmark))
        if model is not None:
            row = model if model in mine.rows else mine.row_of(model) or model
            return (task_matrix if mine.is_task else retrieval_matrix)(mine, row)
        made = task_table(mine) if mine.is_task else retrieval_table(mine, tuple(METRICS))
        return with_gaps(made, mine.missing.get(mine.benchmarks[0], ()))

    @raises_translit_error
    def layers(self, benchmark: str | None = None, metric: str = "top10") -> Table:
        """Make the table of one benchmark's scores by layer.

        Args:
            benchmark: Its name, where there are several.
            metric: `top1`, `top5` or `top10`.
        """
        mine = in_one_script(self.of_benchmark(benchmark))
        return with_gaps(layer_table(mine, metric), mine.missing.get(mine.benchmarks[0], ()))

    @raises_translit_error
    def directions(self, benchmark: str | None = None) -> list[Table]:
        """Make the tables of one benchmark by direction: which script is asked for in which.

        Args:
            benchmark: Its name, where there are several.

        Returns:
            Means over languages, all languages, and for several layers the cosines of each; nothing
            where only one script was scored.
        """
        mine = self.of_benchmark(benchmark)
        return direction_tables(mine) if has_directions(mine) else []

    @raises_translit_error
    def compare(
        self,
        base: str,
        other: str | Sequence[str],
        benchmark: str | None = None,
        *,
        pairs: Collection[tuple[str, str]] | None = None,
        draws: int = room.DRAWS,
    ) -> Comparison | None:
        """See `translit_ppa.hub_cards.scores.scores.Scores.compare`.

        Raises:
            TranslitError: There is no such model, or several benchmarks and none is named.
        """
        return super().compare(base, other, benchmark, pairs=pairs, draws=draws)

    def to_pandas(self) -> DataFrame:
        """Return one row per record: all fields of its key, its scores, and the main one."""
        import pandas

        return pandas.DataFrame([_fields(record) for record in self.records])

    @raises_translit_error
    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the records: into a folder, or into one file if the path ends in `.jsonl`.

        Returns:
            The path; `load_scores` reads it.
        """
        path = Path(path)
        records = [*self.models, *self.records]
        if path.suffix == ".jsonl":
            write_lines(path, records)
        else:
            write_folder(path, records)
        return path

    @property
    def counterparts(self) -> Mapping[str, str]:
        """The paper's model of the same role, by model, as training records show."""
        return paper_counterparts(self.models)

    def tables(self) -> list[Table]:
        """Make the tables of all benchmarks."""
        made = []
        for name, part in self.parts().items():
            if in_one_script(part).records:
                made.append(self.table(name))
                if layers_of(part) > 1:
                    made.append(self.layers(name))
            made += self.directions(name)
        return made

    def __str__(self) -> str:
        return "\n".join(map(str, self.tables())) if self.records else "no scores"

    def __repr__(self) -> str:
        models = dict.fromkeys(record.model for record in self.records)
        return (
            f"<Scores: {len(self.records)} records, models {', '.join(models)}, benchmarks "
            f"{', '.join(self.parts())}>"
        )

    def _repr_html_(self) -> str:
        return "\n".join(table._repr_html_() for table in self.tables())


def _fields(record: EvalRecord | TaskRecord) -> dict[str, Any]:
    counts = {"n": record.n}
    scores = dict(record.scores)
    if isinstance(record, EvalRecord):
        counts |= {"pool": record.pool, "identical": record.identical}
        scores |= {f"{name}_all": value for name, value in record.scores_all.items()}
    main = {"main_score": record.main_score, "score": record.score}
    return {**asdict(record.cell()), **counts, **main, **scores}


@raises_translit_error
def load_scores(path: str | os.PathLike[str], group: str = "") -> Scores:
    """Read scores: a folder of records, as `score(..., out=...)` and `save` write it, or a file.

    Args:
        path: Folder, `.jsonl` or `.json`. A folder that `out` named has its records below it.
        group: The group of languages, for the paper's figures.

    Returns:
        The scores.

    Raises:
        TranslitError: There are none, or a file cannot be read.
    """
    return Scores.of(load_records(path), group)
