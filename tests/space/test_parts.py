"""The parts of the retrieval demo that need no Gradio: corpus, embeddings, search, HTML, map."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from translit_ppa import hub_cards


@pytest.fixture(autouse=True)
def space(monkeypatch):
    """The app's files import one another by name, as they do on the Hub."""
    folder = Path(hub_cards.__file__).parent / "space"
    monkeypatch.syspath_prepend(str(folder))
    return folder


def read(tmp_path, text, name="mine"):
    from corpus import read_tsv

    file = tmp_path / f"{name}.tsv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_tsv(file, name)


def test_a_corpus_keeps_rows_and_scripts(tmp_path):
    text = "\ufeffid\tell_Grek\tara_Arab\tel\r\nk1\tΕλλάδα\t اليونان \t\r\n\r\nk2\tCD\t\t123\r\n"
    corpus = read(tmp_path, text)
    assert corpus.languages == ("ell_Grek", "ara_Arab", "el")
    assert [tuple(sentence) for sentence in corpus.sentences] == [
        (0, "ell_Grek", "Ελλάδα", "Greek"),
        (0, "ara_Arab", "اليونان", "Arabic"),
        (1, "ell_Grek", "CD", "Latin"),
        (1, "el", "123", "Other"),
    ]
    assert corpus.rows_with("  ΕΛΛΆΔΑ ") == {0} and corpus.rows_with("nothing") == set()


ZAWGYI, BURMESE = "ျမန္မာ နိုင္ငံ", "မြန်မာ နိုင်ငံ"


def test_a_corpus_is_read_in_the_letters_of_its_languages(tmp_path):
    text = f"my\tth\tfas_Arab\n{ZAWGYI}\tนํ้า\tكتابي\n{BURMESE}\tน้ำ\tکتابی\n"
    corpus = read(tmp_path, text)
    assert [s.text for s in corpus.sentences] == [BURMESE, "น้ำ", "کتابی"] * 2
    assert dict(corpus.folded) == {"zawgyi": 1, "thai_sara_am": 1, "arabic_keyboard": 1}


def test_a_query_is_read_in_the_letters_of_the_one_language_of_its_script(tmp_path):
    corpus = read(tmp_path, f"mya_Mymr\tfas_Arab\tth\n{BURMESE}\tکتابی\tน้ำ\n")
    assert corpus.in_letters(ZAWGYI) == (BURMESE, ("zawgyi",))
    assert corpus.in_letters("كتابي") == ("کتابی", ("arabic_keyboard",))
    assert corpus.in_letters("นํ้า") == ("น้ำ", ("thai_sara_am",))
    two = read(tmp_path, "ara_Arab\tfas_Arab\tshn_Mymr\nكتاب\tکتاب\tၵ\n")
    # Of two languages nobody knows which one it is; Shan has no Zawgyi.
    assert two.in_letters("كتابي") == ("كتابي", ())
    assert two.in_letters(ZAWGYI) == (ZAWGYI, ())
    assert two.in_letters("ﻧﻌﻢ") == ("نعم", ("presentation_forms",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the file is empty"),
        (b"el\ten\n\xff\xfe\n", "not UTF-8"),
        ("el\ten\nένα\n", "line 2 has 1 cells, the header has 2"),
        ("el\ten\n\n\nένα\tone\ttwo\n", "line 4 has 3 cells"),
        ("Good morning\tΚαλημέρα\n", "'Good morning' is no language code"),
        ("id\nk1\n", "no language"),
        ("el\tel\na\tb\n", "two columns are called el"),
        ("el\t\na\tb\n", "'' is no language code"),
        ("el\ten\n", "no sentences below"),
        ("el\n" + "α\n" * 5001, "5,001 sentences; at most 5,000"),
        (b"el\n" + b"a" * 4_000_000, "at most 4,000,000 are read"),
    ],
)
def test_a_malformed_tsv_says_what_is_wrong(tmp_path, text, message):
    from corpus import CorpusError

    with pytest.raises(CorpusError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("ግሪክ", "Ethiopic"), ("ギリシャ語", "Katakana"), ("希腊", "Han"), ("그리스", "Hangul"),
        ("ประเทศ", "Thai"), ("မြန်မာ", "Myanmar"), ("བོད་", "Tibetan"), ("ລາວ", "Lao"),
        ("Ｆｕｌｌ", "Latin"), ("हिन्दी", "Devanagari"), ("", "Other"), ("𐌰𐌱", "Gothic"),
    ],
)  # fmt: skip
def test_scripts_are_read_from_the_letters(text, script):
    from corpus import script_of

    assert script_of(text) == script


def corpus_of(*cells):
    from corpus import Corpus, Sentence

    sentences = tuple(Sentence(row, code, text, "Latin") for row, code, text in cells)
    return Corpus("c", tuple(dict.fromkeys(code for _, code, _ in cells)), sentences)


def test_search_leaves_out_what_reads_the_same():
    from nearest import Index

    corpus = corpus_of(
        (0, "en", "Same"), (0, "de", "near"), (1, "de", "near"), (1, "en", "half"), (2, "de", "far")
    )
    vectors = np.array([[1, 0], [0.8, 0.6], [0.8, 0.6], [0.6, 0.8], [0, 1]], dtype=np.float32)
    index = Index.of(corpus, vectors)
    query = np.array([1, 0], dtype=np.float32)
    hits = index.search(query, " SAME ", 10, per_language=False)
    assert [(hit.sentence.text, round(hit.cosine, 3)) for hit in hits] == [
        ("near", 0.8), ("half", 0.6), ("far", 0.0)
    ]  # fmt: skip
    hits = index.search(query, "same", 10, per_language=True)
    assert [(hit.sentence.language, hit.index) for hit in hits] == [("de", 1), ("en", 3)]
    assert len(index.search(query, "", 2, per_language=False)) == 2


def test_the_map_is_a_principal_component_analysis():
    from nearest import Index

    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, 6)) * np.array([1, 2, 7, 1, 5, 1])
    corpus = corpus_of(*[(row, "en", f"t{row}") for row in range(200)])
    index = Index.of(corpus, vectors)
    singular = np.linalg.svd(vectors - vectors.mean(0), compute_uv=False) ** 2
    assert index.share == pytest.approx(singular[:2].sum() / singular.sum())
    assert index.place(vectors).var(axis=0) == pytest.approx(singular[:2] / 200)
    same = Index.of(corpus, np.ones((200, 6)))
    assert same.share == 1.0 and np.abs(same.place(np.ones((3, 6)))).max() < 1e-9


@pytest.mark.parametrize(("pooling", "layer"), [("attended", None), ("content", 1)])
def test_the_app_embeds_as_the_toolkit_does(tiny_base, pooling, layer):
    from encoder import Embedding, Encoder
    from translit_ppa.modeling import encode

    config = json.loads((tiny_base / "config.json").read_text("utf-8"))
    config["alignment"] = {"pooling": pooling, "layer": layer}
    (tiny_base / "config.json").write_text(json.dumps(config), "utf-8")
    embedding = Embedding.of(str(tiny_base))
    assert embedding == (layer or 2, pooling)
    model = Encoder(str(tiny_base), embedding)
    texts = ["Ελλάδα και Τουρκία", "a", "", "one two three four five", "word " * 700]
    expected = encode(texts, str(tiny_base))
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    expected = expected / np.where(lengths > 0, lengths, 1)
    assert np.abs(model.encode(texts) - expected).max() < 1e-5
    count, unknown, limit = model.tokens("one ⵣ" + " word" * 700)
    assert count > limit == 510 and unknown == 1


def test_a_base_that_is_too_shallow_is_named(tiny_base):
    from encoder import Embedding, Encoder

    with pytest.raises(ValueError, match="has 3 layers, the aligned model embeds at layer 8"):
        Encoder(str(tiny_base), Embedding(8, "attended"))


def test_latin_letters_stand_for_the_rows_that_they_spell(tiny_base, tmp_path, monkeypatch):
    import comparison
    from corpus import MAX_SENTENCES
    from translit_ppa.hub_cards.cards.space_stage import MOST_SENTENCES
    from translit_ppa.publish.space_corpus import EXAMPLES

    assert (MAX_SENTENCES, comparison.EXAMPLES) == (MOST_SENTENCES, EXAMPLES)
    (tmp_path / "corpora").mkdir()
    table = "ell_Grek\ten\nΕλλάδα\tGreece\nΤουρκία\tTurkey\n"
    (tmp_path / "corpora" / "some_names.tsv").write_text(table, "utf-8")
    monkeypatch.setattr(comparison, "HERE", tmp_path)
    of_corpus = {"source": "<a list>", "examples": [{"text": "Tourkya", "of": "Τουρκία"}]}
    settings = {"base": str(tiny_base), "aligned": str(tiny_base)}
    demo = comparison.Comparison({**settings, "corpora": {"some_names": of_corpus}})
    corpus = demo.corpora["some names"]
    assert demo.examples(corpus) == ["Tourkya"]
    spelled = {text: demo.meanings(text, corpus) for text in ("ellada", "TOURKYA", "Turkey", "x")}
    assert spelled == {"ellada": {0}, "TOURKYA": {1}, "Turkey": {1}, "x": set()}
    assert "same meaning" in demo.search("ellada", comparison.EACH, corpus)[1]
    line = demo.indexed(corpus)
    assert "4 sentences in 2 rows; ell_Grek, en." in line and "Source: &lt;a list&gt;" in line
    bare = comparison.Comparison(settings)
    assert bare.examples(bare.corpora["some names"]) != ["Tourkya"]


def test_a_fraction_without_a_number_stops_nothing(tiny_base, tmp_path, monkeypatch):
    """Uroman fails on it, in what is typed as in what is searched."""
    import comparison

    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "c.tsv").write_text("zho_Hani\ten\n三分之\tthree of\n", "utf-8")
    monkeypatch.setattr(comparison, "HERE", tmp_path)
    settings = {"base": str(tiny_base), "aligned": str(tiny_base)}
    demo = comparison.Comparison({**settings, "corpora": {"c": {"source": "a list"}}})
    corpus = demo.corpora["c"]
    assert demo.romanise("三分之", "zho_Hani") == "3fenzhi"
    assert demo.search("二分之", comparison.EACH, corpus)


def test_a_query_in_other_letters_finds_its_row_and_says_so(tiny_base, tmp_path, monkeypatch):
    import comparison

    (tmp_path / "corpora").mkdir()
    rows = f"mya_Mymr\ten\n{ZAWGYI}\tMyanmar\nရန်ကုန်\tYangon\n"
    (tmp_path / "corpora" / "c.tsv").write_text(rows, "utf-8")
    monkeypatch.setattr(comparison, "HERE", tmp_path)
    settings = {"base": str(tiny_base), "aligned": str(tiny_base)}
    tries = {"c": {"examples": [{"text": "my", "of": ZAWGYI}]}}
    demo = comparison.Comparison({**settings, "corpora": tries})
    corpus = demo.corpora["c"]
    assert "folded: zawgyi 1." in demo.indexed(corpus)
    for query in (ZAWGYI, BURMESE, "my"):
        told, found, _ = demo.search(query, comparison.BEST, corpus)
        assert "same meaning" in found and ("zawgyi" in told) == (query == ZAWGYI)
        assert ZAWGYI not in found


def test_nothing_from_outside_becomes_markup():
    from nearest import Hit, Index
    from page import Languages, hit_list, notice, query_line
    from scatter import legend, scatter

    evil = "<img src=x onerror=alert(1)>\"'&"
    languages = Languages({"en": {"tag": evil, "name": evil}})
    corpus = corpus_of((0, "en", evil), (0, "x", evil + "2"))
    hits = [Hit(i, sentence, 0.5) for i, sentence in enumerate(corpus.sentences)]
    index = Index.of(corpus, np.eye(2))
    html = notice([evil], "error") + query_line(evil, evil) + legend([evil])
    html += hit_list(evil, evil, hits, {0}, languages, lambda text, code: text)
    html += scatter(evil, index, languages, np.array([1.0, 0.0]), hits, [1])
    assert "<img" not in html and html.count("&lt;img") >= 10
    assert f'lang="{evil}"' not in html and "2 of 2 mean the same" in html


def test_the_map_draws_whole_rows_of_a_large_corpus():
    from nearest import Index
    from page import Languages
    from scatter import MOST, drawn, scatter

    corpus = corpus_of(
        *[(row, code, f"{code}{row}") for row in range(600) for code in ("en", "de")]
    )
    vectors = np.random.default_rng(0).normal(size=(1200, 4))
    index = Index.of(corpus, vectors)
    shown = drawn(index)
    assert len(shown) == 400 <= MOST
    assert {i // 2 for i in shown} == set(range(0, 600, 3))
    svg = scatter(
        "after", index, Languages({}), vectors[3], index.search(vectors[3], "", 10, False)
    )
    assert svg.count('class="ring"') == 10 and svg.count('class="you"') == 1
    assert svg.count("<title>") >= 400 and 'role="img"' in svg


def test_a_sentence_model_embeds_in_its_own_way(tiny_base, tmp_path):
    """First token, dense layer with tanh, a default prompt: as sentence-transformers has it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer

    from encoder import Embedding, Encoder

    torch.manual_seed(1)
    modules = [Transformer(str(tiny_base)), Pooling(16, pooling_mode="cls"), Dense(16, 12)]
    model = SentenceTransformer(
        modules=modules, prompts={"q": "query: "}, default_prompt_name="q", device="cpu"
    )
    model.save_pretrained(str(tmp_path / "st"))
    embedding = Embedding.of(str(tmp_path / "st"))
    assert embedding == (3, "cls")
    texts = ["Ελλάδα", "Greece and Turkey"]
    wanted = model.encode(texts, normalize_embeddings=True)
    assert Encoder(str(tmp_path / "st"), embedding).encode(texts) == pytest.approx(wanted, abs=1e-5)
    assert Encoder(str(tmp_path / "st"), Embedding(2, "cls")).encode(texts).shape == (2, 16)
