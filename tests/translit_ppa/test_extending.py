"""A base with pieces for romanised words, through the command."""

from __future__ import annotations

import numpy as np
import pytest
from transformers import AutoModelForMaskedLM, AutoTokenizer, XLMRobertaForMaskedLM

from corridor_examples import WORDS, train, train_words, write_pairs
from deberta_models import save_deberta
from modernbert_models import save_modernbert
from translit_ppa.command_line import main
from translit_ppa.modeling import SentenceEncoder


def test_the_command_writes_a_base_that_reads_originals_as_before(tiny_base, tmp_path, capsys):
    pairs = write_pairs(tmp_path / "data")
    words = ["extend-vocabulary", str(tiny_base), str(pairs), str(tmp_path / "out")]
    assert main([*words, "--count", "12"]) == 0
    shown = capsys.readouterr().out
    assert "vocabulary: 6 pieces added to 160 (12 learnt; " in shown
    assert f"wrote {tmp_path / 'out'}" in shown
    old, new = (AutoTokenizer.from_pretrained(folder) for folder in (tiny_base, tmp_path / "out"))
    originals = [original for original, _ in WORDS.values()]
    assert new(originals)["input_ids"] == old(originals)["input_ids"]
    latin = [latin for code, (_, latin) in WORDS.items() if not code.endswith("Latn")]
    assert sum(map(len, new(latin)["input_ids"])) < sum(map(len, old(latin)["input_ids"]))
    model = XLMRobertaForMaskedLM.from_pretrained(tmp_path / "out")
    assert model.config.vocab_size == len(new) == len(old) + 6
    one, other = (
        SentenceEncoder.from_pretrained(str(folder)).encode(originals)
        for folder in (tiny_base, tmp_path / "out")
    )
    assert (one == other).all()
    assert main(words) == 2
    assert "is there already" in capsys.readouterr().err


def names(folder, texts):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return [tokenizer.convert_ids_to_tokens(ids) for ids in tokenizer(texts)["input_ids"]]


@pytest.mark.parametrize(
    ("kind", "init", "bias"),
    [("gemma-like", "mean", True), ("byte-level", "focus", True), ("byte-level", "mean", False)],
)
def test_a_modernbert_is_extended_trimmed_trained_and_restored(kind, init, bias, tmp_path, capsys):
    save_modernbert(tmp_path / "base", kind, biased=bias)
    pairs = write_pairs(tmp_path / "data")
    words = ["extend-vocabulary", str(tmp_path / "base"), str(pairs), str(tmp_path / "long")]
    assert main([*words, "--count", "12", "--init", init]) == 0
    assert ("begun at pieces in like places" in capsys.readouterr().out) is (init == "focus")
    originals = [original for original, _ in WORDS.values()]
    words = [latin.split() for code, (_, latin) in WORDS.items() if not code.endswith("Latn")]
    latin = [" ".join(reversed(row)) for row in words]  # pieces may reach across words
    assert names(tmp_path / "long", originals) == names(tmp_path / "base", originals)
    shorter, longer = (sum(map(len, names(tmp_path / n, latin))) for n in ("long", "base"))
    assert shorter < longer
    vectors = [
        SentenceEncoder.from_pretrained(str(tmp_path / n)).encode(originals)
        for n in ("base", "long")
    ]
    assert np.array_equal(*vectors)
    model = AutoModelForMaskedLM.from_pretrained(tmp_path / "long")
    assert (model.decoder.bias is not None) is bias
    assert model.decoder.weight is model.get_input_embeddings().weight
    if not bias:
        return
    run = train_words(tmp_path / "long", pairs, tmp_path / "run", "--trim-vocabulary")
    assert train([*run, "--max-steps", "1", "--objectives", "mlm"]) == 0
    restore = ["restore-vocabulary", *(str(tmp_path / n) for n in ("run", "long", "whole"))]
    assert main(restore) == 0
    texts = [f"{text} 3" for pair in WORDS.values() for text in pair]  # as the pairs have them
    for name in ("run", "whole"):
        assert names(tmp_path / name, texts) == names(tmp_path / "long", texts)


def test_tokens_behind_the_vocabulary_keep_their_places(tmp_path):
    """mDeBERTa has `[MASK]` there."""
    save_deberta(tmp_path / "base")
    pairs = write_pairs(tmp_path / "data")
    words = ["extend-vocabulary", str(tmp_path / "base"), str(pairs), str(tmp_path / "long")]
    assert main([*words, "--count", "12"]) == 0
    old, new = (AutoTokenizer.from_pretrained(tmp_path / name) for name in ("base", "long"))
    assert old.mask_token_id == new.mask_token_id == len(old) - 1 < len(new) - 1
    text = "Ελλάδα [MASK] MASK ] [ Τουρκία"
    assert new(text)["input_ids"] == old(text)["input_ids"]
    assert new.mask_token_id in new(text)["input_ids"]
    vectors = [
        SentenceEncoder.from_pretrained(str(tmp_path / n)).encode([text]) for n in ("base", "long")
    ]
    assert np.array_equal(*vectors)
