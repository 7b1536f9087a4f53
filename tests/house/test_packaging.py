"""What a user gets by installing: files, versions and commands of the installed distribution."""

from __future__ import annotations

import configparser
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlparse

import pytest

NAME = "translit-ppa"
HOUSE = "translit_ppa"
ROOMS = ("data_builders", "modeling", "hub_cards")
FORMER = {
    "translit-build": "translit_ppa.former_names:build",
    "translit-train": "translit_ppa.former_names:train",
    "translit-eval": "translit_ppa.former_names:evaluate",
    "translit-demo": "translit_ppa.former_names:demo",
    "translit-publish": "translit_ppa.former_names:publish",
}
"""Names of 0.1.0, which say their new name."""
COMMANDS = {"translit-ppa": "translit_ppa.command_line:main", **FORMER}


def installed() -> metadata.Distribution:
    """The installed distribution; a checkout's *.egg-info, which has no RECORD, is none."""
    found = [dist for dist in metadata.distributions(name=NAME) if dist.read_text("RECORD")]
    assert found, f"{NAME} is not installed; run: make venv"
    return found[0]


def checkout() -> Path | None:
    """The source folder of an editable installation, None for an installed wheel."""
    text = installed().read_text("direct_url.json")
    origin = json.loads(text) if text else {}
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlparse(origin["url"]).path))


@pytest.fixture(scope="session")
def wheel_files(tmp_path_factory) -> set[str]:
    """Files of the wheel: of the installed one, or of one built from the editable checkout."""
    source = checkout()
    if source is None:
        return {PurePosixPath(file).as_posix() for file in installed().files}
    # From a copy, since setuptools leaves a build folder behind.
    copy = tmp_path_factory.mktemp("source") / "tree"
    copy.mkdir()
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(source / name, copy)
    for name in (HOUSE, *ROOMS):
        shutil.copytree(source / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--quiet", "--wheel-dir", copy, copy], check=True)
    (wheel,) = copy.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def tree_of(source: Path) -> dict[str, Path]:
    """Files of the checkout under the names that they are installed by."""
    return {
        f"{HOUSE}/{inside}{file.relative_to(source / name).as_posix()}": file
        for name, inside in ((HOUSE, ""), *((room, f"{room}/") for room in ROOMS))
        for file in (source / name).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }  # fmt: skip


def test_what_is_tested_is_what_is_installed():
    source = checkout()
    for name in ("", *ROOMS):
        spec = importlib.util.find_spec(f"{HOUSE}.{name}" if name else HOUSE)
        assert spec is not None, f"{name} is not installed"
        if source is None:
            here = installed().locate_file(f"{HOUSE}/{name}/__init__.py")
        else:
            here = source / (name or HOUSE) / "__init__.py"
        assert Path(spec.origin).resolve() == Path(here).resolve()


def test_the_wheel_holds_one_name(wheel_files):
    tops = {name.partition("/")[0] for name in wheel_files}
    assert {top for top in tops if not top.endswith(".dist-info") and top != ".."} == {HOUSE}
    assert f"{HOUSE}/py.typed" in wheel_files
    for name in ("mediterranean", "sea"):
        assert f"{HOUSE}/data_builders/groups/{name}.tsv" in wheel_files
        assert f"{HOUSE}/modeling/training/recipes/{name}.json" in wheel_files


def test_the_wheel_lacks_no_file_of_the_packages(wheel_files):
    """A data file without a pattern in setup.cfg works in a checkout and fails for users."""
    source = checkout()
    if source is None:
        # Installed from the wheel, there is no tree to compare with: every file read at run time
        # is then missing for real, and the tests of its room fail.
        assert all(Path(installed().locate_file(f)).exists() for f in wheel_files)
        return
    assert set(tree_of(source)) - wheel_files == set()


def test_every_package_data_pattern_matches_a_file(wheel_files):
    source = checkout()
    if source is None:
        pytest.skip("an installed wheel carries no setup.cfg")
    config = configparser.ConfigParser()
    config.read(source / "setup.cfg", encoding="utf-8")
    for package, patterns in config["options.package_data"].items():
        for pattern in re.split(r"[,\s]+", patterns.strip()):
            matches = [
                f
                for f in wheel_files
                if PurePosixPath(f).match(f"{package.replace('.', '/')}/{pattern}")
            ]
            assert matches, f"{package}: {pattern} matches nothing"


def test_the_version_is_written_once():
    version = installed().version
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    source = checkout()
    if source is None:
        return
    config = configparser.ConfigParser()
    config.read(source / "setup.cfg", encoding="utf-8")
    assert config["metadata"]["version"] == version
    literal = re.compile(rf"""["']{re.escape(version)}["']""")
    for file in tree_of(source).values():
        if file.suffix == ".py":
            assert not literal.search(file.read_text(encoding="utf-8")), f"{file}: states a version"
    # The citation is a file for people; it must at least not lag behind.
    assert f"\nversion: {version}\n" in (source / "CITATION.cff").read_text(encoding="utf-8")


def test_licence_and_requirements():
    facts = installed().metadata
    assert "Apache-2.0" in (facts["License-Expression"] or facts["License"])
    assert facts["Requires-Python"] == ">=3.11"
    assert set(facts.get_all("Provides-Extra")) == {
        "cards",
        "data",
        "train",
        "eval",
        "figures",
        "fuzz",
        "lora",
        "scale",
        "typology",
        "test-mteb",
        "search",
        "dev",
        "docs",
    }
    requirements = installed().requires
    assert [line for line in requirements if "extra ==" not in line] == []
    data = [line for line in requirements if re.search(r"extra == .data", line)]
    assert not any(line.startswith(("torch", "transformers")) for line in data)
    for line in requirements:
        assert ">=" in line or line.startswith(NAME), f"{line}: no lower bound"


def test_commands_are_declared():
    found = {e.name: e.value for e in installed().entry_points}
    assert found == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_answer_help(command, tmp_path):
    (entry,) = [e for e in installed().entry_points if e.name == command]
    assert callable(entry.load())
    script = Path(sys.executable).parent / command
    # From a foreign folder, so that nothing of the checkout is found by accident.
    run = subprocess.run([script, "--help"], capture_output=True, text=True, cwd=tmp_path)
    told = run.stderr.splitlines()
    assert run.returncode == 0
    assert len(told) == (command in FORMER)
    assert all(line.startswith(f"notice: {command} is now `translit-ppa ") for line in told)
    assert run.stdout.startswith("usage: ")
    assert list(tmp_path.iterdir()) == []
