"""The API reference: every public name is in it, and has a docstring."""

from __future__ import annotations

import importlib.util
import sys
import types

import pytest

from documents import ROOT

SCRIPT = ROOT / "docs" / "make_reference.py"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SCRIPT.is_file(), reason="docs/ is not beside the tests"),
]


@pytest.fixture(scope="module")
def reference():
    pytest.importorskip("pdoc")
    spec = importlib.util.spec_from_file_location("make_reference", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_public_name_is_shown_with_its_docstring(reference, tmp_path, capsys):
    import translit_ppa

    assert reference.main([str(tmp_path)]) == 0
    assert "index.html" in capsys.readouterr().out
    page = (tmp_path / "translit_ppa.html").read_text(encoding="utf-8")
    for name in translit_ppa.__all__:
        assert f'id="{name}"' in page or name.startswith("_") or name == "publish", name
    assert 'id="dataset"' in (tmp_path / "translit_ppa" / "publish.html").read_text("utf-8")


def test_a_missing_docstring_ends_it(reference, tmp_path, monkeypatch, capsys):
    bare = types.ModuleType("bare", "A module.")
    exec(
        "def told():\n    'Says.'\n\ndef untold():\n    pass\n\nclass Thing:\n    pass\n",
        vars(bare),
    )
    bare.__all__ = ["told", "untold", "Thing"]
    for name in bare.__all__:
        vars(bare)[name].__module__ = "bare"
    monkeypatch.setitem(sys.modules, "bare", bare)
    monkeypatch.setattr(reference, "PAGES", ("bare",))
    assert reference.main([str(tmp_path / "out")]) == 1
    assert "bare.Thing, bare.untold" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
