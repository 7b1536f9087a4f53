"""Commands in the pages are legal: the real parser takes them, in today's spelling."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
from importlib import import_module

import pytest

from documents import OPTION, ROOT, all_commands, blocks, in_checkout, ours, pages, prose
from translit_ppa.command_line import COMMANDS, run

PUBLICATIONS = ("dataset", "model", "sentence-model", "space", "card model", "convert")
OTHERS = {"make", "pip", "python3", ".", "docker", "optimum-cli", "python", "git"}
"""Programs that are not ours; `make` has a test of its own."""


class Parsed(BaseException):
    """Raised once a command line is read, so that nothing is done."""


@pytest.fixture
def only_parse(monkeypatch):
    """Let every parser stop after reading the words, and give what a command line would pass on."""
    read = argparse.ArgumentParser.parse_args

    def parse_args(self, args=None, namespace=None):
        raise Parsed(read(self, args, namespace))

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_args)

    def parse(words: list[str]) -> tuple[dict, str]:
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            try:
                status = run(words[0], words[1:])
            except Parsed as parsed:
                return vars(parsed.args[0]), errors.getvalue()
        raise AssertionError(f"{' '.join(words)}: status {status}, {errors.getvalue()}")

    return parse


def help_of(command: str, *words: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        run(command, [*words, "--help"])
    return out.getvalue()


@pytest.fixture(scope="module")
def legal_options() -> dict[str, set[str]]:
    """Options by command, read from its own --help."""
    names = [(name,) for name in COMMANDS if name != "publish"]
    names += [("publish", *words.split()) for words in PUBLICATIONS]
    found = {" ".join(words): set(OPTION.findall(help_of(*words))) for words in names}
    assert all("--help" in options for options in found.values()), found
    return found


def test_every_command_of_the_pages_is_read_by_its_parser(only_parse):
    checked = 0
    for block, words in all_commands():
        called = ours(words)
        if called is None:
            assert words[0] in OTHERS, f"{block.where}: {words[0]}"
            continue
        _, told = only_parse(called)
        assert "notice:" not in told, f"{block.where}: {told}"
        checked += 1
    if in_checkout():
        assert checked >= 30


def test_every_command_is_shown_somewhere():
    if not in_checkout():
        pytest.skip("the pages are not beside the tests")
    called = [words for _, given in all_commands() if (words := ours(given))]
    # `make demo` is how the README shows the demo.
    assert {words[0] for words in called} | {"demo"} == set(COMMANDS)
    shown = {" ".join(words[1:3]) for words in called if words[0] == "publish"}
    for words in PUBLICATIONS:
        assert any(name.startswith(words) for name in shown), words


def test_every_option_in_the_running_text_exists(legal_options):
    legal = set().union(*legal_options.values())
    for page in pages():
        code = re.findall(r"`([^`\n]+)`", prose(page))
        named = {option for words in code for option in OPTION.findall(words)}
        assert named <= legal, f"{page}: {named - legal}"


def test_what_does_not_exist_would_be_noticed(only_parse, legal_options):
    assert not legal_options["train"] & {"--steps", "--num-proc"}
    with pytest.raises(AssertionError, match="no-such-option"):
        only_parse(["build", "--no-such-option", "1"])
    with pytest.raises(AssertionError, match="invalid choice"):
        only_parse(["eval", "--model", "x", "--benchmark", "cldr", "--input", "upside-down"])
    given, told = only_parse(["build", "--num_proc", "2"])
    assert given["num_proc"] == 2 and "--num-proc" in told


def test_help_comes_before_anything_else(legal_options):
    for name in COMMANDS:
        module = import_module(f"translit_ppa.commands.{COMMANDS[name][0]}")
        assert callable(module.main)
        assert f"translit-ppa {name}" in help_of(name)


def test_make_targets_exist():
    if not in_checkout():
        pytest.skip("the checkout is not beside the tests")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    code = [c for page in pages() for c in re.findall(r"`([^`\n]+)`", prose(page))]
    targets = {words[1] for _, words in all_commands() if words[0] == "make"}
    targets |= {word.split()[1] for word in code if word.startswith("make ")}
    assert {"demo", "test", "space", "docs", "bench"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_shell_blocks_hold_commands_only():
    for page in pages():
        for block in blocks(page):
            if block.kind == "sh":
                assert "$ " not in block.body and block.body.strip(), block.where
