"""CoNLL-U: ids, heads, fused tokens."""

import pytest

from translit_ppa.data_builders.benchmarks.labelled.conllu import fuse, read_conllu
from translit_ppa.data_builders.errors import DataError


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "number", ["x", "²", "1-", "-1", "1-2-3", "٣", "99999", "1-9999", "3-2", "9" * 5000, "", "1."]
)
def test_an_id_of_conllu_that_is_none(tmp_path, number):
    path = tmp_path / "a.conllu"
    path.write_text("\t".join([number, "a", "_", "X", *"__0___"]) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"line 1: id .*; legal are N, N-M and N\.M"):
        read_conllu(path)


def test_a_head_that_is_none_is_the_root(tmp_path):
    rows = [("1-2", "ab", "_", "_"), ("1", "a", "X", "²"), ("2", "b", "NOUN", "1" * 5000)]
    lines = ["\t".join([n, f, "_", t, "_", "_", h, "_", "_", "_"]) for n, f, t, h in rows]
    (tmp_path / "a.conllu").write_text("\n".join(lines), encoding="utf-8")
    (sentence,) = read_conllu(tmp_path / "a.conllu")
    assert [token.head for token in sentence] == [0, 0, 0]
    assert fuse(sentence) == [("ab", "NOUN")]


@pytest.mark.parametrize(("fused", "form"), [("1-2", "ab"), ("2-3", ""), ("1-3", "_")])
def test_a_fused_token_whose_words_are_not_there(tmp_path, fused, form):
    rows = [(fused, form), ("1", "a"), ("3", "b")]
    path = tmp_path / "a.conllu"
    path.write_text("".join("\t".join([n, f, *"_X__0___"]) + "\n" for n, f in rows), "utf-8")
    with pytest.raises(DataError, match=rf"in line 3 the token {fused} '{form}' fuses words"):
        read_conllu(path)
