"""`Encoder`: what the checkpoint says of itself, romanisation, search, and what it prints."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from tiny_models import LATIN, SENTENCES
from translit_ppa import Encoder, TranslitError
from translit_ppa.data_builders import get_transliterator
from translit_ppa.modeling import SentenceEncoder


def say(folder, **alignment):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"alignment": alignment}), "utf-8")


def test_layer_pooling_and_length_are_those_of_the_checkpoint(tiny_base, tokenizer):
    encoder = Encoder(tiny_base)
    assert (encoder.layer, encoder.pooling) == (2, "attended")
    assert encoder.max_length == min(tokenizer.model_max_length, 512)
    say(tiny_base, layer=1, pooling="content")
    encoder = Encoder(str(tiny_base))
    assert (encoder.layer, encoder.pooling) == (1, "content")
    given = Encoder(tiny_base, layer=3, pooling="attended", max_length=7)
    assert (given.layer, given.pooling, given.max_length) == (3, "attended", 7)
    assert repr(given) == f"Encoder({str(tiny_base)!r}, layer=3, pooling='attended', max_length=7)"
    long = given.encode([SENTENCES[-1]])
    assert np.abs(long - given.encode([" ".join(SENTENCES[-1].split()[:8])])).max() < 1e-6


def test_what_is_searched_has_a_prompt_of_its_own(tiny_base):
    plain = Encoder(tiny_base)
    encoder = Encoder(tiny_base, prompt=("query: ", "passage: "))
    queries = plain.encode([f"query: {text}" for text in LATIN])
    corpus = plain.encode([f"passage: {text}" for text in SENTENCES])
    assert (encoder.encode(LATIN) == queries).all()
    assert (encoder.encode(SENTENCES, searched=True) == corpus).all()
    found, expected = (
        one.search(*sides, k=2)
        for one, sides in ((encoder, (LATIN, SENTENCES)), (plain, (queries, corpus)))
    )
    assert (found.indices == expected.indices).all() and (found.scores == expected.scores).all()


def test_it_embeds_as_the_room_does_and_opens_a_run(tiny_base):
    expected = SentenceEncoder.from_pretrained(str(tiny_base)).encode(SENTENCES)
    rows = Encoder(SimpleNamespace(folder=tiny_base)).encode(SENTENCES)
    assert rows.dtype == np.float32 and (rows == expected).all()


def test_romanised_text_is_embedded_by_its_latin_form(tiny_base):
    encoder, latin = Encoder(tiny_base), get_transliterator("uroman")(SENTENCES)
    assert "Ellada" in latin[0]
    assert (encoder.encode(SENTENCES, romanise=True) == encoder.encode(latin)).all()
    # uroman reads Persian otherwise than Arabic.
    persian, arabic = (encoder.encode(["جمهوری"], True, code) for code in ("fas_Arab", "ara_Arab"))
    assert np.abs(persian - arabic).max() > 0
    assert (encoder.encode(["جمهوری"], True, "fa") == persian).all()
    plain = Encoder(tiny_base, transliterator="identity")
    assert (plain.encode(SENTENCES, romanise=True) == plain.encode(SENTENCES)).all()


@pytest.mark.parametrize(
    ("typed", "meant", "code"),
    [
        ("ﻣﺮﺣﺒﺎ ﺑﺎﻟﻌﺎﻟﻢ", "مرحبا بالعالم", None),
        ("สีดํา นํ้า", "สีดำ น้ำ", "th"),
        ("ျမန္မာ နိုင္ငံတြင္ ေနထိုင္ၾကသည္", "မြန်မာ နိုင်ငံတွင် နေထိုင်ကြသည်", "my"),
    ],
)
def test_a_query_in_other_letters_is_the_query_in_its_own(tiny_base, typed, meant, code):
    encoder = Encoder(tiny_base)
    own = encoder.encode([meant], romanise=True, language=code)
    assert (encoder.encode([typed], romanise=True, language=code) == own).all()
    kept = Encoder(tiny_base, fold_forms=False).encode([typed], romanise=True, language=code)
    assert np.abs(kept - own).max() > 0


def test_search_by_sentences_and_by_vectors(tiny_base):
    encoder = Encoder(tiny_base)
    hits = encoder.search(SENTENCES[:2], [*LATIN, *SENTENCES], k=3)
    assert hits.indices.shape == hits.scores.shape == (len(hits), 3) == (2, 3)
    assert hits.indices[:, 0].tolist() == [8, 9]
    assert hits.scores[:, 0] == pytest.approx(1.0, abs=1e-5)
    assert (np.diff(hits.scores, axis=1) <= 1e-6).all()
    corpus = encoder.encode([*LATIN, *SENTENCES])
    again = encoder.search(corpus[8:10], corpus, k=3)
    assert (again.indices == hits.indices).all()
    unit = corpus / np.linalg.norm(corpus, axis=1, keepdims=True)
    for query, row in zip(unit[8:10], hits, strict=True):
        for place, cosine in row:
            assert cosine == pytest.approx(float(query @ unit[place]), abs=1e-5)
    latin = get_transliterator("uroman")(SENTENCES)
    romanised = encoder.search(SENTENCES[:3], latin, k=1, romanise=True)
    assert romanised.indices[:, 0].tolist() == [0, 1, 2]
    assert encoder.search(["a"], ["b", "c"], k=10).indices.shape == (1, 2)


def test_a_bar_is_shown_when_asked_for_and_counts_all(tiny_base, capsys):
    encoder = Encoder(tiny_base)
    capsys.readouterr()
    encoder.encode(SENTENCES, show_progress=True)
    printed = capsys.readouterr().err
    assert "encoding 8 sentences: 100%" in printed
    encoder.encode(SENTENCES * 50)  # not a terminal
    assert capsys.readouterr().err == ""


def test_at_a_terminal_only_many_sentences_show_a_bar(tiny_base, capsys, monkeypatch):
    encoder = Encoder(tiny_base)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    encoder.encode(SENTENCES)
    assert "encoding" not in capsys.readouterr().err
    encoder.encode(SENTENCES * 50)
    assert "encoding 400 sentences" in capsys.readouterr().err


def test_missing_weights_are_told_in_one_line_and_others_not(tiny_base, capsys, caplog):
    from safetensors.torch import load_file, save_file

    Encoder(tiny_base)  # its head is not needed
    printed = capsys.readouterr()
    assert caplog.messages == [] and "MISSING" not in printed.out + printed.err
    weights = load_file(tiny_base / "model.safetensors")
    gone = [name for name in weights if ".layer.2." in name]
    save_file(
        {name: tensor for name, tensor in weights.items() if name not in gone},
        tiny_base / "model.safetensors",
        metadata={"format": "pt"},
    )
    Encoder(tiny_base)
    (line,) = caplog.messages
    assert f"{tiny_base} lacks {len(gone)} weights of the encoder, which are random now" in line
    assert "embeddings mean nothing until the checkpoint is whole" in line and "\n" not in line


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda base: Encoder("no/such/folder"), "cannot open the model no/such/folder"),
        (lambda base: Encoder(base, layer=9), "layer 9 does not exist: the model has 3 layers"),
        (lambda base: Encoder(base, pooling="max"), "pooling is 'max'. Legal: attended, content"),
        (lambda base: Encoder(base, max_length=0), "max_length is 0. Legal: 1 or more"),
        (lambda base: Encoder(base).encode("one string"), "legal: a list of strings"),
        (lambda base: Encoder(base).encode([1]), "legal: a list of strings"),
        (lambda base: Encoder(base).encode(["a"], True, "xx"), "xx"),
        (lambda base: Encoder(base).search(["a"], ["b"], k=0), "k 0, corpus of 1; legal is 1"),
        (lambda base: Encoder(base).search(["a"], []), "k 10, corpus of 0; legal is 1 or more"),
        (lambda base: Encoder(base).search(["a"], np.zeros((2, 5))), "vectors of shapes"),
    ],
)
def test_a_mistake_is_one_line_of_one_family(tiny_base, call, message):
    with pytest.raises(TranslitError, match=message) as caught:
        call(tiny_base)
    assert "\n" not in str(caught.value)
