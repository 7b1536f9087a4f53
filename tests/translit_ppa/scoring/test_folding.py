"""Text is folded before it is romanised for a score, and a record names what that changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from translit_ppa.command_line import run as translit_ppa
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.scoring.score import score

ZAWGYI = "ျမန္မာ နိုင္ငံတြင္ ေနထိုင္ၾကသည္"
BURMESE = "မြန်မာ နိုင်ငံတွင် နေထိုင်ကြသည်"
SHAPED, ARABIC = "ﻣﺮﺣﺒﺎ ﺑﺎﻟﻌﺎﻟﻢ", "مرحبا بالعالم"


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir()
    for code, text in texts.items():
        rows = "".join(f"{i}\t{text} {word}\n" for i, word in enumerate(("one", "two", "three")))
        (folder / f"{code}.tsv").write_text(rows, encoding="utf-8")
    return folder


@pytest.fixture
def group(tmp_path):
    path = tmp_path / "two.tsv"
    path.write_text("code\nmya_Mymr\nara_Arab\ntur_Latn\n", encoding="utf-8")
    return str(path)


def by_cell(scores):
    return {(r.source, r.target): r for r in scores.records}


def test_a_benchmark_in_other_letters_scores_as_in_its_own(tiny_base, tmp_path, group):
    other = write(tmp_path / "a", mya_Mymr=ZAWGYI, ara_Arab=SHAPED, tur_Latn="dünya")
    own = write(tmp_path / "b", mya_Mymr=BURMESE, ara_Arab=ARABIC, tur_Latn="dünya")
    options = {"group": group, "input": "latin", "show_progress": False}
    folded = by_cell(score(str(tiny_base), f"parallel:{other}", **options))
    plain = by_cell(score(str(tiny_base), f"parallel:{own}", **options))
    kept = by_cell(score(str(tiny_base), f"parallel:{other}", fold_forms=False, **options))
    for cell, record in folded.items():
        assert record.cosines == plain[cell].cosines
        assert plain[cell].folded is kept[cell].folded is None
        assert "folded" not in plain[cell].to_dict()
    assert folded["mya_Mymr", "ara_Arab"].folded == "presentation_forms zawgyi"
    assert folded["tur_Latn", "mya_Mymr"].folded == "zawgyi"
    assert folded["ara_Arab", "tur_Latn"].folded == "presentation_forms"
    assert "yes,folded:zawgyi|layer" in folded["tur_Latn", "mya_Mymr"].signature()
    assert kept["tur_Latn", "mya_Mymr"].cosines != folded["tur_Latn", "mya_Mymr"].cosines
    assert kept["tur_Latn", "mya_Mymr"].key() != folded["tur_Latn", "mya_Mymr"].key()


def test_originals_stay_as_they_came(tiny_base, tmp_path, group):
    other = write(tmp_path / "a", mya_Mymr=ZAWGYI, ara_Arab=SHAPED)
    found = [
        by_cell(
            score(
                str(tiny_base),
                f"parallel:{other}",
                group=group,
                fold_forms=fold,
                show_progress=False,
            )
        )
        for fold in (True, False)
    ]
    cell = ("mya_Mymr", "ara_Arab")
    assert found[0][cell].cosines == found[1][cell].cosines and found[0][cell].folded is None


def test_a_run_goes_on_and_the_command_has_the_option(tiny_base, tmp_path, group, capsys):
    other = write(tmp_path / "a", mya_Mymr=ZAWGYI, ara_Arab=ARABIC)
    words = ["--model", str(tiny_base), "--benchmark", f"parallel:{other}", "--group", group]
    words += ["--input", "latin", "--out", str(tmp_path / "out")]
    assert translit_ppa("eval", words) == 0
    (file,) = (tmp_path / "out/records").glob("parallel*.jsonl")
    before = file.read_bytes()
    assert translit_ppa("eval", words) == 0
    assert file.read_bytes() == before and b'"folded":"zawgyi"' in before
    kept = [*words[:-1], str(tmp_path / "kept"), "--keep-forms"]
    assert translit_ppa("eval", kept) == 0
    records = load_records(tmp_path / "kept/records", kind="eval")
    assert {record.folded for record in records} == {None}


def test_words_of_a_task_are_folded_by_their_sentence(tiny_base, tmp_path, group):
    for code, words in (("mya_Mymr", ZAWGYI.split()), ("tur_Latn", ["dünya", "bir", "iki"])):
        (tmp_path / "ner" / code).mkdir(parents=True)
        for split in ("train", "dev", "test"):
            rows = "".join(f"{w}\t{t}\n" for w, t in zip(words, ("B-LOC", "O", "O"), strict=True))
            path = tmp_path / "ner" / code / f"{split}.iob2"
            path.write_text(f"{rows}\n" * 4, encoding="utf-8")
    options = {"group": group, "sources": ["tur_Latn"], "seeds": [1], "epochs": 1}
    options |= {"learning_rate": 1e-3, "show_progress": False}
    found = {}
    for latin in ("original", "latin"):
        scores = score(str(tiny_base), f"ner:{tmp_path / 'ner'}", input=latin, **options)
        found[latin] = {r.target: r for r in scores.records}
    assert found["latin"]["mya_Mymr"].folded == "zawgyi"
    assert found["latin"]["tur_Latn"].folded is None
    assert found["original"]["mya_Mymr"].folded is None
