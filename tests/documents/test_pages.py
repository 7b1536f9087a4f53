"""What the pages show runs: every Python block and every command, in the order of the page."""

from __future__ import annotations

import json

import pytest

import page_runner
from documents import (
    KINDS,
    ROOT,
    blocks,
    commands,
    in_checkout,
    notebook_steps,
    pages,
    run_steps,
    steps_of,
)
from loopback_hub import WRITE

BEFORE = {"docs/use.md": "docs/publish.md"}
"""A page that goes on from what the commands of another have left on the Hub."""
NOTEBOOK = "docs/quickstart.ipynb"


def run_page(hub, folder, page: str, answer: str):
    """Run a page where there is no other Hub, and return what `answer` gives."""
    before = steps_of(BEFORE[page]) if page in BEFORE else []
    steps = [step for step in before if step["kind"] == "sh"] + steps_of(page)
    environment = hub.client_environment(folder / "home", WRITE)
    return run_steps(steps, folder, environment, answer)


ANSWERS = {
    "README.md": (
        "[run.steps, list(embeddings.shape), pairs['train'][0]['transliteration'][:21]]",
        [100, [2, 128], "Isemerine Gouinea kai"],
    ),
    "docs/build-pairs.md": (
        "[pairs.report.group, pairs.report.splits, sorted(pairs.dataset['train'].column_names),"
        " {r['text']: r['transliteration'] for s in pairs.dataset.values() for r in s}"
        "['монгол улс'], ready.report.splits['train'], dataset['train'].num_rows]",
        [
            "my_group",
            {"train": 6, "validation": 2},
            ["lang", "script", "source", "text", "transliteration"],
            "монgол улс",
            2,
            6,
        ],
    ),
    "docs/align.md": (
        "[run.record.best.metric, encoder.encode(['x']).shape[1]]",
        ["eval_top10", 16],
    ),
    "docs/score.md": ("len(scores.to_pandas()) > 0", True),
    "docs/use.md": (
        "[embeddings.dtype.name, list(embeddings.shape), layer,"
        " bool(abs(embeddings - pooled.numpy()).max() < 1e-5), list(latin.shape),"
        " list(hits.indices.shape), pairs.num_rows, twin[0].auto_model.config.num_hidden_layers,"
        " list(similarity.shape)]",
        ["float32", [2, 16], 2, True, [1, 16], [1, 2], 6, 2, [1, 2]],
    ),
    "docs/publish.md": ("pairs.report.splits", {"train": 6, "validation": 2}),
    "docs/scale.md": (
        "[run.steps > 0, *(load_dataset('runs/web', 'web')[split]['transliteration']"
        " == load_dataset('runs/mine', 'web')[split]['transliteration']"
        " for split in ('train', 'validation')),"
        " load_dataset('parquet', data_dir='runs/greek-web')['train'].column_names]",
        [True, True, True, ["text", "transliteration", "lang", "script", "source"]],
    ),
}
"""Page -> an expression over the names of its blocks, and its value, worked out by hand."""


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in pages() if steps_of(page)])
def test_a_page_runs(page, workplace, hub):
    expression, expected = ANSWERS.get(page, ("True", True))
    assert run_page(hub, workplace, page, expression) == expected


@pytest.mark.slow
def test_the_notebook_runs(tmp_path, hub):
    """Its cells, in order, in an empty folder; what it shows of scores is a table."""
    if not (ROOT / NOTEBOOK).is_file():
        pytest.skip("the notebook is not beside the tests")
    answer = "[scores._repr_html_().count('<table'), list(hits.indices.shape)]"
    environment = hub.client_environment(tmp_path / "home")
    tables, shape = run_steps(notebook_steps(NOTEBOOK), tmp_path, environment, answer)
    assert tables >= 1 and shape == [1, 2]


def test_the_notebook_is_small_and_was_run():
    if not (ROOT / NOTEBOOK).is_file():
        pytest.skip("the notebook is not beside the tests")
    cells = json.loads((ROOT / NOTEBOOK).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert any("text/html" in out.get("data", {}) for cell in code for out in cell["outputs"])
    assert (ROOT / NOTEBOOK).stat().st_size < 40_000


def test_every_python_block_is_run_or_says_why_not():
    if not in_checkout():
        pytest.skip("the pages are not beside the tests")
    reasons = {
        block.where: block.mark.partition(":")[2].strip()
        for page in pages()
        for block in blocks(page)
        if block.marked("no test")
    }
    assert all(len(reason) > 10 for reason in reasons.values()), reasons
    ran = [step for page in pages() for step in steps_of(page)]
    assert sum(step["kind"] == "python" for step in ran) >= 20
    assert sum(len(step.get("commands", ())) for step in ran) >= 15


def test_blocks_have_known_kinds_and_marks():
    for page in pages():
        for block in blocks(page):
            assert block.kind in KINDS, block.where
            word = block.mark.partition(":")[0]
            assert not word or word in KINDS[block.kind] or word.startswith("/"), block.where


def test_the_runner_notices_what_is_wrong(tmp_path):
    wrong = [
        {"where": "x.md:3", "kind": "python", "body": "print('a')\nprint(nothing)\n"},
        {"where": "x.md:3", "kind": "output", "body": "a\n"},
        {"where": "x.md:3", "kind": "sh", "commands": [["check", str(tmp_path / "nowhere")]]},
        {"where": "x.md:3", "kind": "sh", "commands": [["build", "--no-such-option"]]},
    ]
    for step in wrong:
        with pytest.raises((NameError, AssertionError)) as caught:
            page_runner.run_page([step], {})
        assert "in x.md:3" in caught.value.__notes__
    page_runner.run_page(
        [
            {"where": "x.md:1", "kind": "python", "body": "print('a')\n"},
            {"where": "x.md:5", "kind": "output", "body": "a\n"},
        ],
        {},
    )


def test_published_pages_are_what_the_cards_say(workplace, hub):
    """The commands of publish.md put up cards that hold; the recipe makes the same pairs."""
    from translit_ppa.hub_cards.hub.card_check import check_card, front_matter

    if "docs/publish.md" not in pages():
        pytest.skip("the pages are not beside the tests")
    run_page(hub, workplace, "docs/publish.md", "True")
    for name in ("org/my-model", "org/my-model-sentence"):
        card = hub.files("model", name)["README.md"].decode()
        check_card(card, "model")
        facts = front_matter(card)
        assert facts["license"] == "apache-2.0" and facts["language"] == ["ell", "khk"]
        assert facts["model-index"][0]["results"][0]["metrics"][0]["value"] == 30.0
    assert (workplace / "old-checkpoint-safetensors" / "model.safetensors").is_file()
    shards = list((workplace / "runs" / "pairs" / "my_group").glob("translit-*"))
    assert len(shards) == 2
    for shard in shards:
        again = workplace / "runs" / "rebuilt" / "my_group" / shard.name
        assert again.read_bytes() == shard.read_bytes()


def shown(page: str, program: str) -> list[list[str]]:
    return [
        words
        for block in blocks(page)
        if block.kind == "sh"
        for words in commands(block)
        if words[0] == program
    ]


def test_the_two_commands_that_no_test_runs_name_what_was_published():
    from importlib.resources import files

    if "docs/use.md" not in pages():
        pytest.skip("the pages are not beside the tests")
    (served,) = shown("docs/use.md", "docker")
    (exported,) = shown("docs/use.md", "optimum-cli")
    assert served[-2:] == ["--model-id", "org/my-model-sentence"]
    assert exported[4] == "org/my-model-sentence"
    # The cards give the same image.
    card = (files("translit_ppa.hub_cards.cards") / "templates" / "model.md").read_text("utf-8")
    assert served[4] in card and served[4].endswith(":cpu-1.9")
