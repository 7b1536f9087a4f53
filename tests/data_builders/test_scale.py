"""The engine datatrove: the rows of the local build, whatever the tasks and whoever is killed."""

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import scale_examples
from scale_examples import FILES, OPTIONS, SENTENCES, write_corpus
from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.dataset.row_index import read_rows_of
from translit_ppa.data_builders.errors import DamagedShard, DataError

pytest.importorskip("datatrove", reason="needs the extra scale")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("scale") / "corpus")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


def build(corpus, out, **options):
    options = {**OPTIONS, "progress": False, **options}
    return build_pairs(corpus / "g.tsv", f"files:{corpus}", out, **options)


@pytest.fixture(scope="module")
def local(corpus, tmp_path_factory):
    """The local build, and the folder of its group."""
    out = tmp_path_factory.mktemp("local")
    return build(corpus, out), out / "g"


def files_of(group):
    """What a reader sees of a group: its Parquet files, byte for byte, and where rows came from."""
    shards = {path.name: path.read_bytes() for path in group.glob("translit-*.parquet")}
    rows = {
        split: read_rows_of(group, split).to_pylist()
        for split in ("train", "validation")
        if (group / f"rows-{split}.parquet").exists()
    }
    return shards, rows


def same(record, group, local):
    first, its_group = local
    for name in ("digest", "languages", "splits", "sampling", "filters", "source"):
        assert record[name] == first[name], name
    assert files_of(group) == files_of(its_group)
    mine, other = (
        (at.parent / "README.md").read_text().replace(f'load_dataset("{at.parent.name}"', "FOLDER")
        for at in (group, its_group)
    )
    assert mine == other


def test_the_corpus_has_all_that_may_go_wrong(local):
    record, group = local
    for entry in record["languages"]:
        # Enough is dropped that the number is made up for, and enough is left.
        assert entry["kept"] == entry["target"] == entry["taken"] - sum(entry["dropped"].values())
        assert {"duplicate", "no_letters", "wrong_script"} <= set(entry["dropped"])
        assert entry["documents"] == 11 * FILES
    pairs = pq.read_table(group / "translit-train-00000-of-00001.parquet")["text"].to_pylist()
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("tasks", [1, 8])
def test_the_rows_are_those_of_the_local_build(corpus, tmp_path, local, tasks):
    work = {"shard_rows": 7, "dedup_memory": 1} if tasks == 8 else {}
    record = build(corpus, tmp_path, engine="datatrove", tasks=tasks, **work)
    same(record, tmp_path / "g", local)


@pytest.mark.slow
def test_two_workers_and_other_tasks_go_on_where_one_was(corpus, tmp_path, local):
    build(corpus, tmp_path, engine="datatrove", tasks=3, workers=2)
    (folder,) = (tmp_path / ".work/g").glob("datatrove-*/counts")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")}
    assert len(before) == len(SENTENCES) * FILES
    # One part is lost, the others are not read again, whatever the number of tasks.
    lost = sorted(before)[4]
    lost.unlink()
    record = build(corpus, tmp_path, engine="datatrove", tasks=5)
    same(record, tmp_path / "g", local)
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")}
    assert [path for path in sorted(after) if after[path] != before[path]] == [lost]


def run_stages(corpus, out, stage):
    """Run the stages in a process that is killed in task 5 of one of them, once."""
    words = [sys.executable, scale_examples.__file__, corpus, out, 8, stage, 5]
    environment = {**os.environ, "HF_HOME": f"{out}.hf"}
    with Path(f"{out}.log").open("ab") as log:
        # The manager of datatrove's executor outlives it, and would hold a pipe open.
        done = subprocess.Popen(
            list(map(str, words)), env=environment, stdout=log, stderr=log, start_new_session=True
        )
        status = done.wait(timeout=300)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(done.pid, signal.SIGKILL)
    return status


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["collect", "romanise"])
def test_killed_in_task_5_of_8_and_run_again(corpus, tmp_path, local, stage):
    out = tmp_path / "out"
    assert run_stages(corpus, out, stage) == -9
    (logs,) = (out / ".work/g").glob(f"datatrove-*/logs/{stage}-8")
    finished = sorted(path.name for path in (logs / "completions").iterdir())
    assert finished == [f"{rank:05d}" for rank in range(5)]
    times = {path: path.stat().st_mtime_ns for path in (logs / "stats").iterdir()}
    assert run_stages(corpus, out, stage) == 0
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())
    same(json.loads((out / "g/build_record.json").read_text()), out / "g", local)
    assert not list((out / ".work").rglob(".*.aside"))


def test_what_the_romaniser_loses_is_made_up_for(corpus, tmp_path, monkeypatch):
    module = tmp_path / "losing_romaniser.py"
    module.write_text(
        "def latin(texts, lang):\n    return ['' if '7' in t else t for t in texts]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    lossy = {"transliterator": "losing_romaniser:latin"}
    record = build(corpus, tmp_path / "a", **lossy)
    assert all(entry["dropped"]["empty_transliteration"] > 5 for entry in record["languages"])
    again = build(corpus, tmp_path / "b", engine="datatrove", tasks=4, **lossy)
    same(again, tmp_path / "b/g", (record, tmp_path / "a/g"))
    # The same command finds all of it done.
    third = build(corpus, tmp_path / "b", engine="datatrove", tasks=4, **lossy)
    assert third["digest"] == record["digest"]


def test_ready_pairs_and_a_cap(tmp_path):
    folder = tmp_path / "ready"
    folder.mkdir()
    (folder / "g.tsv").write_text("code\nell_Grek\n")
    rows = "".join(f"λέξη {i % 300}\tlexi {i}\n" for i in range(600))
    (folder / "ell_Grek.tsv").write_text(f"text\ttransliteration\n{rows}", "utf-8")
    for more in ({"romanisations": "all"}, {"fraction": 0.1, "floor": 0, "cap": 40}):
        fixed = {"progress": False, "validation": 0.1, **more}
        place = folder / "g.tsv", f"files:{folder}"
        name = f"{len(more)}"
        first = build_pairs(*place, tmp_path / f"a{name}", **fixed)
        again = build_pairs(*place, tmp_path / f"b{name}", engine="datatrove", tasks=2, **fixed)
        same(again, tmp_path / f"b{name}/g", (first, tmp_path / f"a{name}/g"))


def test_a_temperature_needs_all_sentences(corpus, tmp_path):
    (tmp_path / "two.tsv").write_text("code\nell_Grek\nzho_Hani\n")
    fixed = {**OPTIONS, "temperature": 3.0, "floor": 10, "progress": False}
    place = tmp_path / "two.tsv", f"files:{corpus}"
    first = build_pairs(*place, tmp_path / "a", **fixed)
    again = build_pairs(*place, tmp_path / "b", engine="datatrove", tasks=2, **fixed)
    assert again["digest"] == first["digest"] and again["languages"] == first["languages"]


def test_memory_parts_the_hashes_into_ranges(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("translit_ppa.data_builders.build.scale.duplicates._BYTES_PER_HASH", 10_000)
    build(corpus, tmp_path, engine="datatrove", tasks=2, dedup_memory=1)
    ranges = Counter(path.parent.name for path in tmp_path.rglob("duplicates/*/*.behind.parquet"))
    assert set(ranges) == set(SENTENCES) and min(ranges.values()) > 4


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"engine": "spark"}, "engine 'spark'; legal are local, datatrove"),
        ({"tasks": 2}, "tasks 2, workers None: for engine datatrove"),
        ({"engine": "datatrove", "num_proc": 2}, "num_proc 2: for engine local"),
        ({"engine": "datatrove", "tasks": 0}, "tasks 0; legal is 1 to 100,000"),
    ],
)
def test_options_that_do_not_go_together(corpus, tmp_path, options, told):
    with pytest.raises(DataError, match=told):
        build(corpus, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_without_datatrove_one_line_says_what_to_install(corpus, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if ".build.scale" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("translit_ppa.data_builders.build.scale", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "datatrove"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "datatrove", None)
    with pytest.raises(DataError, match=r"pip install 'translit-ppa\[scale\]'"):
        build(corpus, tmp_path / "out", engine="datatrove")
    assert not (tmp_path / "out").exists()


def test_a_source_that_fails_ends_in_one_line(tmp_path, capfd):
    corpus = write_corpus(tmp_path / "corpus")
    broken = corpus / "amh_Ethi/3.parquet"
    broken.write_bytes(broken.read_bytes()[:-60])
    with pytest.raises(DataError, match=r"3\.parquet"):
        build(corpus, tmp_path / "out", engine="datatrove", tasks=3)
    assert "Traceback" not in capfd.readouterr().err
    assert not (tmp_path / "out/g").exists()


def test_a_shard_that_was_damaged_is_made_again(corpus, tmp_path, local):
    build(corpus, tmp_path, engine="datatrove", tasks=3)
    shard = sorted(tmp_path.glob(".work/g/datatrove-*/pairs/*/*/000/*.parquet"))[2]
    whole = shard.read_bytes()
    page = pq.read_metadata(shard).row_group(0).column(0).data_page_offset
    shard.write_bytes(whole[: page + 40] + bytes(60) + whole[page + 100 :])
    with pytest.raises(DataError, match="was damaged after it was written"):
        build(corpus, tmp_path, engine="datatrove", tasks=3)
    same(build(corpus, tmp_path, engine="datatrove", tasks=3), tmp_path / "g", local)
    assert shard.read_bytes() == whole


def test_a_worker_that_is_killed_is_one_line(corpus, tmp_path, monkeypatch):
    """datatrove's own executor would wait for it for ever."""
    (tmp_path / "dying.py").write_text(
        "import os\n\n\ndef latin(texts, lang):\n    os.kill(os.getpid(), 9)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DataError, match="a worker process ended before its time"):
        build(
            *(corpus, tmp_path / "out"),
            engine="datatrove",
            tasks=4,
            workers=2,
            transliterator="dying:latin",
        )
    assert not Path(tmp_path / "out/g").exists()


def test_a_damaged_shard_is_named_across_processes():
    """Tasks end in processes of their own, and errors come from there as pickles."""
    error = DamagedShard("a/pairs-000001.parquet")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.path) == (str(error), error.path)
    assert str(again).startswith("a/pairs-000001.parquet was damaged after")
