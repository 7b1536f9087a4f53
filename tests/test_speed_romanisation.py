"""The benchmarks of the romaniser: identity record, rows, bounded memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
if not (ROOT / "speed").is_dir():
    pytest.skip("the benchmarks are not part of the wheel", allow_module_level=True)
sys.path.insert(0, str(ROOT))

from speed import romanisation, romanisation_identity  # noqa: E402
from speed.romanisation_text import lines_by_language, random_strings  # noqa: E402


def test_identity_record(tmp_path, capsys):
    (tmp_path / "tha_Thai.tsv").write_text("1\tก่อนเที่ยง\n2\tต้อง\n1\tก่อนเที่ยง\n", encoding="utf-8")
    (tmp_path / "readme.txt").write_text("no language\n", encoding="utf-8")
    assert {code: len(lines) for code, lines in lines_by_language(tmp_path).items()} == {
        "tha_Thai": 2
    }
    out = tmp_path / "record.json"
    words = ["--text", str(tmp_path), "--random", "20", "--scripts", "Thai", "Greek"]
    assert romanisation_identity.main([*words, "--out", str(out)]) == 0
    record = json.loads(out.read_text(encoding="utf-8"))
    assert (record["strings"], record["different"]) == (2 + 2 + 20 + 20, 0)
    assert record["settings"]["folders"] == [tmp_path.name]
    assert "random Greek: 20 strings, 0 differ" in capsys.readouterr().out


def test_a_difference_is_found(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(romanisation_identity.Comparison, "ours", lambda self, text, lang: "x")
    words = ["--random", "5", "--scripts", "Thai", "--out", str(tmp_path / "record.json")]
    assert romanisation_identity.main(words) == 1
    assert "Thai: 5 strings, 5 differ" in capsys.readouterr().out


def test_an_unknown_script_is_a_clear_line(tmp_path, capsys):
    words = ["--scripts", "Klingonese", "--out", str(tmp_path / "record.json")]
    assert romanisation_identity.main(words) == 2
    assert "unknown script Klingonese; legal are Adlam" in capsys.readouterr().err
    assert not (tmp_path / "record.json").exists()


def test_random_strings_are_the_same_every_time():
    first, second = random_strings("Lao"), random_strings("Lao")
    assert [next(first) for _ in range(30)] == [next(second) for _ in range(30)]


def test_endless_lines_repeat_and_then_do_not():
    lines = list(romanisation.endless_lines(distinct=10, drawn=200, fresh=50))
    assert len(set(lines[:200])) == 10
    assert len(set(lines)) == 60
