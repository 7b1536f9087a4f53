"""A build killed in the middle goes on; finished shards are not romanised again."""

import json
import os
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.build.shards import shard_path

SLOW = """
import os, pathlib, time
def f(sentences, lang):
    if sentences == ["a"]:
        return sentences
    with open(os.environ["CALLS"], "a", encoding="utf-8") as log:
        log.write("".join(s + "\\n" for s in sentences))
    time.sleep(float(os.environ["NAP"]))
    return [f"latin {s}" for s in sentences]
"""


def command(tmp_path, out, num_proc):
    return [
        *(sys.executable, "-m", "translit_ppa.command_line", "build", "--group", "mediterranean"),
        *("--source", f"files:{tmp_path / 'text'}", "--out", str(out), "--shard-rows", "10"),
        *("--transliterator", "slow_romaniser:f", "--num-proc", str(num_proc), "--quiet"),
    ]


def environment(tmp_path, calls, nap):
    paths = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": paths, "CALLS": str(calls), "NAP": str(nap)}


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


def alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("num_proc", [1, 2])
def test_kill_and_resume(tmp_path, num_proc):
    (tmp_path / "slow_romaniser.py").write_text(SLOW)
    (tmp_path / "text").mkdir()
    for code, word in (("amh_Ethi", "ሰላም"), ("heb_Hebr", "שלום")):
        lines = "".join(f"{word} {i}\n" for i in range(60))
        (tmp_path / "text" / f"{code}.txt").write_text(lines, encoding="utf-8")
    out, calls = tmp_path / "out", tmp_path / "calls.txt"

    def shards():
        return sorted(out.glob(".work/mediterranean/*/pairs-*.parquet"))

    process = subprocess.Popen(
        command(tmp_path, out, num_proc),
        env=environment(tmp_path, calls, 0.4),
        start_new_session=True,
    )
    wait_for(lambda: len(shards()) >= 3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: not alive(process.pid))  # the workers end with their parent
    kept = {path: path.stat().st_mtime_ns for path in shards()}
    assert 3 <= len(kept) < 12
    assert not (out / "mediterranean").exists()

    finished = set()
    for path in kept:
        finished |= set(pq.read_table(path)["text"].to_pylist())
    calls.unlink()
    subprocess.run(
        command(tmp_path, out, num_proc), env=environment(tmp_path, calls, 0), check=True
    )
    again = calls.read_text(encoding="utf-8").splitlines()
    assert len(again) == 120 - len(finished)
    assert not finished & set(again)
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())

    whole = tmp_path / "whole"
    subprocess.run(
        command(tmp_path, whole, 1), env=environment(tmp_path, tmp_path / "c", 0), check=True
    )
    names = [path.name for path in sorted((whole / "mediterranean").glob("*.parquet"))]
    assert len(names) == 4
    for name in names:
        assert (out / "mediterranean" / name).read_bytes() == (
            whole / "mediterranean" / name
        ).read_bytes()

    calls.unlink()
    subprocess.run(
        command(tmp_path, out, num_proc), env=environment(tmp_path, calls, 0), check=True
    )
    assert not calls.exists()


def test_damaged_shard_is_made_again(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "amh_Ethi.txt").write_text("".join(f"ሰላም {i}\n" for i in range(30)))

    def build():
        return build_pairs(
            "mediterranean",
            f"files:{tmp_path / 'text'}",
            tmp_path / "out",
            transliterator="identity",
            shard_rows=10,
            progress=False,
        )

    first = build()
    folder = next((tmp_path / "out/.work/mediterranean").glob("amh_Ethi-*"))
    (folder / "done.json").unlink()
    shard_path(folder, 1).write_bytes(b"PAR1 cut off")
    assert build()["digest"] == first["digest"]


@pytest.fixture
def built(tmp_path):
    """A build of three shards, and what builds it again: bytes of the result, lines on stderr."""
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "amh_Ethi.txt").write_text("".join(f"ሰላም {i}\n" for i in range(30)))
    out = tmp_path / "out"

    def build(capsys):
        build_pairs(
            "mediterranean",
            f"files:{tmp_path / 'text'}",
            out,
            transliterator="identity",
            shard_rows=10,
            progress=False,
        )
        files = sorted((out / "mediterranean").glob("*.parquet"))
        return [path.read_bytes() for path in files], capsys.readouterr().err.splitlines()

    return build, out


def work(out):
    return next((out / ".work/mediterranean").glob("amh_Ethi-*"))


@pytest.mark.parametrize("whole", [True, False], ids=["finished", "under way"])
def test_a_flipped_bit_in_a_shard_is_noticed_and_made_again(built, capsys, whole):
    build, out = built
    first, lines = build(capsys)
    assert lines == []
    path = shard_path(work(out), 1)
    content = path.read_bytes()
    for at in range(4, len(content), 37):
        bad = bytearray(content)
        bad[at] ^= 1 << at % 8
        path.write_bytes(bad)
        if not whole:
            (work(out) / "done.json").unlink()
        again, lines = build(capsys)
        assert again == first, f"bit {at % 8} of byte {at}"
        # A bit that changes no cell and no count (padding, a statistic) need not be noticed.
        assert path.read_bytes() in (content, bytes(bad))
        noticed = [line for line in lines if "pairs-000001.parquet" in line]
        assert bool(noticed) == (path.read_bytes() == content)
        assert all(line.endswith("is damaged; it is made again") for line in noticed)


@pytest.mark.parametrize("column", ["text", "end"])
def test_a_shard_whose_cells_have_another_type_is_made_again(built, capsys, column):
    import pyarrow as pa
    import pyarrow.parquet as pq

    build, out = built
    first, _ = build(capsys)
    path = shard_path(work(out), 1)
    content = path.read_bytes()
    table = pq.read_table(path)
    # Sentences have no characters: a column of nulls has the same cells in any type.
    cells = {
        "text": pa.array([b"\xff"] * table.num_rows),
        "end": pa.nulls(table.num_rows, "string"),
    }
    odd = table.set_column(table.column_names.index(column), column, cells[column])
    pq.write_table(odd.replace_schema_metadata(table.schema.metadata), path)
    again, lines = build(capsys)
    assert again == first and path.read_bytes() == content
    assert "pairs-000001.parquet of the work done so far is damaged" in lines[0]


def test_shards_that_changed_places_are_noticed(built, capsys):
    build, out = built
    first, _ = build(capsys)
    one, two = (shard_path(work(out), i) for i in (1, 2))
    contents = one.read_bytes(), two.read_bytes()
    one.write_bytes(contents[1])
    again, lines = build(capsys)
    assert again == first and (one.read_bytes(), two.read_bytes()) == contents
    assert "pairs-000001.parquet is another than was written; made again" in lines[0]


@pytest.mark.parametrize(
    "damage",
    [
        *("null", "[]", "3", "", "{}", '"a"', "[" * 100_000, "9" * 5000),
        *({"shards": value} for value in (-1, 0, True, None, [], 1, 3, 1.5, "x", {}, [1, 2, 3])),
        *({"kept": value} for value in (-1, True, 29, None)),
        *({"taken": -1}, {"dropped": None}, {"dropped": {"x": -1}}, {"unmapped": []}),
    ],
    ids=str,
)
def test_a_marker_that_is_not_believed(built, capsys, damage):
    build, out = built
    first, _ = build(capsys)
    marker = work(out) / "done.json"
    whole = marker.read_bytes()
    if isinstance(damage, dict):
        marker.write_text(json.dumps({**json.loads(whole), **damage}))
    else:
        marker.write_text(damage)
    kept = {path: path.stat().st_mtime_ns for path in work(out).glob("*.parquet")}
    again, lines = build(capsys)
    assert again == first and marker.read_bytes() == whole
    assert len(lines) == 1 and "amh_Ethi is checked shard by shard" in lines[0]
    # Only looked at, not made again.
    assert {path: path.stat().st_mtime_ns for path in work(out).glob("*.parquet")} == kept


LOSSY = """
def f(sentences, lang):
    return ["" if sum(map(ord, s)) % 4 == 0 else f"latin {s}" for s in sentences]
"""


def test_what_the_romaniser_lost_is_drawn_again(tmp_path, monkeypatch):
    """Whatever the number of processes and the size of shards, and after a kill."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / "lossy_romaniser.py").write_text(LOSSY)
    (tmp_path / "text").mkdir()
    for code, word in (("amh_Ethi", "ሰላም"), ("heb_Hebr", "שלום")):
        lines = "".join(f"{word} {i}\n" for i in range(1000 if code == "amh_Ethi" else 130))
        (tmp_path / "text" / f"{code}.txt").write_text(lines, encoding="utf-8")

    def build(out, **options):
        options = {"transliterator": "lossy_romaniser:f", "progress": False, **options}
        return build_pairs(
            "mediterranean", f"files:{tmp_path / 'text'}", tmp_path / out, floor=120, **options
        )

    record = build("a")
    by_code = {entry["code"]: entry for entry in record["languages"]}
    assert (by_code["amh_Ethi"]["kept"], by_code["amh_Ethi"]["shortfall"]) == (120, 0)
    hebrew = by_code["heb_Hebr"]
    lost = hebrew["dropped"]["empty_transliteration"]
    assert (hebrew["taken"], hebrew["kept"], hebrew["shortfall"]) == (130, 130 - lost, lost - 10)
    # The folder is as long as its record says, and no text is in it twice.
    texts = [
        text
        for path in (tmp_path / "a/mediterranean").glob("translit-*.parquet")
        for text in pq.read_table(path)["text"].to_pylist()
    ]
    assert len(texts) == len(set(texts)) == 250 - lost

    for out, options in (("b", {"shard_rows": 7}), ("c", {"shard_rows": 7, "num_proc": 2})):
        again = build(out, **options)
        assert (again["digest"], again["languages"]) == (record["digest"], record["languages"])

    (folder,) = (tmp_path / "b/.work/mediterranean").glob("amh_Ethi-*")
    (folder / "done.json").unlink()
    last = max(folder.glob("pairs-*.parquet"))
    last.unlink()
    (folder / "reserve.sqlite").write_bytes(b"torn")
    assert build("b", shard_rows=7)["digest"] == record["digest"]
    assert last.exists() and not (folder / "reserve.sqlite").exists()
