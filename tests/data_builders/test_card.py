"""Whatever the README.md of a dataset folder has become: it is taken in, or one line says so."""

import pytest
from datasets import load_dataset

from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.dataset.card import MOST_BYTES
from translit_ppa.data_builders.errors import DataError


def build(tmp_path, rows=20):
    (tmp_path / "text").mkdir(exist_ok=True)
    lines = "".join(f"ሰላም {i}\n" for i in range(rows))
    (tmp_path / "text" / "amh_Ethi.txt").write_text(lines, encoding="utf-8")
    build_pairs(
        "mediterranean",
        f"files:{tmp_path / 'text'}",
        tmp_path / "out",
        transliterator="identity",
        progress=False,
    )
    return tmp_path / "out"


def front(yaml):
    return f"---\n{yaml}\n---\nmy words\n"


TAKEN = {
    "empty": "",
    "no front matter": "my words\n",
    "not closed": "---\nconfigs:\n",
    "null": front("null"),
    "others": front("license: mit\nconfigs: []\ndataset_info: {}"),
    "configs null": front("configs: null"),
    "dataset_info text": front("dataset_info: abc"),
}
REFUSED = {
    "list": front("- a"),
    "number": front("3"),
    "text": front("abc"),
    "broken": front("a: ["),
    "tag": front("a: !!python/object/apply:os.getcwd []"),
    "deep": front("a: " + "[" * 100_000),
    "control": front("a: \x01"),
    "digits": front("a: " + "1" * 5000),
    "configs number": front("configs: 3"),
    "configs of numbers": front("configs: [3]"),
    "configs of null": front("configs: [null]"),
    "config without a name": front("configs: [{}]"),
    "config of another kind of name": front("configs: [{config_name: [a]}]"),
    "data_files": front("configs: [{config_name: a, data_files: 3}]"),
    "infos of numbers": front("dataset_info: [3]"),
    "features": front("dataset_info: {features: 3}"),
    "splits": front("dataset_info: {config_name: mediterranean, splits: [3]}"),
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_card_that_is_taken_in(tmp_path, case):
    out = build(tmp_path)
    (out / "README.md").write_text(TAKEN[case])
    build(tmp_path, rows=30)
    found = load_dataset(str(out), "mediterranean", cache_dir=str(tmp_path / "cache"))
    assert sum(map(len, found.values())) == 30
    text = (out / "README.md").read_text()
    assert "my words" in text or "my words" not in TAKEN[case]
    assert "license: mit" in text or case != "others"


@pytest.mark.parametrize("case", REFUSED)
def test_a_card_that_is_refused(tmp_path, case):
    out = build(tmp_path)
    (out / "README.md").write_text(REFUSED[case])
    before = {path: path.read_bytes() for path in (out / "mediterranean").iterdir()}
    with pytest.raises(DataError, match="its YAML cannot be read") as caught:
        build(tmp_path, rows=30)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    assert (out / "README.md").read_text() == REFUSED[case]
    assert before == {path: path.read_bytes() for path in (out / "mediterranean").iterdir()}


def test_a_card_that_is_no_file(tmp_path):
    out = build(tmp_path)
    (out / "README.md").unlink()
    (out / "README.md").mkdir()
    with pytest.raises(DataError, match="is no regular file"):
        build(tmp_path, rows=30)
    (out / "README.md").rmdir()
    with (out / "README.md").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(DataError, match="longer than"):
        build(tmp_path, rows=30)
