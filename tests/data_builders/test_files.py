"""Reading text files: formats, headers, odd bytes, ids, ready pairs."""

import gzip
import os
import tracemalloc
from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import Language
from translit_ppa.data_builders.reading.recognise import recognise
from translit_ppa.data_builders.reading.rows import Columns
from translit_ppa.data_builders.sentences.filters import normalise
from translit_ppa.data_builders.sources.registry import iter_sentences, parse_source
from translit_ppa.data_builders.text_file import read_text

AMH = Language("amh", "Ethi")


def texts(path, **columns):
    return [row.text for row in recognise(path, Columns(**columns)).read()]


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
    assert texts(write(tmp_path / "tab.txt", "a\tb\nc\n")) == ["a\tb", "c"]


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
    alone = write(tmp_path / "c.csv", "None\nnan\n")
    assert texts(alone, text="0") == ["None", "nan"]
    with pytest.raises(DataError, match="begins with 'None': if that names its only column"):
        texts(alone)


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet.gz"])
def test_parquet(tmp_path, name):
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"id": [1, 2, 3], "text": pa.array(["x", None, "NA"]).dictionary_encode()}), path
    )
    if name.endswith(".gz"):
        path = write(tmp_path / name, gzip.compress(path.read_bytes()))
    assert texts(path) == ["x", None, "NA"]
    assert [row.id for row in recognise(path, Columns(with_id=True)).read()] == ["1", "2", "3"]
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


def refused(path, told, **columns):
    """Read in vain, within 100 MiB of Python objects."""
    tracemalloc.start()
    with pytest.raises(DataError, match=told) as caught:
        for _ in recognise(path, Columns(**columns)).read():
            pass
    assert tracemalloc.get_traced_memory()[1] < 100 << 20
    tracemalloc.stop()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.txt.gz", "a.csv.gz", "a.tsv.gz"])
def test_a_bomb_is_refused_in_bounded_memory(tmp_path, name):
    zeros = gzip.compress(bytes(200 << 20), 1)
    refused(write(tmp_path / name, zeros), "a line of more than 16,777,216 bytes", text="0")
    lines = gzip.compress((b"a" * 65535 + b"\n") * 1600, 9)
    assert len(lines) < 1 << 18
    refused(
        write(tmp_path / name, lines), "unpacks to more than 67,108,864 bytes, 200 times", text="0"
    )


def test_a_parquet_bomb_and_a_line_without_end(tmp_path):
    packed = gzip.compress(bytes(100 << 20))
    refused(write(tmp_path / "a.parquet.gz", packed), "unpacks to more than")
    refused(write(tmp_path / "a.txt", b"x" * (17 << 20)), "a line of more than")
    refused(
        write(tmp_path / "a.csv", b'"' + (b"x" * 65535 + b"\n") * 300),
        "field larger than field limit",
    )


@pytest.mark.timeout(20)
def test_a_pipe_is_refused_unopened(tmp_path):
    for name in ("amh_Ethi.txt", "pairs.csv", "a.parquet"):
        os.mkfifo(tmp_path / name)
        refused(tmp_path / name, f"{name} is no regular file")
        with pytest.raises(DataError, match="no regular file"):
            parse_source(f"files:{tmp_path / name}")


@pytest.mark.parametrize("at", [2, 12, 40, -6, -2])
@pytest.mark.parametrize("name", ["a.csv.gz", "amh_Ethi.txt.gz", "a.parquet.gz"])
def test_a_flipped_byte_in_gz_is_one_line_or_none(tmp_path, name, at):
    if name == "a.parquet.gz":
        pq.write_table(pa.table({"text": ["x"] * 50}), tmp_path / "whole")
        content = (tmp_path / "whole").read_bytes()
    else:
        content = "".join(f"text {i * i}\n" for i in range(500)).encode()
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[at] ^= 0x55
    path = write(tmp_path / name, bytes(packed))
    for read in (lambda: texts(path, text="0"), lambda: parse_source(f"files:{path}")):
        with suppress(DataError):
            read()


@pytest.mark.parametrize(
    "values",
    [
        pa.array([b"\xff", b"a"]),
        pa.array([[1], [2]]),
        pa.array([{"a": 1}, {"a": 2}]),
        pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
        pa.array([1.5, 2.5]),
    ],
)
def test_ids_of_parquet_are_text_or_numbers(tmp_path, values):
    pq.write_table(pa.table({"id": values, "text": ["x", "y"]}), tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "column 'id' is .*; legal is string or a", with_id=True)
    assert texts(tmp_path / "a.parquet") == ["x", "y"]


def test_a_doubled_column_is_refused(tmp_path):
    table = pa.Table.from_arrays([pa.array(["x"]), pa.array(["y"])], names=["text", "text"])
    pq.write_table(table, tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "2 columns are named 'text'")
    refused(write(tmp_path / "a.tsv", "text\ttext\nx\ty\n"), "2 columns are named 'text'")
    assert texts(tmp_path / "a.tsv", text="1") == ["y"]


@pytest.mark.parametrize("column", ["٣", "1" * 5000, "+1", "1_0"])
def test_positions_are_plain_digits(tmp_path, column):
    refused(write(tmp_path / "a.tsv", "a\tb\n"), "no column", text=column)


def test_a_name_that_is_no_utf8_is_written_with_escapes(tmp_path):
    folder = os.fsencode(tmp_path) + b"/te\xffxt"
    os.mkdir(folder)
    for name in (b"amh_Ethi.txt", b"b\xfe.txt"):
        with open(folder + b"/" + name, "w", encoding="utf-8") as file:
            file.write("ሰላም\n" * 9)
    record = build_pairs(
        "mediterranean",
        "files:" + os.fsdecode(folder),
        tmp_path / "out",
        transliterator="identity",
        progress=False,
    )
    assert record["source"].startswith("files:te\\xffxt@")
    assert record["skipped_files"] == ["b\\xfe.txt"]
    pairs = os.fsencode(tmp_path) + b"/p\xff.csv"
    with open(pairs, "w", encoding="utf-8") as file:
        file.write("text,transliteration\nሰላም,salam\n")
    source = parse_source("files:" + os.fsdecode(pairs))
    assert [row.origin for row in source.sentences(AMH)] == ["files:p\\xff.csv"]


def test_a_small_file_takes_little_memory_whatever_the_limit(tmp_path):
    path = write(tmp_path / "ids.txt", "1\n2\n")
    tracemalloc.start()
    try:
        assert read_text(path) == "1\n2\n"
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    with pytest.raises(DataError, match="is longer than 3 bytes, the limit"):
        read_text(path, most=3)
