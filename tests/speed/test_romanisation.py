"""The benchmarks of the romaniser: identity record, rows, bounded memory."""

from __future__ import annotations

import functools
import itertools
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "speed").is_dir():
    pytest.skip("the benchmarks are not part of the wheel", allow_module_level=True)
sys.path.insert(0, str(ROOT))

from speed.report import load_identity, render_identity  # noqa: E402
from speed.romanisation import identity as romanisation_identity  # noqa: E402
from speed.romanisation import romaniser as romanisation  # noqa: E402
from speed.romanisation.text import (  # noqa: E402
    distinct_lines,
    language_codes,
    random_strings,
    scripts,
    text_files,
)
from translit_ppa.hub_cards.records.files import RecordError  # noqa: E402

loaded_once = functools.cache(romanisation_identity.uroman.Uroman)


@pytest.fixture(autouse=True)
def one_package(monkeypatch):
    """Loads the package once for all tests: it takes seconds."""
    monkeypatch.setattr(romanisation_identity.uroman, "Uroman", loaded_once)


def test_identity_record(tmp_path, capsys):
    (tmp_path / "tha_Thai.tsv").write_text("1\tก่อนเที่ยง\n2\tต้อง\n1\tก่อนเที่ยง\n", encoding="utf-8")
    (tmp_path / "readme.txt").write_text("no language\n", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "tha_Thai.conllu").write_text("# text = ต้อง\n1\tต้อง\n", encoding="utf-8")
    ((code, files),) = text_files(tmp_path).items()
    assert (code, len(distinct_lines(files))) == ("tha_Thai", 2)
    out = tmp_path / "record.json"
    words = ["--text", str(tmp_path), "--random", "20", "--scripts", "Thai", "Greek"]
    assert romanisation_identity.main([*words, "--out", str(out)]) == 0
    record = json.loads(out.read_text(encoding="utf-8"))
    assert (record["strings"], record["different"]) == (2 + 2 + 20 + 20, 0)
    assert record["settings"]["folders"] == [tmp_path.name]
    assert "random Greek: 20 strings, 0 differ" in capsys.readouterr().out


def test_a_file_that_is_no_text_is_named(tmp_path, capsys):
    (tmp_path / "tha_Thai.txt").write_bytes(b"\xff\xfe\x00")
    words = ["--text", str(tmp_path), "--scripts", "--out", str(tmp_path / "record.json")]
    assert romanisation_identity.main(words) == 2
    assert "tha_Thai.txt cannot be read" in capsys.readouterr().err
    (tmp_path / "tha_Thai.txt").rename(tmp_path / "tha_Thai.txt.gz")
    assert romanisation_identity.main(words) == 2
    assert "Not a gzipped file" in capsys.readouterr().err


def test_a_difference_is_found(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(romanisation_identity.Comparison, "ours", lambda self, text, lang: "x")
    words = ["--random", "5", "--scripts", "Thai", "--out", str(tmp_path / "record.json")]
    assert romanisation_identity.main(words) == 1
    assert "Thai: 5 strings, 5 differ" in capsys.readouterr().out


class Stub(romanisation_identity.Comparison):
    """A package with several answers, and ours."""

    def __init__(self, answers, ours):
        self.answers, self.answer = itertools.cycle(answers), ours

    def package(self, text, lang):
        return next(self.answers)

    def ours(self, text, lang):
        return self.answer


def test_ours_must_be_one_of_the_answers_of_an_unstable_package():
    unstable = {"strings": 1, "package_unstable": 1, "package_fails": 0, "different": []}
    assert Stub("ab", "b").check(["x"], [None]) == unstable
    different = [["x", "tha", "a", "c"]]
    assert Stub("ab", "c").check(["x"], ["tha"]) == {**unstable, "different": different}
    stable = {**unstable, "package_unstable": 0, "different": different}
    assert Stub("a", "c").check(["x"], ["tha"]) == stable


def test_an_answer_where_the_package_fails_is_counted_apart():
    fails = {"strings": 1, "package_unstable": 0, "package_fails": 1, "different": []}
    assert Stub(["raises AttributeError"], "c").check(["x"], [None]) == fails
    both = Stub(["raises AttributeError"], "raises AttributeError").check(["x"], [None])
    assert both == {**fails, "package_fails": 0}


PACKAGE = romanisation_identity.Comparison.package


def counting(monkeypatch, stop_at=None):
    """Counts what the package is asked; interrupts the call that is asked once too often."""
    asked = []

    def package(self, text, lang):
        asked.append(text)
        if len(asked) == stop_at:
            raise KeyboardInterrupt
        return PACKAGE(self, text, lang)

    monkeypatch.setattr(romanisation_identity.Comparison, "package", package)
    return asked


def test_an_interrupted_comparison_goes_on(tmp_path, monkeypatch, capsys):
    out, aside = tmp_path / "record.json", tmp_path / "record.json.part"
    words = ["--random", "20", "--scripts", "Georgian", "Greek", "--out", str(out)]
    counting(monkeypatch, stop_at=30)
    with pytest.raises(KeyboardInterrupt):
        romanisation_identity.main(words)
    assert aside.is_file() and not out.exists()
    counting(monkeypatch, stop_at=1)
    with pytest.raises(KeyboardInterrupt):
        romanisation_identity.main([*words, "--seed", "1"])
    assert "compared anew" in capsys.readouterr().out
    asked = counting(monkeypatch)
    assert romanisation_identity.main(words) == 0
    assert len(asked) == 20
    assert f"parts done already: 1 ({aside})" in capsys.readouterr().out
    assert not aside.exists()
    resumed = json.loads(out.read_text(encoding="utf-8"))
    assert romanisation_identity.main(words) == 0
    whole = json.loads(out.read_text(encoding="utf-8"))
    assert resumed["parts"] == whole["parts"] and resumed["strings"] == 40


def test_text_and_random_strings_may_be_two_calls(tmp_path):
    (tmp_path / "ell_Grek.txt").write_text("Αθήνα\nμπα\n", encoding="utf-8")
    folder = tmp_path / "identity"
    text = ["--text", str(tmp_path), "--scripts", "--out", str(folder / "text.json")]
    assert romanisation_identity.main(text) == 0
    draws = ["--random", "5", "--scripts", "Greek", "Thai", "--out", str(folder / "random.json")]
    assert romanisation_identity.main(draws) == 0
    page = render_identity(load_identity(folder))
    assert "| text, with code | 1 languages, 2 each | 2 | 0 | 0 |" in page
    assert "| text, without code | 1 languages, 2 each | 2 | 0 | 0 |" in page
    assert "| random | 2 scripts, 5 each | 10 | 0 |" in page
    assert "uroman 1." in page and f"; text: {tmp_path.name}" in page and "Python 3." in page


def test_the_page_is_made_of_the_committed_records():
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert render_identity(load_identity(ROOT / "docs" / "identity")) in page
    assert render_identity([]).startswith("Not run yet")


def test_a_foreign_record_is_refused(tmp_path):
    (tmp_path / "speed.json").write_text('{"kind": "speed"}', encoding="utf-8")
    with pytest.raises(RecordError, match=r"speed\.json is no record of romanisation identity"):
        load_identity(tmp_path)


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("absent", "absent is no folder; give one with .txt"),
        ("", "no file names a language; rename them"),
    ],
)
def test_text_without_a_language_is_a_clear_line(tmp_path, capsys, folder, message):
    (tmp_path / "readme.txt").write_text("no language\n", encoding="utf-8")
    words = ["--text", str(tmp_path / folder), "--out", str(tmp_path / "record.json")]
    assert romanisation_identity.main(words) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_nothing_to_compare_is_a_clear_line(tmp_path, capsys):
    assert romanisation_identity.main(["--scripts", "--out", str(tmp_path / "record.json")]) == 2
    assert "nothing to compare" in capsys.readouterr().err


def test_random_strings_take_every_code_with_rules():
    assert {None, "ell", "fas", "tur", "srp", "san", "asm", "ben", "guj", "kas", "pan"} <= set(
        language_codes()
    )
    assert set(romanisation_identity.SCRIPTS) <= set(scripts())


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


def test_a_rival_is_measured_with_its_share_of_equal_strings(tmp_path, monkeypatch):
    from speed.romanisation import rival
    from speed.settings import NotMeasured, Settings

    monkeypatch.setattr(rival.uroman, "Uroman", loaded_once)
    settings = Settings(folder=tmp_path, rounds=1, quick=True)
    monkeypatch.setitem(sys.modules, "uroman_fast", None)
    with pytest.raises(NotMeasured, match="pip install --pre uroman-fast"):
        rival.measure_rival(settings)
    package = loaded_once()
    given = iter(["wrong", *[None] * 10_000])

    def romanize(text, lang):
        return next(given) or package.romanize_string(text, lcode=lang)

    monkeypatch.setitem(sys.modules, "uroman_fast", SimpleNamespace(romanize=romanize))
    monkeypatch.setattr(rival, "version", lambda name: "0.1.0b0")
    rows = rival.measure_rival(settings)
    first = rows[0]["what"].removeprefix("uroman-fast, ")
    assert [row["what"] for row in rows[:2]] == [
        f"uroman-fast, {first}",
        f"uroman-fast, no memo, {first}",
    ]
    assert "are the package's in 7 of 8 sentences" in rows[0]["note"]
    assert "are the package's in 8 of 8 sentences" in rows[2]["note"]
    assert all(row["authors"] > 0 and row["ours"] > 0 for row in rows)


def test_documents_to_parquet_tell_rows_and_bytes_a_second(tmp_path):
    """Each language's documents lie in eight files; the note counts what the builds wrote."""
    from speed.romanisation.documents import measure_documents, write_documents
    from speed.settings import Settings
    from speed.text import TextOptions

    text = tmp_path / "text"
    text.mkdir()
    for code, word in (("ell_Grek", "λέξη"), ("amh_Ethi", "ቃል")):
        lines = "".join(f"{word} {number}\n" for number in range(70))
        (text / f"{code}.txt").write_text(lines, "utf-8")
    settings = Settings(quick=True, rounds=1, folder=tmp_path / "work", text=TextOptions(str(text)))
    corpus, size = write_documents(settings)
    assert sorted(path.name for path in corpus.iterdir() if path.is_dir()) == [
        "amh_Ethi",
        "ell_Grek",
    ]
    assert len(list((corpus / "ell_Grek").iterdir())) == 8
    (row,) = measure_documents(settings)
    assert row["what"] == "documents to Parquet, engine local, in 1 process and in 2"
    told = row["note"]
    assert told.startswith(f"both ours; 120 pairs of {size / 1e6:.1f} MB of text")
    assert f"in 1: {120 / row['authors']:,.0f} pairs/s" in told and "MB/s" in told
