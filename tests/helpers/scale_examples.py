"""Documents in several languages and files, for builds in stages; and tasks that are killed once.

    python scale_examples.py CORPUS OUT TASKS STAGE RANK

runs the stages of a build on datatrove's own executor, and is killed with SIGKILL in the middle of
a task of a stage, if OUT.killed is not there yet.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hub_datasets import card, parquet, serve
from loopback_hub import LoopbackHub

SENTENCES = {
    "ell_Grek": ["Η Αθήνα είναι μεγάλη.", "Πού είναι ο σταθμός;", "Καλημέρα σας!"],
    "amh_Ethi": ["ሰላም ለዓለም።", "እንዴት ነህ?", "ደህና ነኝ።"],
    "zho_Hani": ["你好吗？", "我很好。", "谢谢！"],
}
MORE = {
    "heb_Hebr": ["אתונה היא עיר גדולה.", "איפה התחנה?", "בוקר טוב לכם!"],
    "kor_Hang": ["아테네는 큽니다.", "역이 어디에 있습니까?", "안녕하세요!"],
}
"""For the layout of FineWeb-2, which calls Chinese `cmn_Hani`."""
FILES = 9
OPTIONS = {
    "transliterator": "identity",
    "fraction": 0.2,
    "floor": 60,
    "validation": 0.1,
    "split_sentences": "yes",
}


def documents(code: str, file: int) -> list[str | None]:
    """Eight documents of a file: sentences once and several times, other scripts, nothing."""
    found: list[str | None] = []
    sentences = (SENTENCES | MORE)[code]
    for number in range(8):
        lines = [
            "".join(
                f"{sentence[:-1]} {(7 * number + 31 * file + 3 * line) % 97}{sentence[-1]} "
                for sentence in sentences
            )
            for line in range(3)
        ]
        found.append("\n\n".join([*lines, "Latin only.", "123", sentences[0]]))
    return [*found, None, "", found[0]]


def write_corpus(folder: Path, *, empty: bool = True) -> Path:
    """Write a folder for each language with Parquet files, and the list of languages.

    `empty`: with documents that hold no text, which datatrove's own readers pass over.
    """
    for code in SENTENCES:
        (folder / code).mkdir(parents=True)
        for file in range(FILES):
            texts = [text for text in documents(code, file) if text or empty]
            pq.write_table(pa.table({"text": texts}), folder / code / f"{file}.parquet")
    (folder / "g.tsv").write_text("code\n" + "\n".join(SENTENCES) + "\n", "utf-8")
    return folder


def serve_fineweb(hub: LoopbackHub) -> None:
    """Put documents in five languages on a Hub, in the layout of FineWeb-2."""
    configs, files = {}, {}
    for code in SENTENCES | MORE:
        config = code.replace("zho", "cmn")
        configs[config] = {"train": f"data/{config}/train/*.parquet"}
        for file in range(2):
            texts = [text for text in documents(code, file) if text]
            rows = len(texts)
            files[f"data/{config}/train/00{file}_00000.parquet"] = parquet(
                text=texts,
                id=[f"<urn:uuid:{config}-{file}-{row}>" for row in range(rows)],
                # Where the page was in the crawl: the same for some, and never this file.
                file_path=[f"s3://crawl/{row % 3}.warc.gz" for row in range(rows)],
                language=[config.partition("_")[0]] * rows,
                language_score=[0.9] * rows,
            )
    serve(hub, "HuggingFaceFW/fineweb-2", {"README.md": card(configs), **files})


class KillOnce:
    """A step that ends its process after some documents, the first time."""

    def __init__(self, rank: int, mark: Path) -> None:
        self.rank = rank
        self.mark = mark

    def __call__(self, data, rank, world_size):
        for number, document in enumerate(data):
            if rank == self.rank and number == 5 and not self.mark.exists():
                self.mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            yield document


def main(corpus: str, out: str, tasks: str, stage: str, rank: str) -> None:
    from datatrove.executor import LocalPipelineExecutor

    from translit_ppa.data_builders.build.job import prepare
    from translit_ppa.data_builders.build.scale.reading import ReadSource
    from translit_ppa.data_builders.build.scale.stages import plan_of, stages_of
    from translit_ppa.data_builders.sentences.filters import FilterOptions

    options = {**OPTIONS}
    prepared = prepare(
        f"{corpus}/g.tsv",
        f"files:{corpus}",
        out,
        lambda line: None,
        languages=None,
        paper_compat=False,
        seed=42,
        sampling={"floor": options.pop("floor"), "cap": None, "temperature": None},
        filters=FilterOptions(),
        validation_cap=2000,
        exclude_benchmarks=(),
        drop_shared=False,
        shard_rows=50,
        dedup_memory=1,
        **options,
    )
    plan = plan_of(prepared, 8)
    for one in stages_of(prepared, plan, int(tasks), [ReadSource(prepared.job.source, plan)]):
        if one.name == stage:
            one.pipeline.insert(1, KillOnce(int(rank), Path(f"{out}.killed")))
        LocalPipelineExecutor(one.pipeline, one.tasks, 1, logging_dir=one.logs).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
