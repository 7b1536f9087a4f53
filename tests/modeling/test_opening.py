"""A checkpoint that is broken, or brings code, is refused in one line and runs nothing."""

import json
import pickle

import pytest
import torch

from translit_ppa.modeling import AlignmentError, SentenceEncoder


def refused(folder):
    with pytest.raises(AlignmentError) as caught:
        SentenceEncoder.from_pretrained(str(folder))
    assert "\n" not in str(caught.value).strip() or "cannot open" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "text", ["null", "[]", "3", "{}", "", "{", '{"a":' * 100_000, "[" * 100_000]
)
@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "tokenizer.json"])
def test_files_that_are_none(tiny_base, name, text):
    if (name, text) == ("tokenizer_config.json", "{}"):
        pytest.skip("an empty object is legal there")
    (tiny_base / name).write_text(text)
    assert str(tiny_base) in refused(tiny_base)


class Evil:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (self.mark, "w"))


def test_a_pickle_runs_nothing(tiny_base, tmp_path):
    (tiny_base / "model.safetensors").unlink()
    mark = tmp_path / "ran"
    for content in (pickle.dumps(Evil(str(mark))), b"", b"\x80\x04.", b"PK\x03\x04junk"):
        (tiny_base / "pytorch_model.bin").write_bytes(content)
        refused(tiny_base)
    torch.save({"x": Evil(str(mark))}, tiny_base / "pytorch_model.bin")
    refused(tiny_base)
    assert not mark.exists()


def test_code_of_a_checkpoint_is_neither_run_nor_asked_for(tiny_base, tmp_path, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    (tiny_base / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass C: pass\n")
    config = json.loads((tiny_base / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.C", "AutoModel": "evil.C"}}
    (tiny_base / "config.json").write_text(json.dumps(config))
    assert "cannot open the model" in refused(tiny_base)
    assert not (tmp_path / "ran").exists()


def test_weights_of_another_shape(tiny_base):
    config = json.loads((tiny_base / "config.json").read_text())
    (tiny_base / "config.json").write_text(json.dumps({**config, "intermediate_size": 8}))
    assert "do config, weights and tokenizer belong together?" in refused(tiny_base)


def test_a_tokenizer_with_more_pieces_than_the_model(tiny_base, tokenizer):
    from transformers import XLMRobertaForMaskedLM

    model = XLMRobertaForMaskedLM.from_pretrained(tiny_base)
    model.resize_token_embeddings(len(tokenizer) - 3)
    model.save_pretrained(tiny_base)
    rows = len(tokenizer) - 3
    assert f"has {len(tokenizer)} pieces, the model {rows} embeddings" in refused(tiny_base)
