"""Duplicates are found exactly, also those that memory has no room for."""

import hashlib
import random

import pytest

from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sentences.seen import Seen


def keys(count):
    """Hashes of which every third comes again, near or far."""
    draw = random.Random(5)
    numbers = [draw.randrange(count * 2) for _ in range(count)] + list(range(0, count, 3))
    return [hashlib.blake2b(str(n).encode(), digest_size=16).digest() for n in numbers]


def test_the_disk_says_what_a_set_says(tmp_path):
    path, many = tmp_path / "seen.sqlite", keys(30_000)
    with Seen(path, 1) as seen:
        found = [seen.add(key) for key in many]
        # Three times full: 1 MiB holds some 6,000 hashes.
        assert path.stat().st_size > 12_000 * 16
    known = set()
    assert found == [not (key in known or known.add(key)) for key in many]
    assert 10_000 < sum(found) < 30_000
    assert not path.exists()


def test_what_fits_needs_no_file(tmp_path):
    with Seen(tmp_path / "seen.sqlite", 1) as seen:
        assert [seen.add(key) for key in (b"a", b"b", b"a")] == [True, True, False]
        assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_removed(tmp_path):
    path = tmp_path / "seen.sqlite"
    path.write_bytes(b"SQLite format 3\x00 torn")
    with Seen(path, 1) as seen:
        assert all(seen.add(key) for key in set(keys(10_000)))


def test_a_file_that_cannot_be_made_is_one_line(tmp_path):
    seen = Seen(tmp_path / "nowhere" / "seen.sqlite", 1)
    with pytest.raises(DataError, match=r"cannot be written .*make room, or give another --out"):
        list(map(seen.add, keys(10_000)))


def test_a_build_is_the_same_whatever_the_memory(tmp_path, monkeypatch):
    (tmp_path / "text").mkdir()
    lines = [f"ሰላም {i % 16_000}\n" for i in range(20_000)]
    (tmp_path / "text" / "amh_Ethi.txt").write_text("".join(lines), encoding="utf-8")
    opened = []
    real = Seen._open

    def counted(self):
        opened.append(self.path.name)
        return real(self)

    monkeypatch.setattr(Seen, "_open", counted)

    def build(name, **options):
        options = {"transliterator": "identity", "shard_rows": 5000, "progress": False, **options}
        record = build_pairs(
            "mediterranean", f"files:{tmp_path / 'text'}", tmp_path / name, floor=20_000, **options
        )
        assert not list((tmp_path / name).rglob("*.sqlite"))
        return record["digest"], record["languages"]

    whole = build("whole")
    assert opened == [] and whole[1][0]["dropped"] == {"duplicate": 4000}
    assert build("small", dedup_memory=1) == whole
    assert build("several", dedup_memory=1, num_proc=2) == whole
    assert opened == ["seen.sqlite"] * 2


@pytest.mark.parametrize("wrong", [0, -1, 2**21])
def test_wrong_memory(tmp_path, wrong):
    with pytest.raises(DataError, match="legal is 1 to 1,048,576 MiB"):
        build_pairs("mediterranean", "cldr", tmp_path / "out", dedup_memory=wrong)
