"""`translit-ppa build` and `check`: exit codes, one line per error, lists, Ctrl-C."""

import inspect
import json

import pytest

from translit_ppa.command_line import main


@pytest.fixture
def text(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "amh_Ethi.tsv").write_text("".join(f"{i}\tሰላም {i}\n" for i in range(40)))
    return tmp_path / "text"


def test_build(tmp_path, text, capsys):
    ids = tmp_path / "ids.txt"
    ids.write_text("3\n4\n")
    arguments = ["build", "--group", "mediterranean", "--source", f"files:{text}"]
    arguments += ["--out", str(tmp_path / "out"), "--text-column", "1", "--exclude-ids", str(ids)]
    assert main([*arguments, "--languages", "amh", "--paper-compat", "--validation", "0.1"]) == 0
    record = json.loads((tmp_path / "out/mediterranean/build_record.json").read_text())
    assert record["splits"] == {"train": 35, "validation": 3}
    assert record["languages"][0]["dropped"] == {"excluded_id": 2}
    assert record["transliterator"].endswith("|lcode:no")
    printed = capsys.readouterr().err
    assert "40 sentences of 1 languages, 40 to do, about 0 s" in printed
    assert "MB of disk" in printed
    assert "35 train, 3 validation pairs" in printed


def test_check(text, capsys):
    assert main(["check", str(text), "--text-column", "1", "--limit", "5"]) == 0
    printed = capsys.readouterr().out
    assert "amh_Ethi.tsv (amh_Ethi, uroman-" in printed
    assert "sentences            5 (Ethi 5), 0 passed over, 0 not romanised" in printed
    assert "identity rate        0.0 %" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "--group", "europe", "--out", "x"], "error: unknown group 'europe'; legal are"),
        (
            ["build", "--group", "sea", "--source", "web", "--out", "x"],
            "error: unknown source 'web'",
        ),
        (["check", "no/such/file"], "error: no file or folder no/such/file"),
    ],
)
def test_errors_are_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(message)
    assert printed.count("\n") == 1
    assert not list(tmp_path.iterdir())


def build(text, out, *more):
    arguments = ["build", "--group", "mediterranean", "--languages", "amh", "--quiet"]
    arguments += ["--source", f"files:{text}", "--text-column", "1", "--transliterator", "identity"]
    return main([*arguments, "--out", str(out), *more])


def test_a_file_where_the_folder_should_be(tmp_path, text, capsys):
    (tmp_path / "out").write_text("mine")
    assert build(text, tmp_path / "out") == 2
    printed = capsys.readouterr().err
    assert printed.startswith("error: ")
    assert printed.count("\n") == 1
    assert (tmp_path / "out").read_text() == "mine"


def test_ids_that_are_no_text(tmp_path, text, capsys):
    (tmp_path / "ids").write_bytes(b"\xff\xfe\x00")
    assert build(text, tmp_path / "out", "--exclude-ids", str(tmp_path / "ids")) == 2
    assert "ids is not UTF-8" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_card_that_cannot_be_read_stops_before_the_exchange(tmp_path, text, capsys):
    (tmp_path / "out").mkdir()
    card = tmp_path / "out" / "README.md"
    card.write_text("---\nconfigs: [unclosed\n---\n")
    assert build(text, tmp_path / "out") == 2
    printed = capsys.readouterr().err
    assert "its YAML cannot be read" in printed
    assert printed.count("\n") == 1
    assert not (tmp_path / "out" / "mediterranean").exists()
    card.unlink()
    assert build(text, tmp_path / "out") == 0


def test_a_list_is_given_one_way_or_by_repeating(tmp_path, text, capsys):
    for name, line in (("one", "1\tሰላም 1\n2\tሰላም 2\n"), ("two", "1\tሰላም 3\n2\tሰላም 4\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "amh_Ethi.tsv").write_text(line, encoding="utf-8")
        (tmp_path / name / "eng_Latn.tsv").write_text("1\tPeace\n2\tWell\n", encoding="utf-8")
    one, two = (f"parallel:{tmp_path / name}" for name in ("one", "two"))
    ways = (
        ["--exclude-benchmark", one, two],
        ["--exclude-benchmark", one, "--exclude_benchmark", two],
    )
    for number, words in enumerate(ways):
        out = tmp_path / f"out{number}"
        assert build(text, out, *words) == 0
        record = json.loads((out / "mediterranean/build_record.json").read_text())
        assert record["languages"][0]["dropped"] == {"in_benchmark": 4}
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert printed.startswith("notice: --exclude_benchmark is now --exclude-benchmark")


def test_an_interruption_is_told_in_one_line(tmp_path, text, capsys, monkeypatch):
    def interrupt(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("translit_ppa.data_builders.build.pairs.romanise", interrupt)
    assert build(text, tmp_path / "out") == 130
    line = "interrupted; the same command goes on from what is finished\n"
    assert capsys.readouterr().err == line


def test_defaults_are_those_of_the_api():
    """What is not given is not passed on: the API's own defaults hold, and the help shows them."""
    from translit_ppa import building
    from translit_ppa.commands.pairs import build as command

    shown = command._parser().format_help()
    known = inspect.signature(building.build_pairs).parameters
    options = {action.dest for action in command._parser()._actions} - {"help"}
    assert options <= set(known)
    assert set(known) - options == {"language"}  # for sentences, which a command line has none of
    for name in ("floor", "max_chars", "validation_cap", "out", "group"):
        assert f"(default: {known[name].default})" in " ".join(shown.split())
