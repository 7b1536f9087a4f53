"""What the pages state is so: tables come from records, the tree is the tree, links lead on."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from dataclasses import replace

import pytest

from documents import ROOT, blocks, in_checkout, pages, prose, text_of

pytestmark = pytest.mark.skipif(not in_checkout(), reason="the checkout is not beside the tests")

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PLACE = re.compile(
    r"`((?:tests|modeling|data_builders|hub_cards|translit_ppa|speed|docs)/[\w./*+-]*)`"
)


def test_the_readme_is_short():
    assert len(text_of("README.md").splitlines()) <= 160


def test_what_a_table_of_spellings_gives_is_what_its_learning_said():
    table = "data_builders/transliterators/informal/spellings/hin_Deva.tsv"
    said = text_of(table).splitlines()[0].removeprefix("# ")
    assert said.startswith("Learnt from ") and f"\n> {said}\n" in text_of("docs/build-pairs.md")


def test_the_demo_tables_and_figure_are_those_of_its_records(tmp_path):
    """All tables are computed again from the records; so are the numbers that the figure draws."""
    from translit_ppa.data_builders import get_benchmark, load_group
    from translit_ppa.demo import demo_tables
    from translit_ppa.hub_cards import load_records, to_markdown
    from translit_ppa.hub_cards.figures.figures import retrieval_heatmap
    from translit_ppa.hub_cards.scores.directions import in_one_script
    from translit_ppa.hub_cards.scores.scores import Scores

    every = Scores.of(load_records(ROOT / "docs" / "records" / "demo"))
    directions = get_benchmark("cldr").directions(load_group("mediterranean").scored_codes)
    scores = replace(in_one_script(every), expected={"cldr@47": tuple(directions)})
    assert [model.model for model in scores.models] == ["base", "mlm", "mlm+seq+tlm"]
    assert len(scores) == 3 * 56
    trained = [model.training for model in scores.models if model.training]
    assert [(run.seed, run.steps) for run in trained] == [(42, 300)] * 2
    assert {run.base_revision for run in trained} == {scores.models[0].model_digest}
    committed = (ROOT / "docs" / "demo-retrieval.md").read_text(encoding="utf-8")
    tables = demo_tables(every, "mediterranean")
    assert "\n".join(map(to_markdown, tables)) + "\n" == committed
    drawn = retrieval_heatmap(scores, "base", "mlm+seq+tlm", tmp_path / "demo-retrieval.png")
    numbers = drawn.with_suffix(".csv")
    assert numbers.read_bytes() == (ROOT / "docs" / numbers.name).read_bytes()


@pytest.mark.parametrize("place", ["", "cldr", "pairs"])
def test_source_choice_tables_are_the_recorded_ones(place):
    """All tables are rendered from their records; the first stands between the markers."""
    from translit_ppa.hub_cards import to_markdown
    from translit_ppa.hub_cards.records.files import load_records
    from translit_ppa.hub_cards.tables.fill_markers import fill
    from translit_ppa.hub_cards.tables.source_tables import validation_table

    folder = ROOT / "docs" / "records" / place
    (record,) = load_records(folder / "source_validation.json", "source-validation")
    markdown = to_markdown(validation_table(record))
    assert (folder / "source_validation.md").read_text(encoding="utf-8") == markdown
    # What the page claims: the combination loses fewer points than its halves and than English.
    regrets = {}
    for score in record.scores:
        regrets.setdefault((score.model, score.choice), []).append(score.regret)
    means = {place: sum(costs) / len(costs) for place, costs in regrets.items()}
    for model in ("Glot500", "MLM+SEQ+TLM"):
        for other in ("closeness", "best on average", "always English"):
            assert means[model, "combined"] < means[model, other]
    if not place:
        text = text_of("docs/choose-source.md")
        assert fill(text, "source choice", markdown) == text
        assert "| MLM+SEQ+TLM | mean of tasks |" in text


def tracked() -> list[str]:
    git = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    try:
        run = subprocess.run(git, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the checkout is no git repository: {error}")
    return run.stdout.rstrip("\0").split("\0")


def test_the_tree_is_the_tree():
    (tree,) = (block for block in blocks("README.md") if block.marked("tree"))
    lines = [line.split(maxsplit=1) for line in tree.body.splitlines()]
    assert all(len(line) == 2 for line in lines), "each line says what the thing is"
    shown = [name for name, _ in lines]
    assert len(shown) == len(set(shown))
    for name in shown:
        path = ROOT / name
        assert path.is_dir() if name.endswith("/") else path.is_file(), f"{name} is not there"
    # Tracked files only: what programs and people leave beside them is no part of the house.
    files = tracked()
    folders = {f"{name.split('/')[0]}/" for name in files if "/" in name}
    modules = {name for name in files if "/" not in name and name.endswith(".py")}
    assert len(folders) >= 4 and modules == {"train.py", "eval.py"}
    assert folders | modules <= set(shown)


def test_places_that_pages_name_exist():
    found = 0
    for page in pages():
        for name in PLACE.findall(prose(page)):
            assert list(ROOT.glob(name.rstrip("/"))), f"{page}: {name} is not there"
            found += 1
    assert found >= 15


def test_every_new_thing_has_its_place_and_its_test():
    """CONTRIBUTING has a section for each, with a skeleton and the test that greets it."""
    sections = re.split(r"^### ", text_of("CONTRIBUTING.md"), flags=re.M)[1:]
    names = {section.splitlines()[0] for section in sections}
    assert {
        "A romaniser",
        "A language group",
        "An objective",
        "A base family",
        "A benchmark",
        "A source of text",
        "A figure",
        "A card",
        "A record field",
        "A command",
    } <= names
    for section in sections:
        name = section.splitlines()[0]
        assert re.search(r"`tests/[\w/]+\.py`", section), f"{name}: no test is named"
        assert "```" in section, f"{name}: no skeleton"


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    kept = (c for c in text if c in " -_" or unicodedata.category(c)[0] in "LN")
    return "".join(kept).replace(" ", "-")


def anchors(page: str) -> set[str]:
    return {slug(title) for title in re.findall(r"^#+ (.+)$", prose(page), re.M)}


def test_links_between_pages_lead_somewhere():
    everything = [*pages(), "docs/results.md", "docs/performance.md"]
    checked = 0
    for page in everything:
        for target in LINK.findall(prose(page)):
            if re.match(r"[a-z]+:", target):
                assert target.startswith("https://"), f"{page}: {target}"
                continue
            name, _, anchor = target.partition("#")
            path = (ROOT / page).parent / name if name else ROOT / page
            assert path.exists(), f"{page}: {target} is not there"
            if anchor:
                other = path.resolve().relative_to(ROOT).as_posix()
                assert anchor in anchors(other), f"{page}: {target} has no such heading"
            checked += 1
    assert checked >= 30


def test_every_page_is_in_the_index():
    index = text_of("docs/README.md")
    for page in pages():
        if page.startswith("docs/") and page != "docs/README.md":
            assert f"({page.removeprefix('docs/')})" in index, page
