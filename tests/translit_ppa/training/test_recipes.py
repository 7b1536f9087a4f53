"""The recipe follows from what the base is, and says so."""

from __future__ import annotations

import pytest
from transformers import XLMRobertaModel

from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.training.arguments import make_arguments
from translit_ppa.training.recipes import with_recipe


@pytest.fixture
def headless(tiny_base, tmp_path, tokenizer):
    folder = tmp_path / "headless"
    XLMRobertaModel.from_pretrained(tiny_base).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def chosen(**values):
    return with_recipe({k: str(v) for k, v in values.items()}, told=True)


def test_a_masked_language_model_gets_the_papers(tiny_base, capsys):
    assert chosen(base=tiny_base) == {"base": str(tiny_base)}
    assert capsys.readouterr().out == "", "as ever"
    assert chosen(base=tiny_base, recipe="auto") == {"base": str(tiny_base)}
    shown = capsys.readouterr().out
    assert shown == f"recipe: the paper's, because {tiny_base} is a masked language model\n"


def test_a_sentence_encoder_gets_anchor(tiny_base, headless, capsys):
    for recipe in ({}, {"recipe": "auto"}):
        assert chosen(base=headless, **recipe)["recipe"] == "anchor"
        shown = capsys.readouterr().out
        assert shown == f"recipe: anchor, because {headless} has no language-modelling head\n"
    (tiny_base / "modules.json").write_text("[]", encoding="utf-8")
    assert chosen(base=tiny_base)["recipe"] == "anchor"
    assert "is a sentence encoder (modules.json)" in capsys.readouterr().out
    objectives = make_arguments(chosen(base=tiny_base))[1]
    assert objectives.objectives == ["anchor"]


def test_what_is_given_decides(headless, tmp_path):
    for more in ({"recipe": "sea"}, {"objectives": "mlm"}, {"paper_compat": "yes"}):
        assert chosen(base=headless, **more) == {"base": str(headless), **more}
    # Without a base there is nothing to choose by: the embedded example.
    assert chosen() == chosen(recipe="auto") == {}
    assert make_arguments(chosen(recipe="auto"))[0].recipe == "embedded"
    with pytest.raises(AlignmentError, match="cannot open the model"):
        chosen(base=tmp_path / "nowhere")
