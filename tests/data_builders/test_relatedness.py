"""Text of many languages, lexical overlap by hand, and typology."""

from __future__ import annotations

import logging

import pytest

from translit_ppa.data_builders import DataError, get_transliterator
from translit_ppa.data_builders.closeness import typology
from translit_ppa.data_builders.closeness.language_samples import (
    CldrReader,
    FolderReader,
    LanguageSamples,
    PairsReader,
)
from translit_ppa.data_builders.closeness.lexical_overlap import (
    lexical_profile,
    trigram_similarity,
    word_overlap,
)
from translit_ppa.data_builders.errors import UnromanisableError


def test_word_overlap_by_hand():
    a = lexical_profile(["Athena ke Roma", "ke 12 Roma!"])
    b = lexical_profile(["roma e Athena"])
    assert a.words == {"athena", "ke", "roma"}
    # Two words in common, three and three in all.
    assert word_overlap(a, b) == word_overlap(b, a) == 2 * 2 / 6
    assert word_overlap(a, a) == 1.0


def test_trigrams_by_hand():
    a = lexical_profile(["ab ab"])
    assert a.trigrams == {" ab": 2, "ab ": 2}
    b = lexical_profile(["ab", "abc"])
    assert b.trigrams == {" ab": 2, "ab ": 1, "abc": 1, "bc ": 1}
    # (2 * 2 + 2 * 1) / (sqrt(8) * sqrt(7))
    assert trigram_similarity(a, b) == pytest.approx(6 / 56**0.5)
    assert trigram_similarity(a, a) == pytest.approx(1.0)


def test_nothing_is_like_nothing():
    empty = lexical_profile(["1 2 3 ."])
    assert word_overlap(empty, empty) == trigram_similarity(empty, empty) == 0.0


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "arb_Arab.tsv").write_text("a1\tenglizi\na2\tbayt\n", encoding="utf-8")
    lines = "".join(f"line {i}\n" for i in range(10))
    (tmp_path / "mlt_Latn.txt").write_text(lines, encoding="utf-8")
    return tmp_path


def samples(*readers, sentences=4) -> LanguageSamples:
    return LanguageSamples(readers, get_transliterator("identity"), sentences)


def test_the_first_reader_that_has_a_language_gives_it(folder):
    pairs = PairsReader("pairs@1", {"mlt_Latn": (["ġ"], ["g"])})
    text = samples(pairs, FolderReader(folder))
    assert (text["mlt_Latn"].texts, text["mlt_Latn"].latin) == (("ġ",), ("g",))
    assert text["ara_Arab"].texts == text["arb_Arab"].texts == ("englizi", "bayt")
    assert text["lhu_Latn"] is None
    name = FolderReader(folder).signature()
    assert name.startswith(f"{folder.name}@sha256:")
    assert text.why_missing("lhu_Latn") == (
        f"no text in pairs@1, {name}; give what has it: --pairs DIR or --text DIR"
    )


def test_rows_are_spread_over_the_text(folder):
    text = samples(FolderReader(folder))
    assert text["mlt_Latn"].texts == ("line 0", "line 2", "line 5", "line 7")


def test_sentences_that_cannot_be_romanised_are_left_out_and_counted(folder):
    class Fails:
        def __init__(self, on):
            self.on = on

        def __call__(self, sentences, lang=None):
            if any(self.on in sentence for sentence in sentences):
                raise UnromanisableError(f"failed on {self.on}")
            return [sentence.upper() for sentence in sentences]

        def signature(self):
            return "fails"

    sample = LanguageSamples([FolderReader(folder)], Fails("5"), 10)["mlt_Latn"]
    assert (len(sample.texts), len(sample.latin), sample.failed) == (9, 9, 1)
    assert (sample.texts[5], sample.latin[5]) == ("line 6", "LINE 6")
    with pytest.raises(DataError, match="fails can do no sentence of mlt_Latn"):
        LanguageSamples([FolderReader(folder)], Fails("line"), 10)["mlt_Latn"]


def test_the_cldr_is_romanised():
    text = LanguageSamples([CldrReader(3)], get_transliterator("uroman"), 3)
    greek = text["ell_Grek"]
    assert len(greek.texts) == len(greek.latin) == 3
    assert not any("α" <= char <= "ω" for line in greek.latin for char in line)
    assert any("α" <= char <= "ω" for line in greek.texts for char in line.lower())


def test_user_errors(folder, tmp_path):
    with pytest.raises(DataError, match="is no folder"):
        FolderReader(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no file named by a language"):
        FolderReader(tmp_path / "empty")
    with pytest.raises(DataError, match="legal is 1 or more"):
        samples(sentences=0)


def test_typology_of_the_package():
    """One test opens the database: at its first use it copies files inside its own package."""
    pytest.importorskip("urielplus", reason="the extra `typology` is not installed")
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    assert typology.signature().startswith("urielplus-")
    values = {
        (b, kind): typology.closeness("arz_Arab", b, kind)
        for b in ("mlt_Latn", "eng_Latn", "zho_Hani")
        for kind in typology.KINDS
    }
    assert all(0 <= value <= 1 for value in values.values())
    # Maltese is Semitic as Arabic is, English is not; China is farther away than England.
    assert values["mlt_Latn", "genetic"] > values["eng_Latn", "genetic"]
    assert values["eng_Latn", "geographic"] > values["zho_Hani", "geographic"]
    assert typology.closeness("mlt_Latn", "arz_Arab", "genetic") == values["mlt_Latn", "genetic"]
    assert typology.closeness("arz_Arab", "arz_Arab", "featural") == 1.0
    assert typology.closeness("lzh_Hani", "eng_Latn", "featural") is None
    assert (list(root.handlers), root.level) == before


def test_typology_without_the_package(monkeypatch):
    monkeypatch.setattr(typology, "PACKAGE", "no-such-distribution")
    with pytest.raises(DataError, match=r"pip install 'translit-ppa\[typology\]'"):
        typology.signature()
