"""README and CONTRIBUTING say what is true: options exist, snippets run, the tree is the tree."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from readme_blocks import (
    CHECKPOINT,
    FENCE,
    OPTION,
    PUBLICATIONS,
    ROOT,
    SUBCOMMANDS,
    TEXT,
    blocks,
    commands,
    files_shown,
    in_checkout,
    readme,
)


def program(words: list[str]) -> tuple[str, list[str]] | None:
    """Which of our programs a command runs, and the words that this program gets."""
    for script in ("train.py", "eval.py", "demo.py"):
        if script in words:
            rest = words[words.index(script) + 1 :]
            if script == "eval.py" and rest and rest[0] in SUBCOMMANDS:
                return f"{script} {rest[0]}", rest[1:]
            return script, rest
    if "publish.py" in words:
        rest = words[words.index("publish.py") + 1 :]
        depth = 2 if rest[0] == "card" else 1
        return " ".join(["publish.py", *rest[:depth]]), rest[depth:]
    if words[:3] == ["python", "-m", "data_builders"]:
        return f"data_builders {words[3]}", words[4:]
    return None


@pytest.fixture(scope="module")
def legal_options() -> dict[str, set[str]]:
    """Options by program, read from its own --help."""
    import contextlib
    import io

    from translit_ppa import command_line
    from translit_ppa.commands.train import OLD
    from translit_ppa.data_builders.__main__ import main as build
    from translit_ppa.publish.sending import main as publish
    from translit_ppa.scoring.evaluate import main as evaluate

    mains = {
        "train.py": (command_line.main, ["train"]),
        "eval.py": (evaluate, []),
        **{f"eval.py {name}": (evaluate, [name]) for name in SUBCOMMANDS},
        "demo.py": (command_line.main, ["demo"]),
        **{f"publish.py {words}": (publish, words.split()) for words in PUBLICATIONS},
        "data_builders build": (build, ["build"]),
        "data_builders rebuild": (build, ["rebuild"]),
        "data_builders check": (build, ["check"]),
    }
    found = {}
    for name, (main, words) in mains.items():
        with contextlib.redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit) as end:
            main([*words, "--help"])
        assert end.value.code == 0
        found[name] = set(OPTION.findall(out.getvalue()))
        assert "--help" in found[name]
    # Spellings of 0.1.0 go on for a release.
    found["train.py"] |= {name.replace("-", "_").replace("__", "--", 1) for name in OLD}
    found["train.py"] |= {f"--{name[2:].replace('-', '_')}" for name in found["train.py"]}
    return found


def test_every_option_of_a_command_exists(legal_options):
    checked = 0
    for words in commands():
        called = program(words)
        if called is None:
            continue
        name, rest = called
        given = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert given <= legal_options[name], f"{' '.join(words)}: {given - legal_options[name]}"
        checked += len(given)
    assert checked >= 40
    assert {program(words)[0] for words in commands() if program(words)} == {
        "train.py",
        "eval.py",
        *(f"eval.py {name}" for name in SUBCOMMANDS),
        *(f"publish.py {words}" for words in PUBLICATIONS),
        "data_builders build",
        "data_builders rebuild",
        "data_builders check",
    }


def test_every_option_in_the_running_text_exists(legal_options):
    prose = FENCE.sub("", readme())
    named = {
        option for code in re.findall(r"`([^`\n]+)`", prose) for option in OPTION.findall(code)
    }
    assert {"--objectives", "--paper_compat", "--paper-compat", "--fraction"} <= named
    assert named <= set().union(*legal_options.values())


def test_an_option_that_does_not_exist_would_be_noticed(legal_options):
    assert not legal_options["train.py"] & {"--steps", "--num-proc"}
    assert not legal_options["data_builders build"] & {"--paper_compat", "--num_proc"}


def test_the_compat_table_is_the_one_of_the_code():
    from translit_ppa.modeling.training.paper_compat import compat_markdown

    assert f"\n\n{compat_markdown()}\n\n" in readme()


def test_make_targets_exist():
    if not in_checkout():
        pytest.skip("the checkout is not beside the tests")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [words[1] for words in commands() if words[0] == "make"]
    assert targets == ["demo", "test", "space"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.M), target


def put_files(folder: Path) -> None:
    for name, text in files_shown().items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "my_text").mkdir()
    for name, text in TEXT.items():
        (folder / "my_text" / name).write_text(text, encoding="utf-8")


def test_the_build_snippet_runs_with_the_files_shown(tmp_path, monkeypatch, capsys):
    (snippet,) = (code for code in blocks("python", "test") if "build_pairs" in code)
    put_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    names: dict = {}
    try:
        exec(compile(snippet, "README.md", "exec"), names)
    finally:
        sys.modules.pop("my_romaniser", None)
    assert names["record"]["group"] == "my_group"
    assert names["record"]["splits"] == {"train": 2, "validation": 2}
    rows = [row for split in names["pairs"].values() for row in split]
    assert list(rows[0]) == ["text", "transliteration", "lang", "script", "source"]
    latin = {row["text"]: row["transliteration"] for row in rows}
    assert latin["монгол улс"] == "монgол улс"
    assert "{'train': 2, 'validation': 2}" in capsys.readouterr().out


def test_the_files_shown_are_legal(tmp_path, monkeypatch):
    from translit_ppa.data_builders import get_transliterator, load_group

    put_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    group = load_group("my_group.tsv")
    assert group.codes == ("ell_Grek", "khk_Cyrl")
    assert [language.code for language in group.evaluation_sources] == ["eng_Latn"]
    try:
        assert get_transliterator("my_romaniser:romanise")(["вагд", "x"], "khk") == ["vagd", "x"]
    finally:
        sys.modules.pop("my_romaniser", None)


def test_the_embedding_snippets_run_and_agree(tmp_path, monkeypatch, tiny_base, tokenizer):
    from translit_ppa.modeling import AlignmentConfig, load_for_alignment

    snippets = [code for code in blocks("python", "test") if CHECKPOINT in code]
    assert len(snippets) == 2
    folder = tmp_path / CHECKPOINT
    load_for_alignment(str(tiny_base), AlignmentConfig()).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    monkeypatch.chdir(tmp_path)
    ours: dict = {}
    exec(compile(snippets[0], "README.md", "exec"), ours)
    stock: dict = {}
    exec(compile(snippets[1], "README.md", "exec"), stock)
    assert ours["embeddings"].dtype == np.float32
    assert ours["embeddings"].shape == ours["content"].shape == (2, 16)
    assert stock["layer"] == 2
    assert np.allclose(ours["embeddings"], stock["pooled"].numpy(), atol=1e-5)
    assert not np.allclose(ours["embeddings"], ours["content"], atol=1e-3)


def test_every_python_block_is_tested():
    marked = len(blocks("python", "test")) + sum(name.endswith(".py") for name in files_shown())
    assert len(blocks("python")) == marked == 5


def test_the_tree_is_the_tree():
    if not in_checkout():
        pytest.skip("the checkout is not beside the tests")
    (tree,) = blocks("text", "tree")
    lines = [line.split(maxsplit=1) for line in tree.splitlines()]
    assert all(len(line) == 2 for line in lines), "each line says what the thing is"
    shown = [name for name, _ in lines]
    assert len(shown) == len(set(shown))
    for name in shown:
        path = ROOT / name
        assert path.is_dir() if name.endswith("/") else path.is_file(), f"{name} is not there"
    # Tracked files only: what programs and people leave beside them is no part of the house.
    git = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    try:
        run = subprocess.run(git, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the checkout is no git repository: {error}")
    files = run.stdout.rstrip("\0").split("\0")
    folders = {f"{name.split('/')[0]}/" for name in files if "/" in name}
    modules = {name for name in files if "/" not in name and name.endswith(".py")}
    assert len(folders) >= 4 and "train.py" in modules
    assert folders | modules <= set(shown)


def test_contributing_and_readme_name_files_that_exist():
    if not in_checkout():
        pytest.skip("the checkout is not beside the tests")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    path = re.compile(r"`((?:tests|modeling|data_builders|hub_cards|docs)/[\w./]*)`")
    for page in (contributing, readme()):
        named = set(path.findall(page))
        assert sum(name.startswith("tests/test_") for name in named) >= 5
        assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_readme_and_contributing_send_newcomers_to_the_same_tests():
    if not in_checkout():
        pytest.skip("the checkout is not beside the tests")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    def greeters(page: str) -> dict[str, list[str]]:
        rows = re.findall(r"^\| an? ([\w ]+?) \|.*\| ([^|]*) \|$", page, re.M)
        return {added: re.findall(r"tests/test_\w+\.py", cell) for added, cell in rows}

    short, long = greeters(readme()), greeters(contributing)
    assert set(short) == {
        "language group", "romaniser", "objective", "benchmark", "model family"
    }  # fmt: skip
    for added, tests in short.items():
        assert tests and set(tests) <= set(long[added]), added


def test_demo_table_is_the_recorded_one():
    """The table between the markers is what `hub_cards.fill_markers` puts there."""
    docs = Path(__file__).resolve().parents[2] / "docs" / "demo-retrieval.md"
    if not docs.is_file():
        pytest.skip("no docs/ beside these tests: they run against an installed wheel")
    from translit_ppa.hub_cards.tables.fill_markers import fill

    page = docs.parents[1] / "README.md"
    text = page.read_text(encoding="utf-8")
    assert fill(text, "demo table", docs.read_text(encoding="utf-8")) == text
    assert "| mlm+seq+tlm |" in text


@pytest.mark.parametrize("place", ["", "cldr"])
def test_source_choice_tables_are_the_recorded_ones(place):
    """Both tables are rendered from their records; the first stands between the markers."""
    folder = ROOT / "docs" / "records" / place
    if not folder.is_dir():
        pytest.skip("no docs/ beside these tests: they run against an installed wheel")
    from translit_ppa.hub_cards import to_markdown
    from translit_ppa.hub_cards.records.files import load_records
    from translit_ppa.hub_cards.tables.fill_markers import fill
    from translit_ppa.hub_cards.tables.source_tables import validation_table

    (record,) = load_records(folder / "source_validation.json", "source-validation")
    markdown = to_markdown(validation_table(record))
    assert (folder / "source_validation.md").read_text(encoding="utf-8") == markdown
    if not place:
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        assert fill(text, "source choice", markdown) == text
        assert "| MLM+SEQ+TLM | mean of tasks |" in text
