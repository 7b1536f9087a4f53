"""A base with pieces for romanised words, through the command."""

from __future__ import annotations

from transformers import AutoTokenizer, XLMRobertaForMaskedLM

from corridor_examples import WORDS, write_pairs
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
