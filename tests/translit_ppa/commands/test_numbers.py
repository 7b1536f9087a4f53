"""Numbers on a command line are plain digits; anything else is one line and exit status 2."""

import pytest

from translit_ppa.command_line import main

WHOLE = ["٣", "1_0", "+5", "10" * 15, "", " 1", "1e3", "0x1", "²", "1" * 5000, "--"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("value", WHOLE)
@pytest.mark.parametrize("option", ["--num-proc", "--floor", "--shard-rows", "--seed", "--cap"])
def test_whole_numbers(option, value, tmp_path, capsys):
    assert main(["build", "--out", str(tmp_path / "out"), option, value]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1 and len(error) < 300
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("value", ["nan", "inf", "1_0", "٣.5", "+1", "1e99999", "0.1.2", "--"])
@pytest.mark.parametrize("option", ["--fraction", "--temperature", "--validation"])
def test_numbers(option, value, tmp_path, capsys):
    assert main(["build", "--out", str(tmp_path / "out"), option, value]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


TWO_HYPHENS = [["--floor", "--", "x"], ["--languages", "--"], ["--"], ["x"], ["--floor=--"]]


@pytest.mark.parametrize("words", [*TWO_HYPHENS, ["--fraction=--"], ["--languages=--"]])
def test_two_hyphens_alone(words, tmp_path, capsys):
    assert main(["build", "--out", str(tmp_path / "out"), "--source", "files:nowhere", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
