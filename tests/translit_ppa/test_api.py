"""The face of the package: quick and light to import, complete, documented; and its command."""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from importlib.metadata import version

import pytest

import translit_ppa
from translit_ppa import command_line, former_names, publish
from translit_ppa.errors import TranslitError, raises_translit_error

HEAVY = ("torch", "transformers", "datasets", "numpy", "pyarrow", "huggingface_hub", "babel")


def test_importing_the_package_is_quick_and_loads_nothing():
    code = f"import sys, translit_ppa; print([m for m in {HEAVY} if m in sys.modules])"
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # The start of Python included, on a busy machine; alone it is a fiftieth of a second.
    assert time.monotonic() - start < 5
    assert done.stdout.strip() == "[]"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import translit_ppa"],
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = [x for x in done.stderr.splitlines() if x.endswith("| translit_ppa")]
    assert int(line.split("|")[1]) < 500_000  # microseconds


@pytest.mark.parametrize("module", [translit_ppa, publish], ids=["translit_ppa", "publish"])
def test_every_name_is_there_and_documented(module):
    assert set(module.__all__) <= set(dir(module))
    assert sorted(module.__all__) == module.__all__
    assert len(module.__all__) >= 8
    for name in set(module.__all__) - {"__version__"}:
        found = getattr(module, name)
        assert inspect.getdoc(found), name
    with pytest.raises(AttributeError, match="has no attribute 'nope'"):
        module.nope  # noqa: B018


def test_what_a_function_takes_is_said_in_its_text():
    for module in (translit_ppa, publish):
        for name in set(module.__all__):
            function = getattr(module, name)
            if inspect.isfunction(function):
                text = inspect.getdoc(function)
                for parameter in inspect.signature(function).parameters.values():
                    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
                    shown = stars.get(parameter.kind.name, "") + parameter.name
                    assert f"    {shown}: " in text, f"{name}: {parameter.name}"
                assert "Returns:" in text, name
                assert "TranslitError" in text, name


def test_the_version_is_that_of_the_distribution(capsys):
    assert translit_ppa.__version__ == version("translit-ppa")
    assert command_line.main(["--version"]) == 0
    assert capsys.readouterr().out == f"translit-ppa {translit_ppa.__version__}\n"


def test_publishing_pairs_loads_no_torch():
    code = "import sys\nfrom translit_ppa.publish import dataset, space, card\n"
    code += "from translit_ppa.command_line import run\nrun('publish', ['dataset', '--help'])\n"
    code += "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)


@pytest.mark.parametrize(
    ("old", "words", "expected"),
    [
        ("build", ["check", "x", "--limit", "1"], ("check", ["x", "--limit", "1"])),
        ("build", ["build", "--out", "x"], ("build", ["--out", "x"])),
        ("build", ["--help"], ("build", ["--help"])),
        ("train", ["--max_steps", "2"], ("train", ["--max_steps", "2"])),
        ("evaluate", ["--model", "a"], ("eval", ["--model", "a"])),
        ("evaluate", ["map", "--model", "a"], ("map", ["--model", "a"])),
        ("demo", [], ("demo", [])),
        ("publish", ["card", "model"], ("publish", ["card", "model"])),
    ],
)
def test_a_former_name_says_the_new_one_and_runs_it(monkeypatch, capsys, old, words, expected):
    calls = []
    monkeypatch.setattr(sys, "argv", ["x", *words])
    monkeypatch.setattr(former_names, "run", lambda command, rest: calls.append((command, rest)))
    getattr(former_names, old)()
    assert calls == [expected]
    line = capsys.readouterr().err
    assert line.startswith("notice: translit-") and line.count("\n") == 1
    assert f"is now `translit-ppa {expected[0]}`" in line


def test_an_unknown_command_is_one_line(capsys):
    assert command_line.main(["bild"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: no command 'bild'; legal: build, ") and error.count("\n") == 1
    assert command_line.main([]) == 2
    assert "translit-ppa COMMAND ..." in capsys.readouterr().out


@pytest.mark.parametrize("words", [["publish"], ["publish", "card"], ["publish", "modle", "x"]])
def test_what_cannot_be_published_is_one_line(capsys, words):
    assert command_line.main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: translit-ppa publish: came ") and error.count("\n") == 1
    assert "legal: dataset, model, sentence-model, space" in error


def test_whatever_came_the_message_is_one_line(capsys):
    odd = "a\nb\r\x1b[2J\x85\u2028é"
    shown = r"a\nb\r\x1b[2J\x85\u2028é"
    assert str(TranslitError(odd)) == shown
    assert command_line.main(["check", odd, "--limit", odd]) == 2
    assert command_line.main([odd]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 2 and error.count(r"\x1b[2J") == 2 and "\x1b" not in error


def test_a_connection_that_breaks_is_a_mistake_in_one_line():
    from huggingface_hub.errors import HfHubHTTPError

    (network,) = [base for base in HfHubHTTPError.__mro__ if base.__name__ == "HTTPError"]

    class Broken(network):
        pass

    @raises_translit_error
    def read():
        raise Broken("the server hung up")

    with pytest.raises(TranslitError, match=r"^the server hung up$"):
        read()


def test_a_panic_of_a_library_in_rust_is_a_mistake_in_one_line():
    panic = type("PanicException", (BaseException,), {})

    @raises_translit_error
    def read(error):
        raise error

    with pytest.raises(TranslitError, match=r"^a library gave up: no entry found for key; a file"):
        read(panic("no entry\nfound for key"))
    with pytest.raises(KeyboardInterrupt):
        read(KeyboardInterrupt())
