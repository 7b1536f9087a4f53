"""The retrieval demo: staged, refused, and published to a Hub over HTTP as one commit."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys

import pytest

from loopback_clients import ask, publish, published
from loopback_hub import loopback_hub

WORDS = ("space", "org/demo", "--base", "org/base", "--aligned", "org/aligned")
FILES = {
    "README.md", "app.py", "comparison.py", "corpus.py", "encoder.py", "forms.py", "nearest.py",
    "page.py", "requirements.txt", "scatter.py", "sentence_modules.py", "space.json", "style.css",
}  # fmt: skip


@pytest.fixture
def hub():
    with loopback_hub() as running:
        yield running


def test_a_space_arrives_as_one_commit_and_is_replaced_as_a_whole(hub, tmp_path):
    output = published(hub, tmp_path / "h", *WORDS)
    assert "app.py" in output and "packages, pinned" in output
    files = hub.files("space", "org/demo")
    corpus = "corpora/CLDR_names_mediterranean.tsv"
    assert set(files) - {".gitattributes"} == {*FILES, corpus}
    settings = json.loads(files["space.json"])
    assert (settings["base"], settings["aligned"]) == ("org/base", "org/aligned")
    assert settings["languages"]["fas_Arab"] == {"tag": "fa", "name": "Persian"}
    tries = settings["corpora"]["CLDR_names_mediterranean"]["examples"]
    assert tries[0]["text"] == tries[0]["of"] and not tries[0]["text"].isascii()
    assert len(tries) == 6 and all(example["text"].isascii() for example in tries[1:])
    header, *rows = files[corpus].decode().splitlines()
    assert header.split("\t") == ["id", *settings["languages"]]
    assert len(rows) > 300 and {len(row.split("\t")) for row in rows} == {9}
    card = files["README.md"].decode()
    (gradio,) = re.findall(r"^gradio==(.+)$", files["requirements.txt"].decode(), re.MULTILINE)
    assert f"sdk: gradio\nsdk_version: {gradio}\n" in card and "app_file: app.py" in card
    assert "models:\n- org/base\n- org/aligned\n" in card and "license: apache-2.0" in card
    assert str(tmp_path).encode() not in b"".join(files.values())

    before = len(hub.history("space", "org/demo"))
    published(hub, tmp_path / "h", *WORDS, "--group", "sea")
    assert len(hub.history("space", "org/demo")) == before + 1
    assert [path for path in hub.files("space", "org/demo") if path.startswith("corpora/")] == [
        "corpora/CLDR_names_sea.tsv"
    ]
    answer = ask(
        hub,
        tmp_path / "fresh",
        """
from pathlib import Path
from huggingface_hub import snapshot_download
folder = Path(snapshot_download("org/demo", repo_type="space"))
answer = sorted(path.name for path in folder.iterdir() if path.suffix == ".py")
""",
    )
    assert answer == sorted(name for name in FILES if name.endswith(".py"))


def test_a_folder_is_no_model_of_a_space(hub, tmp_path, trained):
    model = tmp_path / "runs" / "aligned"
    model.mkdir(parents=True)
    words = (*WORDS[:4], "--aligned", str(model))
    for more in ((), ("--dry-run",)):
        done = publish(hub, tmp_path / "h", *words, *more)
        assert done.returncode == 2 and f"there is no checkpoint in {model}" in done.stderr
    (model / "config.json").write_text("{}")
    done = publish(hub, tmp_path / "h", *words)
    assert done.returncode == 2 and "is a folder; publish it first" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and hub.store.repos == {}
    shutil.rmtree(model)
    shutil.copytree(trained, model)
    output = published(hub, tmp_path / "h", *words, "--dry-run", "--stage", str(tmp_path / "s"))
    assert "nothing was sent" in output and hub.store.repos == {}
    assert json.loads((tmp_path / "s" / "space.json").read_text("utf-8"))["aligned"] == str(model)
    card = (tmp_path / "s" / "README.md").read_text("utf-8")
    assert "models:\n- org/base\n" in card and str(tmp_path) not in card


def test_any_benchmark_can_be_searched(hub, tmp_path):
    folder = tmp_path / "talk"
    folder.mkdir()
    (folder / "ell_Grek.tsv").write_text("a\tΚαλημέρα κόσμε\nb\tΠού είναι;\nc\tμόνο εδώ\n", "utf-8")
    (folder / "heb_Hebr.tsv").write_text("a\tבוקר טוב עולם\nb\tאיפה זה\n", "utf-8")
    (folder / "eng_Latn.tsv").write_text("a\tGood morning world\nb\tWhere is it?\n", "utf-8")
    words = (*WORDS, "--corpus", f"parallel:{folder}", "--dry-run", "--stage", str(tmp_path / "s"))
    published(hub, tmp_path / "h", *words)
    text = (tmp_path / "s" / "corpora" / "parallel_talk_mediterranean.tsv").read_text("utf-8")
    assert text.splitlines()[1:] == [
        "a\tΚαλημέρα κόσμε\tבוקר טוב עולם\tGood morning world",
        "b\tΠού είναι;\tאיפה זה\tWhere is it?",
    ]
    settings = json.loads((tmp_path / "s" / "space.json").read_text("utf-8"))
    found = settings["corpora"]["parallel_talk_mediterranean"]["examples"]
    assert {example["of"] for example in found} <= set(text.replace("\n", "\t").split("\t"))
    card = (tmp_path / "s" / "README.md").read_text("utf-8")
    assert "Unicode" not in card and "see the folder's own source" in card

    (folder / "heb_Hebr.tsv").unlink()
    (folder / "eng_Latn.tsv").unlink()
    done = publish(hub, tmp_path / "h", *words[:-1], str(tmp_path / "t"))
    assert done.returncode == 2 and "covers no two languages" in done.stderr


def test_somebody_elses_space_is_not_overwritten(hub, tmp_path):
    published(hub, tmp_path / "h", *WORDS)
    repo = hub.store.repos["space", "org/demo"]
    files = dict(repo.at("main").files)
    readme = files["README.md"]
    files["README.md"] = type(readme)(readme.data.replace(b"translit-ppa", b"other"), False)
    repo.add("main", "not ours", files)
    done = publish(hub, tmp_path / "h", *WORDS)
    assert done.returncode == 2 and "holds something else" in done.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("sdk: gradio\n", ""), "sdk is missing"),
        (("colorFrom: green", "colorFrom: teal"), "colorFrom 'teal' is none of red"),
        (("- org/base", "- base"), "models 'base' is no org/name"),
        (("short_description: ", f"short_description: {'long ' * 9}"), "longer than 60"),
    ],
)
def test_a_wrong_card_is_found_offline(change, message):
    from translit_ppa.hub_cards.cards.space_stage import space_card
    from translit_ppa.hub_cards.hub.card_check import check_card
    from translit_ppa.hub_cards.hub.stage import PublishError
    from translit_ppa.publish.demo_space import space_facts

    card = space_card("org/demo", space_facts("org/base", "org/aligned", "mediterranean"))
    check_card(card, "space")
    assert change[0] in card
    with pytest.raises(PublishError, match=message):
        check_card(card.replace(*change), "space")


def test_the_space_runs_with_the_versions_that_are_tested():
    """The app embeds as the toolkit does, so both stand on one torch, transformers and uroman."""
    from translit_ppa.hub_cards.cards.space_stage import SPACE

    text = (SPACE / "requirements.txt").read_text("utf-8")
    pins = dict(re.findall(r"^([\w-]+)==(\S+)$", text, re.MULTILINE))
    assert len(pins) == sum(not line.startswith("#") for line in text.splitlines())
    if importlib.metadata.version("transformers") != pins["transformers"]:
        pytest.skip("this environment does not follow constraints.txt")
    for name in set(pins) - {"gradio"}:
        assert importlib.metadata.version(name).partition("+")[0] == pins[name], name


def test_the_app_names_what_it_lacks(tmp_path):
    """Without Gradio only the settings can be tried; a browser test runs the rest."""
    from translit_ppa.hub_cards.cards.space_stage import SPACE

    code = f"""
import sys, types
for name in ("gradio", "uroman"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["gradio"].Blocks = object
sys.path.insert(0, {str(SPACE)!r})
import app
raise SystemExit(app.main())
"""
    for variables, message in (
        ({}, "no model: set BASE_MODEL, or `base` in space.json"),
        ({"BASE_MODEL": "/no/such"}, "base: there is no folder /no/such"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=variables
        )
        assert done.returncode == 2 and done.stderr.strip() == f"error: {message}"


@pytest.mark.parametrize("branch", ["x" * 256, "a b", "a..b", "", "v1^"])
def test_a_branch_that_no_repository_can_have(hub, tmp_path, branch):
    done = publish(hub, tmp_path / "h", *WORDS, f"--revision={branch}", "--dry-run")
    assert done.returncode == 2 and not hub.requests
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "revision: came '" in line and "legal: the name of a branch" in line
    assert len(line) < 250
