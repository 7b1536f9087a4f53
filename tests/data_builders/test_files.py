"""Reading text files: formats, headers, odd bytes, ids, ready pairs."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import Language
from translit_ppa.data_builders.sentences.filters import normalise
from translit_ppa.data_builders.sources.readers import Columns, read_rows
from translit_ppa.data_builders.sources.registry import iter_sentences, parse_source

AMH = Language("amh", "Ethi")


def texts(path, **columns):
    return [row.text for row in read_rows(path, Columns(**columns))]


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_plain_text_lines(tmp_path):
    content = "\ufeffNA\r\nnull\r\na\\b\r\nx\u2028y\x0bz\r\n\r\nlast"
    assert texts(write(tmp_path / "a.txt", content)) == [
        "NA",
        "null",
        "a\\b",
        "x\u2028y\x0bz",
        "",
        "last",
    ]
    assert texts(write(tmp_path / "empty.txt", "")) == []
    assert texts(write(tmp_path / "tab.txt", "a\tb\n")) == ["a\tb"]


def test_bytes_that_are_not_utf8_become_surrogates_and_nul_and_long_lines_pass(tmp_path):
    rows = texts(write(tmp_path / "a.txt", b"ok\n\xed\xa0\x80\na\0b\n" + b"x" * 2**20 + b"\n"))
    assert rows[0] == "ok"
    assert rows[1] == "\udced\udca0\udc80"
    assert rows[2] == "a\0b"
    assert len(rows[3]) == 2**20
    with pytest.raises(DataError, match="UTF-16; save it as UTF-8"):
        texts(write(tmp_path / "b.txt", "x".encode("utf-16")))


def test_normalise():
    assert normalise(" a\u2028b\0c\x85d\ufeff\u00a0e\u0301 \u202dx\x1f\n") == "a bc d é x"
    assert normalise("می\u200cشود") == "می\u200cشود"
    assert normalise("  a \t b ") == "a b"
    assert normalise("NA") == "NA"


def test_headers_and_columns(tmp_path):
    tsv = write(tmp_path / "a.tsv", "01\tone\n02\ttwo\n\n03\n")
    assert texts(tsv, text="1") == ["one", "two", "", None]
    with pytest.raises(DataError, match=r"has 2 columns .* --text-column NAME or INDEX"):
        texts(tsv)
    with pytest.raises(DataError, match="column 7 of 2; legal are 0 to 1"):
        texts(tsv, text="7")
    named = write(tmp_path / "b.csv", 'id,Text\n1,"a, ""b"""\n2,NA\n3,"two\nlines"\n')
    assert texts(named) == texts(named, text="text") == ['a, "b"', "NA", "two\nlines"]
    with pytest.raises(DataError, match="no column 'body'; the first row is: id, text"):
        texts(named, text="body")
    assert texts(write(tmp_path / "c.csv", "None\nnan\n")) == ["None", "nan"]


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet.gz"])
def test_parquet(tmp_path, name):
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"id": [1, 2, 3], "text": pa.array(["x", None, "NA"]).dictionary_encode()}), path
    )
    if name.endswith(".gz"):
        path = write(tmp_path / name, gzip.compress(path.read_bytes()))
    assert texts(path) == ["x", None, "NA"]
    assert [row.id for row in read_rows(path, Columns(with_id=True))] == ["1", "2", "3"]
    with pytest.raises(DataError, match="column 'id' is int64; legal is string"):
        texts(path, text="id")


def test_broken_files_are_named(tmp_path):
    with pytest.raises(DataError, match=r"cannot read a\.txt\.gz"):
        texts(write(tmp_path / "a.txt.gz", gzip.compress(b"x" * 1000)[:-9]))
    with pytest.raises(DataError, match=r"cannot read b\.parquet"):
        texts(write(tmp_path / "b.parquet", b"not parquet at all"))


def test_folder_finds_aliases_and_lists_the_rest(tmp_path):
    write(tmp_path / "pes_Arab.txt.gz", gzip.compress("سلام\n".encode()))
    write(tmp_path / "AMH.tsv", "ሰላም\n")
    write(tmp_path / "tha_Thai.txt", "x\n")
    write(tmp_path / "notes.md", "x\n")
    source = parse_source(f"files:{tmp_path}")
    assert [s.text for s in iter_sentences("fa", source)] == ["سلام"]
    assert next(iter_sentences("amh_Ethi", source)).origin == "files:AMH.tsv"
    assert source.skipped(["fas_Arab", "amh_Ethi"]) == ["notes.md", "tha_Thai.txt"]
    with pytest.raises(DataError, match="ell_Grek: no file"):
        list(iter_sentences("el", source))


def test_ids(tmp_path):
    write(tmp_path / "amh_Ethi.tsv", "01\ta\n02\tb\n03\tc\n")
    ids = write(tmp_path / "ids.lst", "02\r\n09\tnote\r\n")
    source = parse_source(f"files:{tmp_path}", text_column="1", exclude_ids=ids)
    assert [(s.text, s.drop) for s in source.sentences(AMH)] == [
        ("a", None),
        ("b", "excluded_id"),
        ("c", None),
    ]
    source = parse_source(f"files:{tmp_path}", text_column="1", include_ids=ids)
    assert [s.drop for s in source.sentences(AMH)] == ["not_included_id", None, "not_included_id"]
    source = parse_source(f"files:{tmp_path}", text_column="0", exclude_ids=ids)
    with pytest.raises(DataError, match="has no id column"):
        list(source.sentences(AMH))


def test_ready_pairs_of_the_authors_get_single_backslashes_back(tmp_path):
    path = write(tmp_path / "amh_Ethi.csv", 'text,transliteration\na\\\\b,"A, \\\\"\nNA,null\n')
    source = parse_source(f"files:{tmp_path}")
    assert source.ready_pairs
    assert [(s.text, s.transliteration) for s in source.sentences(AMH)] == [
        ("a\\b", "A, \\"),
        ("NA", "null"),
    ]
    write(path, "text,transliteration\na\\\\b,x\nc\\d,y\n")
    assert [s.text for s in parse_source(f"files:{tmp_path}").sentences(AMH)] == ["a\\\\b", "c\\d"]


def test_any_two_columns_are_ready_pairs(tmp_path):
    write(tmp_path / "amh_Ethi.tsv", "salam\tሰላም\n")
    source = parse_source(f"files:{tmp_path}", text_column="1", transliteration_column="0")
    row = next(source.sentences(AMH))
    assert (source.ready_pairs, row.text, row.transliteration) == (True, "ሰላም", "salam")


@pytest.mark.parametrize(
    ("spec", "options", "message"),
    [
        ("web", {}, "legal are cldr, hub, hub:ORG/NAME and files:DIR"),
        ("files", {}, "legal are cldr"),
        ("files:/no/such/folder", {}, "no file or folder"),
        ("cldr:x", {}, "cldr takes nothing after it"),
        ("cldr", {"text_column": "text"}, "--text-column means nothing for --source cldr"),
        ("hub", {"exclude_ids": "x"}, "--exclude-ids means nothing for --source hub"),
        ("hub", {"hub_config": "{lang}"}, "legal are a config name or a pattern"),
    ],
)
def test_wrong_sources(spec, options, message):
    with pytest.raises(DataError, match=message):
        parse_source(spec, **options)


def test_folder_without_languages(tmp_path):
    write(tmp_path / "notes.md", "x")
    with pytest.raises(DataError, match="no file named by a language"):
        parse_source(f"files:{tmp_path}")
    write(tmp_path / "lines.txt", "x")
    with pytest.raises(DataError, match="a single file is either named by its language"):
        parse_source(f"files:{tmp_path / 'lines.txt'}")
