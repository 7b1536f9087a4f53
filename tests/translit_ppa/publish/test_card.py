"""`translit-ppa publish card` prints what a publication would carry, and asks no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from publish_examples import build_folder, digest_of, write_scores
from translit_ppa.hub_cards.hub.card_check import check_card, front_matter

# Every way out of the process is closed before the first import, and each attempt is noted.
OFFLINE = """
import json, socket, sys
tried = []
def closed(*args, **kwargs):
    tried.append(str(args[:2]))
    raise OSError("no network here")
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, closed)
socket.getaddrinfo = socket.create_connection = closed
import io
from contextlib import redirect_stdout
from translit_ppa.command_line import run
answers = []
for words in json.loads(sys.argv[1]):
    with redirect_stdout(io.StringIO()) as out:
        status = run("publish", ["card", *words])
    answers.append([status, out.getvalue()])
print("ANSWER", json.dumps([tried, answers]))
"""


@pytest.fixture(scope="module")
def cards(trained, tmp_path_factory):
    """Cards of a dataset, a model and a twin, rendered without a network; by kind."""
    scores = tmp_path_factory.mktemp("cards") / "scores"
    write_scores(scores, "run", digest_of(trained), 40.0)
    records = ["--records", str(scores), str(build_folder(trained))]
    lines = [
        ["dataset", str(build_folder(trained).parent), "org/pairs", "--license", "cc0-1.0"],
        ["model", str(trained), "org/aligned", *records],
        ["sentence-model", str(trained), "org/aligned-sentence", *records, "--license", "mit"],
    ]
    environment = {**os.environ, "HF_HUB_OFFLINE": "0", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, json.dumps(lines)],
        cwd=scores.parent,
        env={**environment, "HF_HOME": str(scores.parent / "hf")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    (line,) = [x for x in done.stdout.splitlines() if x.startswith("ANSWER ")]
    tried, answers = json.loads(line.removeprefix("ANSWER "))
    assert [status for status, _ in answers] == [0, 0, 0], done.stderr[-4000:]
    texts = [text for _, text in answers]
    return tried, dict(zip(("dataset", "model", "twin"), texts, strict=True))


def test_no_network_is_asked(cards):
    assert cards[0] == []


def test_every_card_is_legal(cards):
    dataset, model, twin = cards[1].values()
    check_card(dataset, "dataset")
    check_card(model, "model")
    check_card(twin, "model")
    data = front_matter(dataset)
    assert data["license"] == "cc0-1.0" and data["language"] == ["amh", "ara", "ell", "heb", "tur"]
    data = front_matter(model)
    # Nobody stated a licence; a publication would be refused, the card says so.
    assert data["license"] == "unknown" and data["pipeline_tag"] == "fill-mask"
    assert data["model-index"][0]["results"][0]["metrics"][0]["value"] == 40.0
    data = front_matter(twin)
    assert (data["license"], data["base_model"]) == ("mit", "org/aligned")


def test_examples_are_outputs_of_this_model(cards, trained, tmp_path):
    from transformers import pipeline

    from translit_ppa.modeling import encode

    widget = front_matter(cards[1]["model"])["widget"]
    assert [len(example["output"]) for example in widget] == [3, 3, 3]
    fill = pipeline("fill-mask", model=str(trained), top_k=3)
    for example in widget:
        best = fill(example["text"])
        assert [round(x["score"], 4) for x in best] == pytest.approx(
            [x["score"] for x in example["output"]], abs=1e-4
        )
    for example in front_matter(cards[1]["twin"])["widget"]:
        assert len(example["sentences"]) == len(example["output"]) == 3
        one, *others = encode([example["source_sentence"], *example["sentences"]], str(trained))
        for other, output in zip(others, example["output"], strict=True):
            cosine = float(one @ other / (one @ one) ** 0.5 / (other @ other) ** 0.5)
            assert output == pytest.approx(cosine, abs=2e-4)


def test_the_card_of_unknown_text_is_refused_in_one_line(trained, capsys):
    from publish_examples import publish_command as main

    folder = str(build_folder(trained).parent)
    assert main(["card", "dataset", folder, "org/pairs"]) == 2
    output = capsys.readouterr()
    assert output.out == "" and output.err.startswith("error: the text of mediterranean")


def test_text_of_the_cldr_goes_up_with_its_licence(trained, tmp_path):
    from publish_examples import publish_command as main

    pairs = tmp_path / "pairs"
    shutil.copytree(build_folder(trained).parent, pairs)
    file = pairs / "mediterranean" / "build_record.json"
    record = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(record | {"source": "cldr-47"}), "utf-8")
    stage = tmp_path / "stage"
    assert main(["dataset", str(pairs), "org/pairs", "--dry-run", "--stage", str(stage)]) == 0
    data = front_matter((stage / "README.md").read_text("utf-8"))
    assert (data["license"], data["license_name"]) == ("other", "unicode-3.0")
    assert (stage / "LICENSE").read_text("utf-8").startswith("UNICODE LICENSE V3\n")
