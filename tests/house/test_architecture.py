"""The plan of the house: who may import whom, and that the rooms agree without importing."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = "translit_ppa"
ROOMS = {
    "data_builders": {
        "babel", "charset_normalizer", "datasets", "datatrove", "huggingface_hub", "icu", "iso639",
        "myanmartools", "pyarrow", "regex", "sentencex", "tqdm", "urielplus", "uroman",
    },
    "modeling": {
        "accelerate", "datasets", "evaluate", "faiss", "numpy", "peft", "pynvml", "safetensors",
        "sentencepiece", "seqeval", "sklearn", "tokenizers", "torch", "tqdm", "transformers",
    },
    "hub_cards": {"huggingface_hub", "jinja2", "matplotlib", "numpy", "safetensors", "scipy"},
}  # fmt: skip
SUITCASE = (
    "alignment_config",
    "anchor_contrast",
    "deberta_layers",
    "errors",
    "loading_report",
    "modeling_alignment",
    "modeling_families",
    "modernbert_layers",
    "objectives",
    "packed_encoder",
    "packed_layers",
    "pooling",
    "variable_attention",
    "vocabulary_loss",
)
MOST_MODULES = 12
IN_THE_SUITCASE = 14
"""Of `modeling/aligned`, which must be flat: a checkpoint on the Hub carries no folders."""
MOST_FLOORS = 4


def place(module: str) -> Path:
    """Find what is installed, without importing it: it need not be the checkout."""
    spec = importlib.util.find_spec(module)
    assert spec is not None, f"{module} is not installed"
    assert spec.origin is not None, f"{module} has no __init__.py"
    return Path(spec.origin)


def room_of(name: str) -> str:
    return f"{HOUSE}.{name}"


SPACE = "space"
"""Folder of `hub_cards` with an app of its own: luggage of the room, not a part of it."""


def files_of(room: str) -> list[Path]:
    root = place(room_of(room)).parent
    # `__main__` is a former name of a command, not a part of the room.
    files = [
        file
        for file in sorted(root.rglob("*.py"))
        if file.parent != root / SPACE and file.name != "__main__.py"
    ]
    assert len(files) >= 3
    return files


def test_the_space_stands_alone():
    """What goes up as a Space imports its own files and what its requirements name."""
    folder = place(room_of("hub_cards")).parent / SPACE
    files = sorted(folder.glob("*.py"))
    pins = re.findall(
        r"^([\w-]+)==", (folder / "requirements.txt").read_text("utf-8"), re.MULTILINE
    )
    pins = [{"pyicu-wheels": "icu"}.get(pin, pin) for pin in pins]
    legal = {file.stem for file in files} | set(pins) | set(sys.stdlib_module_names)
    strangers = {f"{file.name}: {name}" for file in files for name in tops(file) - legal}
    assert len(files) >= 5 and strangers == set()
    assert not relative_imports(folder / "app.py")


def imports(tree: ast.AST) -> set[str]:
    """Full names of all absolute imports, wherever they stand."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__", "find_spec")
        ):
            # A computed name cannot be checked here; the run-time tests below see it.
            found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return {name for name in found if not name.startswith(".")}


def tops(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {name.partition(".")[0] for name in imports(tree)}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room):
    """Neither another room nor the house around it, by any path; and no package but its own."""
    root = place(room_of(room)).parent
    legal = ROOMS[room] | set(sys.stdlib_module_names)
    for file in files_of(room):
        assert tops(file) <= legal, f"{file.relative_to(root)}: {tops(file) - legal}"
        for target in relative_targets(file, root):
            assert (root / target).with_suffix(".py").is_file() or (root / target).is_dir(), (
                f"{file.relative_to(root)} reaches {target}, which is outside the room"
            )


def relative_targets(file: Path, root: Path) -> set[Path]:
    """What a file of a room imports relatively, as paths below the room."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level > 0:
            base = file.parents[node.level - 1]
            parts = node.module.split(".") if node.module else []
            target = base.joinpath(*parts)
            assert target == root or root in target.parents, f"{file}: leaves the room"
            named = [target / alias.name for alias in node.names]
            inner = [n for n in named if n.is_dir() or n.with_suffix(".py").is_file()]
            found |= {path.relative_to(root) for path in (inner or [target])}
    return found


def folder_of(path: Path, root: Path) -> str:
    """The part of a room that a path lies in: its folder, or the file itself on the ground."""
    whole = path.parts if (root / path).is_dir() else path.with_suffix("").parts
    return whole[0] if whole else ""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_few_floors(room):
    """Folders stand on one another without a circle, and no higher than four floors."""
    root = place(room_of(room)).parent
    below: dict[str, set[str]] = {}
    for file in files_of(room):
        here = folder_of(file.relative_to(root), root)
        if here in ("__init__", "__main__"):
            continue  # the face of the room
        there = {folder_of(target, root) for target in relative_targets(file, root)}
        below.setdefault(here, set()).update(there - {here, ""})
    # A module on the ground that everything may use is no floor.
    ground = {name for name in below if (root / f"{name}.py").is_file()}
    below = {name: found - ground for name, found in below.items() if name not in ground}
    floors: dict[str, int] = {}
    while len(floors) < len(below):
        ready = {n for n, f in below.items() if n not in floors and f <= set(floors)}
        assert ready, f"a circle among {sorted(set(below) - set(floors))}"
        floors |= {n: 1 + max((floors[f] for f in below[n]), default=0) for n in ready}
    assert max(floors.values()) <= MOST_FLOORS, floors


def test_no_folder_is_a_hall():
    house = place(HOUSE).parent
    for root in (house, *(place(room_of(room)).parent for room in ROOMS)):
        for folder in {file.parent for file in root.rglob("*.py")}:
            modules = [file for file in folder.glob("*.py") if file.name != "__init__.py"]
            most = IN_THE_SUITCASE if folder.name == "aligned" else MOST_MODULES
            assert len(modules) <= most, f"{folder}: {len(modules)} modules"


def test_the_table_itself_is_tight():
    """Every allowed package of the text room is used, so that the check above checks something."""
    used = set().union(*(tops(file) for file in files_of("data_builders")))
    assert {"babel", "datasets", "pyarrow", "uroman"} <= used
    assert not {"torch", "transformers"} & set().union(ROOMS["data_builders"], ROOMS["hub_cards"])


def test_nobody_rebinds_the_builtin_eval():
    sources = [file for room in ROOMS for file in files_of(room)]
    sources += sorted(place(HOUSE).parent.rglob("*.py"))
    sources += sorted(Path(__file__).parents[1].rglob("*.py"))
    for file in sources:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert "eval" not in {alias.asname or alias.name for alias in node.names}, file


def relative_imports(file: Path) -> set[str]:
    """Names of the suitcase files a file imports; anything but `from .name import` fails."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level > 0:
            assert node.level == 1, f"{file.name}: two dots"
            assert node.module is not None, f"{file.name}: `from . import` is lost on the Hub"
            assert "." not in node.module, f"{file.name}: {node.module} is not flat"
            names.add(node.module)
    return names


@pytest.mark.parametrize("name", SUITCASE)
def test_the_suitcase_is_flat_and_closed(name):
    file = place(room_of("modeling.aligned")).parent / f"{name}.py"
    inner = relative_imports(file)
    assert inner <= set(SUITCASE)
    assert tops(file) - set(sys.stdlib_module_names) <= {"torch", "transformers"}
    # transformers finds the files to copy by these patterns, in docstrings too.
    text = file.read_text(encoding="utf-8")
    seen = re.findall(r"^\s*import\s+\.(\S+)\s*$", text, flags=re.MULTILINE)
    seen += re.findall(r"^\s*from\s+\.(\S+)\s+import", text, flags=re.MULTILINE)
    assert set(seen) == inner


def loaded_after(code: str) -> set[str]:
    """Modules that a fresh interpreter has loaded after running some code."""
    report = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, check=True
    )
    return set(json.loads(run.stdout.splitlines()[-1]))


def modules_of(room: str) -> list[str]:
    root = place(room_of(room)).parent
    names = []
    for file in files_of(room):
        parts = (HOUSE, room, *file.relative_to(root).with_suffix("").parts)
        names.append(".".join(part for part in parts if part != "__init__"))
    return [name for name in names if not name.endswith("__main__")]


@pytest.mark.parametrize("room", ["data_builders", "hub_cards"])
def test_no_torch_where_no_tensors_are(room):
    loaded = loaded_after("\n".join(f"import {name}" for name in modules_of(room)))
    assert room_of(room) in loaded
    assert not {"torch", "transformers"} & loaded


def test_publishing_text_needs_no_tensors():
    loaded = loaded_after(
        "from translit_ppa.publish import card, dataset, space\n"
        "import translit_ppa.commands.publish, translit_ppa.data_builders.dataset.recipe"
    )
    assert {room_of("hub_cards"), room_of("data_builders")} <= loaded and not {
        "torch",
        "transformers",
    } & loaded


@pytest.mark.parametrize(
    ("room", "heavy"),
    [
        ("data_builders", {"datasets", "pyarrow", "uroman", "babel", "numpy"}),
        ("hub_cards", {"matplotlib", "numpy", "huggingface_hub", "scipy"}),
    ],
)
def test_opening_a_room_is_light(room, heavy):
    assert not heavy & loaded_after(f"import {room_of(room)}")


def test_column_names_of_modeling_are_those_of_the_schema():
    from translit_ppa.data_builders import schema

    found = {}
    for file in files_of("modeling"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                (target,) = node.targets
                name = ast.unparse(target)
                if name.endswith("_COLUMN"):
                    found[name.removesuffix("_COLUMN")] = node.value.value
    assert {"TEXT", "TRANSLITERATION"} <= set(found)
    assert found == {name: getattr(schema, name) for name in found}


def test_a_build_record_parses(tmp_path):
    from translit_ppa.data_builders import build_pairs
    from translit_ppa.hub_cards.records.files import BuildRecord, load_records

    text = tmp_path / "text"
    text.mkdir()
    lines = [f"Η πρόταση με αριθμό {i} είναι εδώ." for i in range(50)]
    (text / "ell_Grek.txt").write_text("\n".join([*lines, lines[0]]) + "\n", encoding="utf-8")
    (text / "notes.txt").write_text("no language\n", encoding="utf-8")
    fields = build_pairs(
        "mediterranean", f"files:{text}", out=tmp_path / "pairs", transliterator="identity"
    )
    record = BuildRecord.from_dict(fields)
    (written,) = load_records(tmp_path / "pairs", "build")
    assert written == record
    (greek,) = [language for language in record.languages if language.code == "ell_Grek"]
    assert greek.train + greek.validation == greek.kept == 50
    assert greek.identity_rate == 1.0
    assert sum(record.splits.values()) == 50
    assert [Path(name).name for name in record.skipped_files] == ["notes.txt"]
