"""The functions of `translit_ppa.publish`: what comes back, and nothing sent unasked."""

from __future__ import annotations

import pytest

from dataset_examples import write_pairs
from loopback_clients import ask
from loopback_hub import WRITE, loopback_hub
from publish_examples import build_folder
from translit_ppa import TranslitError, publish


@pytest.fixture
def hub():
    with loopback_hub() as running:
        yield running


def test_pairs_are_listed_then_sent_then_found_there(hub, tmp_path):
    pairs = write_pairs(tmp_path, "sea", 10)
    answer = ask(
        hub,
        tmp_path / "h",
        f"""
from contextlib import redirect_stdout
from io import StringIO
from translit_ppa import TranslitError, publish
seen = []
options = dict(license="cc0-1.0", announce=lambda found: seen.append([found.url, str(found)]))
with redirect_stdout(StringIO()) as out:
    dry = publish.dataset({str(pairs)!r}, "org/pairs", dry_run=True, **options)
    done = publish.dataset({str(pairs)!r}, "org/pairs", **options)
    again = publish.dataset({str(pairs)!r}, "org/pairs", **options)
    try:
        publish.dataset({str(pairs)!r}, "org/pairs", private=True, **options)
    except TranslitError as error:
        refused = str(error)
answer = [dry.files, dry.url, dry.dry_run, done.url, again.url, str(done), out.getvalue(), seen,
          refused, dry.folder]
""",
        WRITE,
    )
    files, url, dry, done, again, listed, printed, seen, refused, folder = answer
    sizes = {path: (size, why) for path, size, why in files}
    shard = "sea/translit-train-00000-of-00001.parquet"
    assert sizes[shard] == ((pairs / shard).stat().st_size, "train rows of sea")
    assert {"README.md", "sea/build_record.json", "builder/data_builders/schema.py"} <= set(sizes)
    assert (url, dry, again, printed, folder) == (None, True, None, "", None)
    assert "/datasets/org/pairs/" in done and len(hub.history("dataset", "org/pairs")) == 2
    assert listed.startswith(f"dataset org/pairs, {len(files)} files, ") and shard in listed
    # What goes up is announced before it goes, in a dry run too, and not where it is refused.
    assert seen == [[None, listed]] * 3
    assert refused.startswith("org/pairs exists and is public")


def test_a_stage_is_kept_and_tells_where_it_is(tmp_path):
    pairs = write_pairs(tmp_path, "sea", 10)
    found = publish.dataset(
        pairs, "org/pairs", license="mit", dry_run=True, stage=tmp_path / "stage"
    )
    assert found.folder == tmp_path / "stage" and (found.folder / "README.md").is_file()
    assert found.deletions == () and "the Hub was not asked what org/pairs holds" in found.notes[0]
    assert str(found).startswith(found.notes[0])


def test_a_model_and_its_twin_take_a_run_and_leave_the_libraries_as_they_were(trained, tmp_path):
    from types import SimpleNamespace

    from transformers.utils import logging

    logging.enable_progress_bar()  # whatever other tests did
    run, before = SimpleNamespace(folder=trained), logging.get_verbosity()
    options = {"license": "mit", "dry_run": True, "examples": False}
    full = publish.model(run, "org/m", records=[build_folder(trained)], **options)
    twin = publish.sentence_model(run, "org/m-sentence", **options)
    assert {"model.safetensors", "objectives.py", "train_record.json"} <= {
        x.path for x in full.files
    }
    assert "modules.json" in {x.path for x in twin.files}
    assert logging.get_verbosity() == before and logging.is_progress_bar_enabled()
    with pytest.raises(TranslitError, match="a twin is its own repository"):
        publish.sentence_model(run, "org/m", **options)


def test_a_card_is_text(tmp_path, capsys):
    pairs = write_pairs(tmp_path, "sea", 10)
    text = publish.card("dataset", pairs, "org/pairs", license="cc0-1.0")
    assert text.startswith("---\n") and "# pairs" in text and "license: cc0-1.0" in text
    text = publish.card("space", "org/demo", base="org/base", aligned="org/aligned")
    assert "sdk: gradio" in text and capsys.readouterr().out == ""
    with pytest.raises(TranslitError, match="kind of card 'data'; legal are dataset"):
        publish.card("data", pairs, "org/pairs")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: publish.dataset("no/such", "org/x", dry_run=True), "README.md cannot be read"),
        (lambda: publish.dataset("no/such", "x", dry_run=True), "legal: org/name"),
        (lambda: publish.model("no/such", "org/x", dry_run=True), "no/such is no checkpoint"),
        (lambda: publish.convert("no/such"), "there is no folder"),
        (
            lambda: publish.space("org/x", base="./no/such", aligned="org/y", dry_run=True),
            "there is no checkpoint in ./no/such",
        ),
    ],
)
def test_a_mistake_is_one_line_of_one_family(tmp_path, monkeypatch, call, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TranslitError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("layers", [None, "3", True, 0, -1, [], 2.5])
def test_a_config_that_does_not_count_its_layers(layers, tmp_path):
    from translit_ppa.hub_cards.hub.stage import PublishError
    from translit_ppa.publish.checkpoint import place

    config = {"model_type": "xlm-roberta"}
    assert place(tmp_path, {**config, "num_hidden_layers": 3})["layers"] == 3
    with pytest.raises(PublishError, match="num_hidden_layers: came"):
        place(tmp_path, {**config, "num_hidden_layers": layers})
