"""The stages as a user's own pipelines: datatrove's readers and writers, job files of Slurm."""

import os
import stat
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scale_examples import OPTIONS, SENTENCES, write_corpus
from translit_ppa import TranslitError, build_pairs

pytest.importorskip("datatrove", reason="needs the extra scale")

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor, SlurmPipelineExecutor
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import ParquetWriter
from datatrove.tools import launch_pickled_pipeline

from translit_ppa.scale import (
    SCHEMA,
    FilterSentences,
    Romanise,
    SplitSentences,
    Splitter,
    pair_of,
    pair_stages,
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


def readers(corpus):
    return [
        ParquetReader(str(corpus / code), default_metadata={"code": code}) for code in SENTENCES
    ]


def texts(out):
    paths = sorted((out / "g").glob("translit-*.parquet"))
    return [row["text"] for path in paths for row in pq.read_table(path).to_pylist()]


@pytest.mark.slow
def test_slurm_jobs_are_written_and_make_the_rows_of_the_local_build(tmp_path, monkeypatch):
    corpus = write_corpus(tmp_path / "corpus", empty=False)
    fixed = {"group": str(corpus / "g.tsv"), **OPTIONS}
    local = build_pairs(corpus, out=tmp_path / "local", show_progress=False, **fixed)

    jobs = tmp_path / "jobs"
    jobs.mkdir()
    sbatch = tmp_path / "bin/sbatch"
    sbatch.parent.mkdir()
    sbatch.write_text(
        f'#!/bin/sh\nn=$(ls {jobs} | wc -l)\necho "$@" > {jobs}/$n\n'
        f'for last; do :; done\ncat "$last" >> {jobs}/$n\necho Submitted batch job 10$n\n'
    )
    (sbatch.parent / "scontrol").write_text("#!/bin/sh\necho node-1\n")
    for program in sbatch.parent.iterdir():
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{sbatch.parent}:{os.environ['PATH']}")
    stages = pair_stages(
        readers(corpus), "org/corpus", out=tmp_path / "out", tasks=2, show_progress=False, **fixed
    )
    executor = None
    for stage in stages:
        executor = SlurmPipelineExecutor(
            stage.pipeline,
            stage.tasks,
            time="08:00:00",
            partition="cpu",
            job_name=stage.name,
            logging_dir=stage.logs,
            depends=executor,
        )
    executor.run()

    # A job for each stage, which waits for the one before it, and one that joins its statistics.
    written = [path.read_text() for path in sorted(jobs.iterdir(), key=lambda at: int(at.name))]
    found = [text for text in written if "merge_stats" not in text]
    assert len(found) == len(stages) == 5
    for number, (stage, text) in enumerate(zip(stages, found, strict=True)):
        assert f"--array=0-{stage.tasks - 1}" in text and f"job-name={stage.name}" in text
        assert f"launch_pickled_pipeline {stage.logs}/executor.pik" in text
        assert ("--dependency=afterok:10" in text) == (number > 0)

    # What a node would run, task by task.
    monkeypatch.setenv("SLURM_NODELIST", "node-1")
    for stage in stages:
        for rank in range(stage.tasks):
            monkeypatch.setenv("SLURM_ARRAY_TASK_ID", str(rank))
            monkeypatch.setattr(sys, "argv", ["launch", f"{stage.logs}/executor.pik"])
            launch_pickled_pipeline.main()
        assert len(list(Path(stage.logs, "completions").iterdir())) == stage.tasks
    assert texts(tmp_path / "out") == texts(tmp_path / "local")
    record = (tmp_path / "out/g/build_record.json").read_text()
    assert '"source": "org/corpus"' in record
    assert local.report.splits["train"] == len(local["train"]) > 100


def run(pipeline, logs, tasks=1):
    LocalPipelineExecutor(pipeline, tasks, 1, logging_dir=str(logs)).run()


def test_romanise_stands_in_any_pipeline(tmp_path):
    """No sample, no duplicates: reader, sentences, filters, romaniser, a writer with our schema."""
    corpus = write_corpus(tmp_path / "corpus")
    leaked = tmp_path / "leaked"
    leaked.mkdir()
    for code in ("ell_Grek", "amh_Ethi"):
        (leaked / f"{code}.txt").write_text(f"{SENTENCES[code][0]}\n", "utf-8")
    pipeline = [
        ParquetReader(str(corpus / "ell_Grek"), default_metadata={"code": "ell_Grek"}, limit=2),
        SplitSentences(Splitter(), "org/corpus"),
        FilterSentences(),
        Romanise(exclude=[f"parallel:{leaked}"]),
        ParquetWriter(str(tmp_path / "pairs"), adapter=pair_of, schema=SCHEMA),
    ]
    run(pipeline, tmp_path / "logs")
    paths = sorted((tmp_path / "pairs").glob("*.parquet"))
    rows = [row for path in paths for row in pq.read_table(path).to_pylist()]
    assert pq.read_schema(paths[0]).names == SCHEMA.names
    # Three sentences in each of three lines, two documents; the fourth line was in the benchmark.
    assert len(rows) == 18 and SENTENCES["ell_Grek"][0] not in {row["text"] for row in rows}
    assert rows[0] == {
        "text": "Η Αθήνα είναι μεγάλη 0.",
        "transliteration": "E Athena einai megale 0.",
        "lang": "ell",
        "script": "Grek",
        "source": "org/corpus",
    }


def test_documents_that_do_not_say_enough_are_one_line(tmp_path):
    split = SplitSentences(Splitter())
    with pytest.raises(ValueError, match=r'default_metadata=\{"code": CODE\}'):
        list(split.run([Document("Ναι.", "1")]))
    mixed = [
        Document("Ναι.", str(number), metadata={"code": "ell_Grek", "file_path": f"{number % 2}"})
        for number in range(3)
    ]
    with pytest.raises(ValueError, match="read_metadata=False"):
        list(split.run(mixed))
    corpus = write_corpus(tmp_path / "corpus")
    reader = ParquetReader(str(corpus / "ell_Grek"), default_metadata={"code": "kat_Geor"})
    stages = pair_stages(
        [reader], "org/corpus", group=str(corpus / "g.tsv"), out=tmp_path / "out", **OPTIONS
    )
    with pytest.raises(ValueError, match="'kat_Geor'; legal: ell_Grek, amh_Ethi, zho_Hani"):
        run(stages[0].pipeline, stages[0].logs)


def test_too_little_spare_is_said_and_other_readers_are_another_build(tmp_path):
    corpus = write_corpus(tmp_path / "corpus", empty=False)
    fixed = {"group": str(corpus / "g.tsv"), "out": tmp_path / "out", "show_progress": False}
    fixed |= {**OPTIONS, "floor": 0}
    reader = ParquetReader(str(corpus / "ell_Grek"), default_metadata={"code": "ell_Grek"})
    few, more = (
        pair_stages([reader], "x", languages=["ell_Grek"], spare=spare, **fixed) for spare in (1, 9)
    )
    other = pair_stages(readers(corpus), "x", languages=["ell_Grek"], spare=9, **fixed)
    assert len({stages[0].logs for stages in (few, more, other)}) == 3
    for stage in few[:2]:
        run(stage.pipeline, stage.logs)
    with pytest.raises(ValueError, match="read again with a greater spare"):
        run(few[2].pipeline, few[2].logs)
    with pytest.raises(TranslitError, match=r"spare 0\.5; legal is 1 to"):
        pair_stages([reader], "x", spare=0.5, **fixed)
