"""Cards: legal by the Hub's own lists, offline; and harmless, whatever a sentence holds."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from dataclasses import replace

import pytest

from hub_examples import build_fields, score, train_fields
from score_examples import ELL, ENG, HEB, task
from translit_ppa.hub_cards.cards.dataset_card import dataset_card
from translit_ppa.hub_cards.cards.model_card import ModelFacts, model_card
from translit_ppa.hub_cards.cards.model_scores import CardScores, Part, card_scores
from translit_ppa.hub_cards.cards.model_stage import stage_story
from translit_ppa.hub_cards.cards.model_story import Story
from translit_ppa.hub_cards.cards.rendering import code, escape
from translit_ppa.hub_cards.hub.card_check import check_card, front_matter, legal
from translit_ppa.hub_cards.hub.licences import UNICODE, UNKNOWN, Licence
from translit_ppa.hub_cards.hub.stage import PublishError, Stage
from translit_ppa.hub_cards.paper.limits import falls_of_the_paper
from translit_ppa.hub_cards.paper.results import BASE, FULL, paper_score
from translit_ppa.hub_cards.records.files import BuildRecord, TrainRecord
from translit_ppa.hub_cards.scores.of_weights import Conditions
from translit_ppa.hub_cards.scores.scores import Scores

NASTY = [
    "a | b || c",
    "`code` ``` fence",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "line one\nline two\r\n\n---\n# title\n---\nlicense: mit",
    "abc\u202egnirts\u202c \u200fשלום\u200e \u2066x\u2069",
    "می‌خواهم",
    "- [x] * _a_ **b** ~~c~~ $x^2$ &amp; &#60;",
    "http://example.org www.example.org me@example.org [a](javascript:alert(1)) ![b](c)",
    "key: value # no comment",
    "'single' \"double\" \\ {{ braces }} {% raw %} %s",
    "!!python/object/apply:os.system ['ls']",
    "null",
    "0x10",
    "\u2028\u0085\x07\ufeff tab\tend ",
    "@a:b =x >q",
]
MIT = Licence("mit")


def text_of(cell: str) -> str:
    """What a reader sees of an escaped sentence: one line, no control characters, joiners kept."""
    return " ".join(re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069\x07\ufeff]", "", cell).split())


def part(own=4.0, **changes) -> Part:
    """A part of one retrieval direction, the base beside it."""
    mine, base = (score(name, "eng_Latn", "amh_Ethi", own, **changes) for name in ("run", "base"))
    return Part(Conditions.of(mine), Scores((mine,)), Scores((base,)))


def facts(kind="full", **changes) -> ModelFacts:
    train = TrainRecord.from_dict(
        train_fields() | {"base": "cis-lmu/glot500-base", "base_revision": "f" * 40}
    )
    story = Story(MIT, MIT, UNICODE, train, ("amh_Ethi", "ell_Grek"), CardScores((part(),)))
    values = {"repo_id": "org/m", "kind": kind, "layer": 8, "layers": 12, "pooling": "attended"}
    return ModelFacts(**values | {"story": story, "full": "org/full"} | changes)


def dataset(licence=UNICODE, **changes) -> str:
    record = BuildRecord.from_dict(build_fields() | changes)
    metadata = {
        "configs": [
            {"config_name": "m", "data_files": [{"split": "train", "path": "m/t-*.parquet"}]}
        ],
        "dataset_info": [
            {
                "config_name": "m",
                "features": [{"name": "text", "dtype": "string"}],
                "splits": [{"name": "train", "num_examples": 16}],
            }
        ],
    }
    return dataset_card("org/d", {"m": record}, {"m": licence}, metadata)


def similarity(sentences):
    example = {"source_sentence": sentences[0], "sentences": sentences, "example_title": "t"}
    return [{**example, "output": [0.5] * len(sentences)}]


def body_of(card: str) -> str:
    return card.split("\n---\n", 1)[1]


def page(card: str) -> str:
    """The body as a Hub that allows HTML would show it."""
    markdown_it = pytest.importorskip("markdown_it")
    parser = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.enable("strikethrough")
    return parser.render(body_of(card))


def test_the_cards_of_all_kinds_are_legal():
    for kind in ("full", "sentence"):
        card = model_card(facts(kind))
        check_card(card, "model")
        data = front_matter(card)
        assert data["language"] == ["amh", "ell"] and data["license"] == "mit"
        (model,) = data["model-index"]
        metrics = model["results"][0]["metrics"]
        assert {m["type"]: m["value"] for m in metrics} == {
            "top1_accuracy": 4.0, "top5_accuracy": 20.0, "top10_accuracy": 40.0
        }  # fmt: skip
    assert data["base_model"] == "org/full"
    check_card(dataset(), "dataset")
    data = front_matter(dataset())
    assert (data["license"], data["license_name"]) == ("other", "unicode-3.0")


def everything() -> CardScores:
    """Two retrieval benchmarks, one of them in both scripts, and all four tasks."""
    records = []
    latin = {"input": "latin", "transliterator": "uroman-1.3.1.1|lcode:yes"}
    for name, top1 in (("run", 4.0), ("base", 2.0)):
        digest = {"model_digest": f"sha256:{name}"}
        for changes in ({"benchmark": "cldr@47"}, {"benchmark": "cldr@47", **latin}):
            records.append(score(name, ENG, ELL, top1, **digest, **changes))
        records.append(score(name, ENG, HEB, top1 + 1, **digest, benchmark="ntrex@sha256:3"))
        for word in ("sib200", "taxi1500", "ner", "pos"):
            kind = "token" if word in ("ner", "pos") else "sequence"
            changes = {"benchmark": f"{word}@sha256:1", "protocol": f"{kind}_classification"}
            for seed, value in ((1, 50.0), (2, 60.0)):
                records.append(task(name, ENG, ELL, value + top1, seed, **changes))
        records.append(task(name, ENG, ENG, 90.0, 1, benchmark="sib200@sha256:1"))
    return card_scores(records, "sha256:run", "sha256:base", 8, "attended", {})


def test_a_card_holds_every_benchmark_task_and_input():
    from huggingface_hub import ModelCard

    story = replace(facts().story, scores=everything())
    card = model_card(facts(story=story))
    check_card(card, "model")
    rows = [line for line in card.splitlines() if line.startswith("| `") and "@" in line]
    retrieval, tasks = rows[:9], rows[9:]
    clear = "+20.0 (+15.9 to +24.1), better"
    assert retrieval[2] == f"| `cldr@47` | original | top-10 | 20.0 | 40.0 | {clear} | 2.5 | 1 |"
    assert retrieval[5] == f"| `cldr@47` | latin | top-10 | 20.0 | 40.0 | {clear} | 2.5 | 1 |"
    assert retrieval[6] == "| `ntrex@sha256:3` | original | top-1 | 3.0 | 5.0 |  | 0.2 | 1 |"
    assert tasks == [
        f"| `{word}@sha256:1` | original | macro F1 | 57.0 ± 7.1 | 59.0 ± 7.1 "
        "| +2.0 (+0.0 to +4.0; 2 seeds), at chance | majority 5.0, uniform 14.0 | 1 | 1, 2 |"
        for word in ("sib200", "taxi1500", "ner", "pos")
    ]
    told = (
        "Fine-tuned with selection early&#95;stopping, learning rate 1e-05, rows learned from 701"
    )
    assert f"{told}, epochs run 12, seeds 1, 2." in card
    # Every cell, the base beside it, and the source's own test set on the diagonal.
    assert "| eng&#95;Latn | 90.0 / 90.0 | 57.0 / 59.0 |" in card
    for part in story.scores.parts:
        assert f"Signature: `{part.own.signature()}`" in card
    assert "not measured" not in card.partition("## Results")[2].partition("## Training")[0]

    results = ModelCard(card).data.eval_results
    found = {(r.dataset_type, r.dataset_config, r.metric_type): r.metric_value for r in results}
    assert len(found) == len(results) == 3 * 3 + 4 * 2
    assert found["cldr", "latin", "top10_accuracy"] == 40.0
    assert found["pos", "original", "macro_f1"] == 59.0
    assert {r.task_type for r in results} == {
        "sentence-similarity", "text-classification", "token-classification"
    }  # fmt: skip
    assert all(r.dataset_args["signature"].startswith(f"{r.dataset_type}@") for r in results)


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        ("full", ["cldr", "ntrex", "sib200", "taxi1500", "ner", "pos"]),
        ("sentence", ["cldr", "ntrex"]),
    ],
)
def test_a_figure_for_each_part(kind, drawn, tmp_path):
    from matplotlib.image import imread

    stage = Stage("org/m", "model", tmp_path / "stage")
    stage_story(stage, facts(kind, story=replace(facts().story, scores=everything())))
    figures = {path.stem for path in stage.folder.glob("figures/*.png")} - {"losses"}
    assert figures == {"cldr-latin", *(f"{name}-original" for name in drawn)}
    assert imread(stage.folder / "figures" / "cldr-latin.png").shape[0] > 300
    lines = (stage.folder / "figures" / "ntrex-original.csv").read_text("utf-8").splitlines()
    assert lines[1:] == ["eng_Latn,heb_Hebr,top10,30.0,50.0,20.0"]
    assert [note for note in stage.notes if "fine-tuned from the full" in note] == (
        []
        if kind == "full"
        else [
            f"not on the card: {word}@sha256:1, original: fine-tuned from the full model"
            for word in ("sib200", "taxi1500", "ner", "pos")
        ]
    )


def test_a_twin_is_fine_tuned_for_no_task():
    card = model_card(facts("sentence", story=replace(facts().story, scores=everything())))
    check_card(card, "model")
    assert {r["dataset"]["type"] for r in front_matter(card)["model-index"][0]["results"]} == {
        "cldr", "ntrex"
    }  # fmt: skip
    assert "- pos&#64;sha256:1, original: fine-tuned from the full model" in card


def test_another_way_of_scoring_is_one_row_more():
    """A protocol that this room has never heard of stands in a section of its own."""
    story = replace(facts().story, scores=CardScores((part(), part(5.0, protocol="new_way"))))
    card = model_card(facts(story=story))
    check_card(card, "model")
    assert "### New way\n" in card
    assert front_matter(card)["model-index"][0]["results"][1]["task"]["type"] == "other"


def test_seeds_of_a_training_and_what_is_left_out_are_told():
    several = replace(part(), seeds={43: part(6.0).own})
    card = model_card(facts(story=replace(facts().story, scores=CardScores((several,), ("a|b",)))))
    assert "| top-1 | 4.0 | 4.0 |  | 5.0 (4.0 to 6.0) | 0.2 | 1 |" in card
    assert "(this one and seed 43)" in card
    assert "- a&#124;b\n" in card


def test_a_card_says_what_became_worse_and_what_is_found_in_latin_letters():
    plain = model_card(facts())
    assert "Worse than its base" not in plain and "Text in Latin letters" not in plain
    line = {"name": "uroman -> its original", "n": 300, "before": 50.0, "after": 40.0}
    line |= {"low": -14.0, "high": -6.0, "verdict": "worse"}
    tried = [
        {"alpha": 0.5, "mean": 45.0, "worse": []},
        {"alpha": 1.0, "mean": 40.0, "worse": ["x"]},
    ]
    harm = {"lines": [line], "alpha": 0.5, "trained": ["x"], "tried": tried}
    train = TrainRecord.from_dict(train_fields() | {"harm": harm})
    assert TrainRecord.from_dict(train.to_dict()) == train
    mixed = {"input": "latin", "target_input": "original", "transliterator": "uroman"}
    records = [
        score(name, *pair, top1, model_digest=f"sha256:{name}", **changes)
        for name, top1 in (("run", 4.0), ("base", 2.0))
        for pair, changes in (((ELL, ENG), mixed), ((ELL, ELL), mixed), ((ELL, ENG), {}))
    ]
    scores = card_scores(records, "sha256:run", "sha256:base", 8, "attended", {})
    card = model_card(facts(story=Story(MIT, train=train, scores=scores)))
    check_card(card, "model")
    assert "**Worse than its base**: uroman" in card and "| -14.0 to -6.0 | worse |" in card
    assert "(1 - 0.5) base + 0.5 trained. The trained weights themselves were worse in: x." in card
    assert "romanised -&#62; English | 1 | 2.0 / 20.0 | 4.0 / 40.0 |" in card


def test_what_nobody_measured_reads_not_measured():
    card = model_card(facts(story=Story(UNKNOWN)))
    check_card(card, "model")
    for fact in "base objectives languages data romaniser steps time hardware energy".split():
        assert f"| {fact} | not measured |" in card, fact
    assert re.search(r"## Results\n\nnot measured\n", card)
    assert "model-index" not in card and "Nobody has said under which licence" in card
    assert "None" not in card


def test_hardware_and_time_come_from_the_record():
    machine = {"device": "NVIDIA A", "platform": "Linux"}
    train = TrainRecord.from_dict(train_fields() | {"machine": machine})
    card = model_card(facts(story=replace(facts().story, train=train)))
    assert "| hardware | NVIDIA A, Linux |" in card and "| time | 3.5 s |" in card
    assert "| energy | not measured |" in card
    machine |= {"joules": {"CPU packages (RAPL)": 1250.5}, "since_step": 40}
    train = TrainRecord.from_dict(train_fields() | {"machine": machine})
    card = model_card(facts(story=replace(facts().story, train=train)))
    assert "RAPL" in card and "1,250.5 J (after it was taken up at step 40) |" in card
    assert "| time | 3.5 s (after it was taken up at step 40) |" in card


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (lambda c: c.replace("- amh", "- amh_Ethi", 1), "language 'amh_Ethi' is no ISO 639 code"),
        (lambda c: c.replace("license: mit", "license: my-own"), "license 'my-own' is unknown"),
        (lambda c: c.replace("license: mit\n", ""), "license is missing"),
        (lambda c: c.replace("license: mit", "license: other"), "license_name and license_link"),
        (lambda c: c.replace("tag: fill-mask", "tag: mask-fill"), "task 'mask-fill' is unknown"),
        (lambda c: c.replace("base_model: cis-lmu/", "base_model: "), "is no org/name"),
        (lambda c: c.replace("value: 4.0", "value: high"), "a metric needs type and a number"),
        (lambda c: c.replace("value: 4.0", "value: .nan"), "a metric needs type and a number"),
        (
            lambda c: re.sub(r"(?s)(  results:\n)(.*?)(?=---\n)", r"\1\2\2", c),
            "two results are both cldr original test",
        ),
        (lambda c: c.replace("type: sentence-similarity", "type: x"), "task type is unknown"),
        (lambda c: c.replace("---\n", "---\na: [\n", 1), "its YAML cannot be read"),
    ],
)
def test_a_wrong_card_is_refused_offline(wrong, expected):
    card = model_card(facts())
    check_card(card, "model")
    assert wrong(card) != card
    with pytest.raises(PublishError, match=re.escape(expected)):
        check_card(wrong(card), "model")


def test_a_widget_that_does_not_fit_its_task():
    card = model_card(facts("sentence", widget=similarity(["a", "b"])))
    check_card(card, "model")
    for old, new in (("  - 0.5\n  - 0.5\n", "  - 0.5\n"), ("source_sentence: a", "text: a")):
        assert old in card
        with pytest.raises(PublishError, match=r"widget\[0\] does not fit sentence-similarity"):
            check_card(card.replace(old, new), "model")


def test_dataset_cards_name_each_config_once():
    with pytest.raises(PublishError, match="must name the same, each once"):
        check_card(dataset().replace("config_name: m", "config_name: n", 1), "dataset")


def test_the_vendored_lists_are_dated_and_whole():
    from importlib.resources import files

    for name, count, some in (
        ("languages", 7000, {"el", "ell", "lzh", "tr", "mlt"}),
        ("licences", 70, {"apache-2.0", "cc-by-4.0", "other", "unknown"}),
        ("pipeline_tags", 50, {"fill-mask", "sentence-similarity", "text-ranking"}),
    ):
        head = (
            (files("translit_ppa.hub_cards.hub") / "lists" / f"{name}.txt")
            .read_text("utf-8")
            .split("\n\n")[0]
        )
        assert re.search(r"^# .*Source: ", head, re.M) and re.search(r"202\d-\d\d-\d\d", head)
        assert len(legal(name)) >= count and some <= legal(name)
    # The Hub has no name for the CLDR's licence, so a card says `other` and names it.
    assert "unicode-3.0" not in legal("licences") and UNICODE.identifier == "other"


@pytest.mark.parametrize("sentence", NASTY)
def test_a_sentence_stands_in_a_card_as_text_and_as_nothing_else(sentence):
    card = model_card(facts("sentence", widget=similarity([sentence, "plain"])))
    check_card(card, "model")
    # The YAML gives the very sentence back to the widget.
    (example,) = front_matter(card)["widget"]
    assert example["source_sentence"] == sentence == example["sentences"][0]
    assert front_matter(card)["license"] == "mit"
    shown = page(card)
    rows = re.findall(r"<tr>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*<td>0.50</td>\s*</tr>", shown)
    assert [[html.unescape(cell) for cell in row] for row in rows] == [
        [text_of(sentence), text_of(sentence)],
        [text_of(sentence), "plain"],
    ]
    harmless = page(model_card(facts("sentence", widget=similarity(["plain", "plain"]))))
    tags = [Counter(re.findall(r"<(/?\w+)", text)) for text in (shown, harmless)]
    assert tags[0] == tags[1]


def test_nasty_names_in_records_are_escaped_too():
    name = "<b>x</b>|`y`"
    record = TrainRecord.from_dict(train_fields() | {"base": name, "transliterator": name})
    shown = page(model_card(facts(story=replace(facts().story, train=record))))
    assert "<b>" not in shown and shown.count("&lt;b&gt;x&lt;/b&gt;|`y`") == 2
    shown = page(dataset(source=name, missing_languages={"arz_Arab": name}))
    assert "<b>" not in shown and shown.count("&lt;b&gt;x&lt;/b&gt;|`y`") == 2
    assert (code("a/b"), code("a`b")) == ("`a/b`", "<code>a&#96;b</code>")
    assert escape("می‌خواهم") == "می‌خواهم"


def test_what_the_paper_lost_is_computed_from_its_figures():
    falls = falls_of_the_paper()
    assert [(fall.group, fall.task, fall.cells) for fall in falls] == [
        ("sea", "pos", 13), ("sea", "ner", 29)
    ]  # fmt: skip
    assert [round(fall.after - fall.before, 1) for fall in falls] == [-3.7, -1.4]
    assert paper_score("sea", "ner", BASE, "eng_Latn", "tha_Thai") is not None
    card = model_card(facts())
    assert "POS of the group sea from 44.6 to 40.9 (mean over 13 pairs of languages)" in card
    assert f"{falls[1]}" in card and FULL not in card


def test_the_licence_of_the_cldr_is_the_one_that_babel_carries():
    from translit_ppa.data_builders.sources.cldr.source import licence_file

    text = licence_file().read_text("utf-8")
    assert text.startswith("UNICODE LICENSE V3\n")
    assert "copyright and permission notice appear with all copies" in " ".join(text.split())
    assert json.dumps(UNICODE.name) == '"unicode-3.0"' and UNICODE.settled


def test_records_of_several_kinds_leave_a_figure_out(tmp_path, monkeypatch):
    from translit_ppa.hub_cards.cards.model_scores import Part, Scores

    whole = Part.beside

    def beside(part, *names):
        found = whole(part, *names)
        figure = names and "ntrex" in part.title  # not the tables of the card
        more = (replace(found.records[0], layer=3),) if figure else ()
        return Scores((*found.records, *more))

    monkeypatch.setattr(Part, "beside", beside)
    stage = Stage("org/m", "model", tmp_path / "stage")
    stage_story(stage, facts("sentence", story=replace(facts().story, scores=everything())))
    assert {path.stem for path in stage.folder.glob("figures/*.png")} == {
        *("losses", "cldr-latin", "cldr-original")
    }
    (note,) = [note for note in stage.notes if note.startswith("no figure of ntrex")]
    assert "its records are of before: base" in note
