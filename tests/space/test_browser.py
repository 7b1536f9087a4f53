"""The retrieval demo in a real browser: search, keys, phone, directions, uploads, no other host."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from space_browser import DOWN, ENTER, SPACE, TAB, Page, chromium, missing, serving
from tiny_models import LATIN, SENTENCES

pytestmark = [
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
    pytest.mark.slow,
]
GROUP = (
    "code\tname\trole\nara_Arab\tArabic\ttrain\nell_Grek\tGreek\ttrain\nheb_Hebr\tHebrew\ttrain\n"
)
COUNT = 10


@pytest.fixture(scope="module")
def space(tmp_path_factory, tokenizer):
    """A staged Space with two tiny random models, the aligned one with its own layer."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

    from publish_examples import publish_command as publish
    from translit_ppa.modeling.training.stand_in import train_tokenizer
    from translit_ppa.publish.demo_space import space_facts

    folder = tmp_path_factory.mktemp("space")
    group = folder / "three.tsv"
    group.write_text(GROUP, "utf-8")
    words = space_facts("a", "b", str(group)).tsv.split()
    tokenizer = train_tokenizer(SENTENCES + LATIN + words, pieces=300)
    models = []
    for seed, name in enumerate(("base", "aligned")):
        torch.manual_seed(seed)
        config = XLMRobertaConfig(
            vocab_size=len(tokenizer), num_hidden_layers=3, hidden_size=16, intermediate_size=32,
            num_attention_heads=2, max_position_embeddings=130, type_vocab_size=1,
        )  # fmt: skip
        if name == "aligned":
            config.alignment = {"layer": 1, "pooling": "content"}
        XLMRobertaForMaskedLM(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
        models.append(str(folder / name))
    stage = folder / "stage"
    words = ["space", "local/demo", "--base", models[0], "--aligned", models[1], "--dry-run"]
    assert publish([*words, "--group", str(group), "--stage", str(stage)]) == 0
    return stage


@pytest.fixture(scope="module")
def address(space):
    with serving(space, space.parent / "app.log") as found:
        yield found


@pytest.fixture(scope="module")
def driver():
    with chromium() as found:
        yield found


@pytest.fixture
def page(driver, address, request):
    """A fresh page; whatever a test does, it asks no other host and upsets no console."""
    opened = Page(driver, address, *getattr(request, "param", ()))
    yield opened
    assert opened.foreign() == []
    assert opened.errors() == []


def table(space):
    """Header and rows of the built-in corpus."""
    (file,) = (space / "corpora").glob("*.tsv")
    header, *rows = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
    return header, rows


@pytest.fixture(scope="module")
def names(space):
    """Language -> name of one thing that all languages of the corpus name, in one word."""
    header, rows = table(space)
    row = next(row for row in rows if all(text.isalpha() for text in row[1:]))
    return dict(zip(header[1:], row[1:], strict=True))


def cells(space):
    """(code, text) of the built-in corpus, in the order of the file."""
    header, rows = table(space)
    return [
        (code, text) for row in rows for code, text in zip(header[1:], row[1:], strict=True) if text
    ]


def expected_hits(space, query):
    """The same answer by the toolkit's own encoder: texts and cosines of both models."""
    from translit_ppa.modeling import SentenceEncoder

    settings = json.loads((space / "space.json").read_text("utf-8"))
    texts = list(dict.fromkeys(cells(space)))
    answers = []
    for key in ("base", "aligned"):
        encoder = SentenceEncoder.from_pretrained(settings[key], layer=1, pooling="content")
        vectors = encoder.encode([query, *(text for _, text in texts)])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines = vectors[1:] @ vectors[0]
        order = [i for i in np.argsort(-cosines, kind="stable") if texts[i][1] != query][:COUNT]
        answers.append([(*texts[i], float(cosines[i])) for i in order])
    return answers


def test_a_search_shows_both_models_side_by_side(page, space, names):
    from translit_ppa.data_builders.transliterators import get_transliterator

    uroman = get_transliterator("uroman")
    query = names["ell_Grek"]
    page.all("#show input")[1].click()
    page.ask(query)
    assert page.texts("#hits .query .latin") == uroman([query])
    for side, expected in zip(("before", "after"), expected_hits(space, query), strict=True):
        assert page.count(f".{side} li") == COUNT
        scores = [float(score) for score in page.texts(f".{side} .score")]
        assert scores == pytest.approx([cosine for _, _, cosine in expected], abs=6e-4)
        code, text, _ = expected[0]
        assert page.texts(f".{side} li .text")[0] == text
        assert page.texts(f".{side} li .latin")[0] == uroman([text], code)[0]
    left, right = (page.boxes(f".{side}")[0] for side in ("before", "after"))
    assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    assert page.count("#maps figure svg") == 2 and page.count("#maps .you") == 2
    assert set(page.texts("#maps .legend li")) == {"Arabic", "Greek", "Hebrew"}
    # The query is a name of the corpus: lines lead to it and to what means the same.
    assert page.count("#maps line") >= 4
    png = page.driver.get_screenshot_as_png()
    assert png.startswith(b"\x89PNG") and len(png) > 20_000
    folder = os.environ.get("SPACE_SCREENSHOTS")
    if folder:
        page.driver.save_screenshot(f"{folder}/desktop.png")


def test_typed_latin_letters_find_their_meaning(page, space):
    (given,) = json.loads((space / "space.json").read_text("utf-8"))["corpora"].values()
    texts = page.texts("#examples button")
    assert texts == [example["text"] for example in given["examples"]]
    typed = next(example for example in given["examples"] if example["text"] != example["of"])
    page.tab_to("#examples button")
    page.all("#examples button")[texts.index(typed["text"])].click()
    page.until(lambda: typed["text"] in page.texts("#hits .query .text"))
    assert all("mean the same" in text for text in page.texts("#hits .count"))
    assert page.count("#hits .count") == 2 and page.count("#maps line") >= 2
    assert "Searched: CLDR names three" in page.texts("#indexed .indexed")[0]


def test_right_to_left_scripts_run_from_the_right(page, names):
    page.ask(names["ara_Arab"])
    assert page.style("#query textarea", "direction") == ["rtl"]
    assert page.style("#hits .query .text", "direction") == ["rtl"]
    for tag, direction in (("ar", "rtl"), ("he", "rtl"), ("el", "ltr")):
        found = page.style(f".after .text[lang={tag}]", "direction")
        assert found == [direction], tag
        assert page.style(f".after .latin[lang={tag}-Latn]", "direction") == ["ltr"]


@pytest.mark.parametrize("page", [(390, 844)], indirect=True)
def test_it_fits_a_phone(page, names):
    page.ask(names["ell_Grek"])
    assert page.script("document.documentElement.scrollWidth") <= 390
    wide = """[...document.querySelectorAll('#hits *, #maps svg, #ask *, #options *')]
        .filter(e => e.getBoundingClientRect().right > 390.5).length"""
    assert page.script(wide) == 0
    before, after = (page.boxes(f".{side}")[0] for side in ("before", "after"))
    assert before["y"] + before["height"] <= after["y"] and before["width"] > 300
    small = [box["height"] for box in page.boxes("#search, #examples button")]
    assert min(height for height in small if height) >= 40
    assert "" not in page.texts("#examples button") and len(small) == 5
    folder = os.environ.get("SPACE_SCREENSHOTS")
    if folder:
        page.driver.save_screenshot(f"{folder}/phone.png")


def test_everything_can_be_reached_by_keys(page):
    page.tab_to("#examples button")
    (text,) = [page.script("document.activeElement.innerText")]
    page.keys(ENTER)
    page.until(lambda: text in page.texts("#hits .query .text"))
    assert page.count(".after li") == 3
    page.tab_to("#show input")
    page.keys(TAB, SPACE)
    page.until(lambda: page.count(".after li") == COUNT)
    page.tab_to("#corpus input")
    page.keys(DOWN, ENTER)
    page.wait("#own")
    # The next stop after the choice is inside of what it opened.
    page.tab_to("#own button")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("   ", "Type a name or a sentence first."),
        ("ⵜⴰⵎⴰⵣⵉⵖⵜ", "does not know"),
        ("word " * 399, "reads 126 of the"),
    ],
    ids=["empty", "unknown script", "long"],
)
def test_what_cannot_be_answered_is_said(page, query, words):
    page.tab_to("#query textarea")
    page.paste(query)
    page.keys(ENTER)
    assert words in page.wait("#note .notice[role=status]")
    page.until(lambda: bool(page.count(".after li")) == bool(query.strip()))


def upload(page, tmp_path, text, name="mine.tsv"):
    file = tmp_path / name
    file.write_text(text, "utf-8")
    page.tab_to("#corpus input")
    page.keys(DOWN, ENTER)
    page.wait("#own")
    page.until(lambda: page.all("#own input[type=file]"))[0].send_keys(str(file))


def test_a_malformed_file_leaves_the_corpus_as_it_was(page, names, tmp_path):
    upload(page, tmp_path, "el\ten\nένα\n")
    text = page.wait("#note .notice.error[role=alert]")
    assert "mine.tsv: line 2 has 1 cells, the header has 2" in text
    page.ask(names["ell_Grek"])
    assert page.count(".after li") == 3


def test_markup_in_sentences_stays_text(page, tmp_path):
    evil = "<img src=x onerror=alert(1)> ${7*7} {{value}} <b>"
    upload(page, tmp_path, f"en\tel\n{evil}\tένα\ntwo\tδύο\n")
    page.until(lambda: "Read mine.tsv: 4 sentences, 2 languages." in page.texts("#note .notice"))
    page.ask("two")
    assert evil in page.texts(".before .text") and evil in page.texts(".after .text")
    assert page.texts(".after .mark") == ["✓ same meaning"]
    page.tab_to("#query textarea")
    page.driver.switch_to.active_element.clear()
    page.ask(evil)
    assert evil in page.texts("#hits .query .text")
    assert page.count("#hits img, #maps img, #hits b") == 0


def test_a_corpus_of_one_language_says_so(page, tmp_path):
    upload(page, tmp_path, "el\nένα\nδύο\n")
    page.until(lambda: "Read mine.tsv" in "".join(page.texts("#note .notice")))
    page.ask("ένα")
    assert "one language only (el)" in page.wait("#note .notice")
    assert page.texts(".after li .text") == ["δύο"]
