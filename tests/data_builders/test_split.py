"""Documents into sentences: nothing lost, nothing doubled, and where each piece stands."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translit_ppa.data_builders.sentences.split.marks import LEAST
from translit_ppa.data_builders.sentences.split.splitter import Splitter

DOCUMENTS = {
    "ell": ["Πού είναι; ", "Εδώ. ", "Ο κ. Νίκος ήρθε!"],
    "grc": ["τίς εἶ; ", "ἐγώ."],
    "amh": ["ሰላም ነው። ", "እንዴት ነህ፡፡ ", "ደህና ነኝ:: ", "እሺ።"],
    "arb": ["مرحبا. ", "كيف حالك؟ ", "جيد"],
    "mya": ["ဂရိ။ ", "မြန်မာ။"],
    "zho": ["你好。", "2019年很好！", "谢谢"],
    "yue": ["你好。", "多謝！"],
    "lao": ["ສະບາຍດີ. ", "ດີ"],
    "bod": ["བཀྲ་ཤིས། །", " བདེ་ལེགས།། ", "ང་འགྲོ།"],
    "khm": ["ខ្មែរ។ ", "ភាសា។ល។ ", "ល្អ ៕ ", "ល្អ"],
    "tha": ["ก" * 50 + " ", "ข" * 25 + " ราคา 30 บาท " + "ค" * 20 + " ", "ง" * 60],
}


def pieces(text, language=None, longest=2000):
    return list(Splitter(longest).split(text, language))


def texts(text, language=None, longest=2000):
    return [text[piece.start : piece.end] for piece in pieces(text, language, longest)]


@pytest.mark.parametrize("language", DOCUMENTS)
def test_sentences_of_every_script(language):
    sentences = DOCUMENTS[language]
    assert texts("".join(sentences), language) == [sentence.strip() for sentence in sentences]


def test_lines_and_paragraphs_are_boundaries():
    assert texts("Ένα\nδύο\r\n\r\n τρία.\u2028τέσσερα\u2029\x85 πέντε", "ell") == [
        *("Ένα", "δύο", "τρία.", "τέσσερα", "πέντε")
    ]
    assert texts(" \n\t\u3000\n", "ell") == texts("", "ell") == []


def test_spaces_end_no_short_phrase():
    short = "ไป " * 12
    assert texts(short, "tha") == [short.strip()]
    long = ("ไป" * 10 + " ") * 40
    found = texts(long, "tha")
    assert len(found) > 10 and min(map(len, found)) >= LEAST


def test_a_sentence_that_is_too_long_is_cut_at_the_next_best_mark():
    text = "α" * 30 + "; " + "β" * 30 + ", " + "γ" * 30 + " " + "δ" * 100
    found = pieces(text, "tur", longest=50)
    assert [text[piece.start : piece.end] for piece in found] == [
        *("α" * 30 + ";", "β" * 30 + ",", "γ" * 30, "δ" * 50, "δ" * 50)
    ]
    assert [piece.cut for piece in found] == [True] * 4 + [False]
    # No letter is parted from its marks, no number from its decimals.
    assert texts("e\u0301" * 40, "fra", longest=11) == ["e\u0301" * 5] * 8
    assert texts("wort 3,5 wort", "deu", longest=7) == ["wort", "3,5", "wort"]


def test_length_counts_after_normalisation():
    """U+0958 is two characters in NFC: a piece of 20 of them would be dropped as too long."""
    found = texts("\u0958" * 50, "hin", longest=20)
    assert "".join(found) == "\u0958" * 50
    assert max(len(unicodedata.normalize("NFC", piece)) for piece in found) <= 20


def test_a_line_without_a_mark_and_of_any_length():
    started = time.perf_counter()
    for text in ("ก" * 3_000_000, "Ναι. " * 600_000):
        found = pieces(text, "tha")
        assert "".join(text[a:b] for a, b, _ in found) == text.replace(" ", "")
    assert time.perf_counter() - started < 60
    # A window of sentencex ends in no sentence that goes on behind it.
    assert {text[a:b] for a, b, _ in found} == {"Ναι."}


ALPHABET = "aΑβ. !?;,\t\n\r\u2028。ไก ก།༔ །ខ។៕ល፡፡ሰ:\"'(«»“”"
ALPHABET += "…\u00a0\u3000\u200b\u200d\u0301\u0958😀12\ud800"
TEXTS = st.one_of(st.text(ALPHABET, max_size=300), st.text(max_size=80))


@settings(max_examples=400, deadline=None)
@given(
    text=TEXTS,
    language=st.sampled_from(["ell", "zho", "bod", "tha", "khm", "amh", "hye", "qaa", None]),
    longest=st.integers(1, 60),
)
def test_pieces_join_to_the_document_but_for_white_space(text, language, longest):
    found = pieces(text, language, longest)
    end = 0
    for piece in found:
        assert piece.start >= end and piece.start < piece.end
        assert not text[end : piece.start].strip()
        whole = text[piece.start : piece.end]
        assert whole == whole.strip() and len(whole.splitlines()) == 1
        assert len(whole) <= longest
        end = piece.end
    assert not text[end:].strip()
