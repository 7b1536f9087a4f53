"""What is seen of files before they are used, and what is said about a folder."""

from __future__ import annotations

import pytest

from translit_ppa.data_builders.build.door.check import check
from translit_ppa.data_builders.build.door.look import look, look_at_source, tagged_seen
from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.reading.rows import Columns
from translit_ppa.data_builders.sources.registry import parse_source

GREEK = "Η Αθήνα είναι μεγάλη.\nΚαλημέρα σας.\n\nΠού είναι ο σταθμός;\nΝαι.\nonly Latin\n"


def test_what_is_seen_of_a_file(tmp_path):
    path = tmp_path / "ell_Grek.txt"
    path.write_text("\ufeff" + GREEK, encoding="utf-8")
    seen = look(path, Columns(), "ell_Grek")
    assert seen.shown == ["Η Αθήνα είναι μεγάλη.", "Καλημέρα σας.", "Πού είναι ο σταθμός;"]
    assert dict(seen.scripts) == {"Grek": 4, "Latn": 1}
    assert dict(seen.left_out) == {"empty": 1, "wrong_script": 1}
    assert str(seen).splitlines()[0] == (
        "ell_Grek.txt: ell_Grek (Grek 80 %, Latn 20 %); one sentence a line; UTF-8; a byte order "
        "mark, left out; one column, the text"
    )
    assert "  left out of the first 6 rows: empty 1, wrong_script 1" in str(seen).splitlines()
    assert not any("is ell_Grek right?" in note for note in seen.notes)


def test_a_wrong_language_in_the_name_shows_in_the_script(tmp_path):
    path = tmp_path / "heb_Hebr.txt"
    path.write_text(GREEK, encoding="utf-8")
    (note,) = look(path, Columns(), "heb_Hebr").notes
    assert note.startswith("is heb_Hebr right? 100 % of its rows are in another script, most of")
    assert "in Grek" in note


def test_rows_are_shown_as_they_will_be_used(tmp_path):
    path = tmp_path / "ara_Arab.txt"
    path.write_text("ﻣﺮﺣﺒﺎ\n", encoding="utf-8")
    assert look(path, Columns(), "ara_Arab").shown == ["ﻣﺮﺣﺒﺎ"]
    assert look(path, Columns(), "ara_Arab", fold=True).shown == ["مرحبا"]
    for fold, text in ((True, "مرحبا"), (False, "ﻣﺮﺣﺒﺎ")):
        (report,) = check(path, transliterator="identity", fold_forms=fold)
        assert report.seen.shown == [text] == [row for row, _ in report.examples]
        assert report.folded.total() == fold


def test_columns_and_ids_are_shown(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id;text;transliteration\n7;ένα;ena\n", encoding="utf-8")
    seen = look(path, Columns(with_id=True), "ell_Grek")
    assert seen.shown == ["[7] ένα -> ena"]
    assert "3 columns (id, text, transliteration), read: text, transliteration, id" in seen.form
    assert seen.notes == ["left out: the first row, which names the columns"]


def test_what_is_said_of_a_folder(tmp_path, capsys):
    (tmp_path / "ell_Grek.txt").write_text("ένα\n", encoding="utf-8")
    (tmp_path / "ell_Grek.csv").write_text("text\nδύο\n", encoding="utf-8")
    (tmp_path / "notes.md").write_text("x", encoding="utf-8")
    (tmp_path / "old.txt.lz4").write_bytes(b"x")
    (tmp_path / "nosuch.txt").write_text("x", encoding="utf-8")
    (tmp_path / "tur_Latn.txt").write_text("bir\n", encoding="utf-8")
    told = look_at_source(parse_source(f"files:{tmp_path}"), ["ell_Grek"])
    assert (
        "ell_Grek has 2 files, which are read one after another: ell_Grek.csv, ell_Grek.txt" in told
    )
    assert any(line.startswith("the files are of 2 formats: CSV") for line in told)
    over = {line.split(": ")[1]: line.split(": ", 2)[2] for line in told if "passed over" in line}
    assert over["tur_Latn.txt"] == "tur_Latn is none of these languages"
    assert "is no language code" in over["nosuch.txt"]
    assert over["notes.md"] == over["old.txt.lz4"]
    assert over["notes.md"].startswith("no format that is read by this name; legal are .txt, ")
    build_pairs("mediterranean", f"files:{tmp_path}", tmp_path / "out", transliterator="identity")
    err = capsys.readouterr().err
    assert all(line in err for line in told if "tur_Latn" not in line)


def test_check_shows_it_first_and_refuses_what_is_no_format(tmp_path):
    (tmp_path / "ell_Grek.txt").write_text(GREEK, encoding="utf-8")
    (tmp_path / "notes.md").write_text("x", encoding="utf-8")
    (report,) = check(tmp_path, transliterator="identity")
    assert str(report).startswith("ell_Grek.txt: ell_Grek (Grek 80 %")
    note, decided = report.seen.notes
    assert decided.startswith("rows are sentences (0 of the first ")
    assert note.startswith("passed over: notes.md: no format that is read by this name; legal are")
    (tmp_path / "ell_Grek.txt").write_text("α\tβ\nγ\tδ\n", encoding="utf-8")
    with pytest.raises(DataError, match="should hold one sentence a line, and all its lines have"):
        list(check(tmp_path))
    (tmp_path / "ell_Grek.txt").unlink()
    rows = "1\tell\tένα\n2\teng\tone\n"
    (tmp_path / "sentences.csv").write_text(rows, encoding="utf-8")
    found = list(check(tmp_path, transliterator="identity"))
    assert [(report.language, report.examples) for report in found] == [
        ("ell_Grek", [("ένα", "ένα")]),
        ("eng_Latn", [("one", "one")]),
    ]


def test_what_is_seen_of_a_tagged_file(tmp_path):
    path = tmp_path / "ell_Grek" / "test.conll"
    path.parent.mkdir()
    text = "-DOCSTART- -X- O O\n\nΗ DT B-NP O\nΑθήνα NN I-NP B-LOC\n"
    path.write_text(text, encoding="utf-8")
    seen = tagged_seen(path, "ell_Grek", "ner")
    assert seen.shown == ["Η Αθήνα/B-LOC"]
    assert str(seen).startswith("ell_Grek/test.conll: ell_Grek (Grek 100 %); token, part of speech")
    assert seen.notes == ["left out: -DOCSTART-, 1"]
