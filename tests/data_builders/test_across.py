"""The same sentence in two languages of a group: counted, and dropped when asked."""

from __future__ import annotations

import pytest

from translit_ppa import build_pairs
from translit_ppa.data_builders.dataset import across

VERSES = [f"في البدء كان {word}" for word in ("الكلمة", "النور", "السماء", "الأرض", "الماء")]
OWN = {"ara_Arab": ["اليونان"], "arb_Arab": ["تركيا", "مصر"], "ell_Grek": ["Ελλάδα"]}


@pytest.fixture
def text(tmp_path):
    folder = tmp_path / "text"
    folder.mkdir()
    for code, own in OWN.items():
        lines = own if code == "ell_Grek" else [*own, *VERSES]
        (folder / f"{code}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def built(text, out, **options):
    more = {"validation": 0, "show_progress": False, **options}
    return build_pairs(f"files:{text}", out=out, transliterator="identity", **more)


def texts(pairs, code):
    rows = [row for split in pairs.dataset.values() for row in split]
    return sorted(row["text"] for row in rows if f"{row['lang']}_{row['script']}" == code)


def counts(pairs):
    return {entry.code: entry for entry in pairs.report.languages}


def test_they_are_counted_and_kept(text, tmp_path, capsys):
    pairs = built(text, tmp_path / "out", show_progress=True)
    found = counts(pairs)
    assert {code: entry.shared for code, entry in found.items()} == {
        "ara_Arab": 0,
        "arb_Arab": 5,
        "ell_Grek": 0,
    }
    assert found["arb_Arab"].kept == 7 and found["arb_Arab"].dropped == {}
    assert texts(pairs, "arb_Arab") == sorted([*OWN["arb_Arab"], *VERSES])
    assert "sentences that an earlier language has too: arb_Arab 5" in capsys.readouterr().err
    assert pairs.report.filters["drop_shared"] is False


def test_they_are_dropped_when_asked_and_come_back(text, tmp_path):
    pairs = built(text, tmp_path / "out", drop_shared=True, validation=0.5)
    found = counts(pairs)["arb_Arab"]
    assert (found.taken, found.kept, found.shared) == (7, 2, 5)
    assert found.dropped == {"in_other_language": 5}
    assert found.train + found.validation == 2 and found.validation == 1
    assert texts(pairs, "arb_Arab") == sorted(OWN["arb_Arab"])
    assert texts(pairs, "ara_Arab") == sorted([*OWN["ara_Arab"], *VERSES])
    # The shards that were romanised serve both ways.
    assert texts(built(text, tmp_path / "out", validation=0.5), "arb_Arab") == sorted(
        [*OWN["arb_Arab"], *VERSES]
    )


def test_neither_shards_nor_the_memory_decide(text, tmp_path, monkeypatch):
    whole = built(text, tmp_path / "a", drop_shared=True).report
    monkeypatch.setattr(across, "_MOST_PLACES", 2)
    parts = built(text, tmp_path / "b", drop_shared=True, shard_rows=2).report
    assert parts.digest == whole.digest
    assert [entry.shared for entry in parts.languages] == [0, 5, 0]
