"""A folder is replaced whole: whoever reads meanwhile gets the old or the new, never neither."""

import errno
import os
import subprocess
import sys

import pytest
from datasets import load_dataset

from translit_ppa.data_builders import whole_folder
from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.dataset import builder
from translit_ppa.data_builders.whole_folder import put_in_place, remove

READER = """
import os, sys
goal, seen = sys.argv[1], set()
print("ready", flush=True)
while not os.path.exists(goal + ".stop"):
    folder = os.open(goal, os.O_RDONLY | os.O_DIRECTORY)
    there = []
    for name in ("a", "b", "c"):
        try:
            file = os.open(name, os.O_RDONLY, dir_fd=folder)
        except FileNotFoundError:
            there = None  # an old one, opened before and removed since
            break
        there.append(os.read(file, 99))
        os.close(file)
    os.close(folder)
    if there is not None:
        assert len(set(there)) == 1, there
        seen.add(there[0])
print(len(seen))
"""


def make(folder, number):
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / name).write_text(str(number))
    return folder


@pytest.mark.skipif(not hasattr(whole_folder.ctypes.CDLL(None), "renameat2"), reason="no exchange")
def test_a_reader_always_finds_a_whole_folder(tmp_path):
    goal = make(tmp_path / "goal", 0)
    command = [sys.executable, "-c", READER, str(goal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout.readline() == "ready\n"
        for number in range(1, 500):
            fresh = make(tmp_path / "fresh", number)
            put_in_place(fresh, goal)
            remove(fresh)
        (tmp_path / "goal.stop").touch()
        seen = int(reader.stdout.read())
    assert reader.returncode == 0
    assert seen > 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["goal", "goal.stop"]


def no_exchange(monkeypatch, code=errno.EINVAL):
    class Library:
        @staticmethod
        def renameat2(*_):
            whole_folder.ctypes.set_errno(code)
            return -1

    monkeypatch.setattr(whole_folder.ctypes, "CDLL", lambda *_, **__: Library)


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EINVAL, errno.EPERM, None])
def test_where_nothing_exchanges(tmp_path, monkeypatch, code):
    """Two renames: what was there is kept beside it until the new one is to be seen."""
    if code is None:
        monkeypatch.setattr(whole_folder.ctypes, "CDLL", lambda *_, **__: object())
    else:
        no_exchange(monkeypatch, code)
    goal, fresh = make(tmp_path / "goal", 1), make(tmp_path / "fresh", 2)
    make(tmp_path / ".goal.old", 0)  # of a run that was killed
    put_in_place(fresh, goal)
    assert (goal / "a").read_text() == "2" and (fresh / "a").read_text() == "1"
    assert {path.name for path in tmp_path.iterdir()} == {"goal", "fresh"}


def test_a_failure_leaves_the_old_one(tmp_path, monkeypatch):
    no_exchange(monkeypatch)
    goal = make(tmp_path / "goal", 1)
    with pytest.raises(FileNotFoundError):
        put_in_place(tmp_path / "nothing", goal)
    assert (goal / "a").read_text() == "1"


def test_another_failure_is_no_reason_to_go_another_way(tmp_path, monkeypatch):
    no_exchange(monkeypatch, errno.EXDEV)
    goal, fresh = make(tmp_path / "goal", 1), make(tmp_path / "fresh", 2)
    with pytest.raises(OSError, match=os.strerror(errno.EXDEV)):
        put_in_place(fresh, goal)
    assert (goal / "a").read_text() == "1" and (fresh / "a").read_text() == "2"


def test_a_link_to_a_folder_gives_way(tmp_path):
    make(tmp_path / "elsewhere", 1)
    (tmp_path / "goal").symlink_to("elsewhere")
    put_in_place(make(tmp_path / "fresh", 2), tmp_path / "goal")
    remove(tmp_path / "fresh")
    assert not (tmp_path / "goal").is_symlink() and (tmp_path / "goal/a").read_text() == "2"
    assert (tmp_path / "elsewhere/a").read_text() == "1"
    assert not os.path.lexists(tmp_path / "fresh")


def build(tmp_path, rows, validation=0.2):
    (tmp_path / "text").mkdir(exist_ok=True)
    lines = "".join(f"ሰላም {i}\n" for i in range(rows))
    (tmp_path / "text" / "amh_Ethi.txt").write_text(lines, encoding="utf-8")
    return build_pairs(
        "mediterranean",
        f"files:{tmp_path / 'text'}",
        tmp_path / "out",
        transliterator="identity",
        fraction=1.0,
        validation=validation,
        progress=False,
    )


def rows_of(tmp_path, name):
    found = load_dataset(str(tmp_path / "out"), "mediterranean", cache_dir=str(tmp_path / name))
    return {split: len(rows) for split, rows in found.items()}


@pytest.mark.parametrize("validation", [0.2, 0.0])
def test_pairs_open_at_every_step_of_their_exchange(tmp_path, monkeypatch, validation):
    """`datasets` checks numbers of rows and names of splits against the README.md."""
    before = build(tmp_path, 40)["splits"]
    seen = []

    def stop(step, call):
        def stopped(*words):
            seen.append(rows_of(tmp_path, f"before-{step}-{len(seen)}"))
            call(*words)
            seen.append(rows_of(tmp_path, f"after-{step}-{len(seen)}"))

        return stopped

    for name in ("save_card", "put_in_place"):
        monkeypatch.setattr(builder, name, stop(name, getattr(builder, name)))
    after = build(tmp_path, 60, validation)["splits"]
    after = {split: rows for split, rows in after.items() if rows}
    passing = {split: before[split] for split in after}
    both = {split: after[split] for split in after if split in before}
    assert seen == [before, passing, passing, both, both, after]
    assert not (tmp_path / "out/.work/mediterranean/new").exists()
